//===- LayerProduct.h - contractions as products of a layer -----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A contraction of the graph becomes one product of a layer: of codes where the
// law says so, else of reals. A matrix product with constant weights is a
// convolution without spatial dimensions; behind a flatten it is a convolution
// whose kernel is the image, so that nobody has to flatten codes.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERPRODUCT_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERPRODUCT_H

#include "LayerConstants.h"
#include "mlir/IR/Builders.h"

namespace mlir::dorefa {

/// One product of a layer, before the layer is built.
struct LayerProduct {
  Operation *contraction = nullptr;
  ProductAttr product;
  /// The graph's input in the shape in which the layer takes it. A new op, so
  /// that the input has a use that follows when the input is replaced.
  ReshapeOp input;
  Value weight;
  /// The shape of the result, which may differ from the contraction's by
  /// dimensions of extent 1.
  SmallVector<int64_t> shape;
  bool isCoded = false;
  /// `i32` or `i64` for codes, `f32` for reals.
  Type accumulator;
  /// What the accumulator is multiplied with: a constant of rank 0 or 1; null
  /// for reals.
  DenseElementsAttr scale;
  /// What the value is divided by, for averages: a constant of rank 0 or of
  /// `shape`; else null.
  DenseElementsAttr divisor;
};

/// The product that `contraction` is, or why it is none. New constants are
/// built in front of it.
FailureOr<LayerProduct> getLayerProduct(Operation *contraction,
                                        std::string &reason);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERPRODUCT_H
