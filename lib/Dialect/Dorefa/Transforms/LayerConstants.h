//===- LayerConstants.h - constants seen from a layer -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A layer takes a constant as one value, as one value a channel, or as a
// tensor of its own shape. These functions evaluate what stands for a constant
// in the graph (broadcasts, reshapes and dequantizes of constants) and say
// which of the three it is.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCONSTANTS_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCONSTANTS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace mlir::dorefa {

/// Whether `value` is a constant that the functions below can evaluate.
bool isConstant(Value value);

/// The elements of a constant, looking through broadcasts, reshapes and
/// dequantizes of constants; null if `value` is none.
DenseElementsAttr getConstantElements(Value value);

/// The elements of a binary32 tensor, or null. For dequantize's scales and the
/// like, which have few elements.
std::optional<SmallVector<float>> getConstantFloats(Value value);

/// The elements of a tensor of integers or codes, decoded; or nothing.
std::optional<SmallVector<int64_t>> getConstantIntegers(Value value);

/// A tensor of binary32 elements: of rank 0 for one value, else of rank 1.
DenseElementsAttr getFloatElements(MLIRContext *context,
                                   ArrayRef<float> values);

/// Repeats a constant of one element, or of one a channel of dimension `axis`,
/// to `shape`.
DenseElementsAttr expandAlong(DenseElementsAttr elements,
                              ArrayRef<int64_t> shape, int64_t axis);

/// What a constant with the number of elements of a layer's shape looks like
/// from the layer: an element of rank 0 if all are equal, one element a channel
/// (dimension 1) if that is all it varies along, else the whole tensor.
DenseElementsAttr reduceToLayer(DenseElementsAttr elements,
                                ArrayRef<int64_t> layerShape);

/// The transpose of a matrix; a splat stays one.
DenseElementsAttr transposeMatrix(DenseElementsAttr elements, int64_t rows,
                                  int64_t columns);

/// The values of batch normalization's factor and addend, evaluated in binary64
/// and rounded once each.
struct BatchNormConstants {
  SmallVector<float> factor, addend;
};
std::optional<BatchNormConstants> getBatchNormConstants(BatchNormOp op);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCONSTANTS_H
