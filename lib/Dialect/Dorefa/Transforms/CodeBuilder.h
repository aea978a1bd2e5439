//===- CodeBuilder.h - quantizers and dequantizers of a rewrite ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the recognising passes build, and the name of a model's value that goes
// along with the codes that stand for it.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODEBUILDER_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODEBUILDER_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/Builders.h"

namespace mlir::dorefa {

/// The attribute that names the ONNX value which an op computes.
constexpr llvm::StringLiteral valueNameAttr = "dorefa.value";

/// Gives `to` the ONNX value's name that `from` has, if any.
void copyValueName(Operation *from, Operation *to);

/// A quantizer whose codes are clamped to [low, high], of the narrowest code
/// type.
QuantizeOp createQuantize(OpBuilder &builder, Location loc, Value input,
                          Rounding rounding, int64_t low, int64_t high);

/// `dorefa.dequantize` with constant scales and zero points: one each, or one
/// an element of `axis`.
DequantizeOp createDequantize(OpBuilder &builder, Location loc, Value codes,
                              ArrayRef<float> scale, ArrayRef<int64_t> zero,
                              int64_t axis, int64_t step);

/// A constant of rank 0 or, with several values, of rank 1.
Value createVector(OpBuilder &builder, Location loc, ArrayRef<float> values);

/// `values` as tensor of reals of `type`: one for all elements, or one an
/// element of dimension `axis`.
Value createAlong(OpBuilder &builder, Location loc, ArrayRef<float> values,
                  int64_t axis, RankedTensorType type);

/// `type` with the element type and encoding of `elements`.
RankedTensorType withElementsOf(Type type, Type elements);

/// The integers `step*q + offset` of codes q as codes of the type `code`, which
/// holds them all: they are read as reals, and these rounded. Null if binary32
/// does not hold them.
Value recode(Value codes, int64_t step, int64_t offset, CodeAttr code);

/// The same codes as tensor of another code type that holds them all, by
/// rebuilding what computes them where that can be done; null if binary32 does
/// not hold them.
Value widenCodes(Value codes, CodeAttr code);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODEBUILDER_H
