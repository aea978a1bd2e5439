//===- CodedValue.h - reals that are affine in integer codes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one form in which passes know that reals are codes, and the laws of
// arithmetic on it.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODEDVALUE_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODEDVALUE_H

#include "CodeBuilder.h"
#include "ConstantEvaluator.h"

namespace mlir::dorefa {

/// Reals `(step*q - zero) * scale`, q the element of `codes`. Contractions read
/// them so; elementwise ops read the float value that the model declares, which
/// may differ in its last bits.
struct CodedValue {
  /// A tensor of codes, or a constant tensor of whole numbers.
  Value codes;
  /// Scales and zero points: one, or one an element of dimension `axis`.
  SmallVector<float, 1> scale;
  SmallVector<int64_t, 1> zero;
  int64_t axis = 0;
  int64_t step = 1;
  /// The op whose result this value is, if the declared value is exactly that
  /// of `dorefa.dequantize`.
  DequantizeOp exact;

  bool isUniform() const { return scale.size() == 1 && zero.size() == 1; }
  float getScale(int64_t i) const { return scale[scale.size() == 1 ? 0 : i]; }
  int64_t getZero(int64_t i) const { return zero[zero.size() == 1 ? 0 : i]; }
  /// Number of different pairs of scale and zero point.
  int64_t getChannels() const { return std::max(scale.size(), zero.size()); }
  /// Joins equal scales, and equal zero points, into one.
  void shrink();
};

/// What `value` codes after a constant factor: each scale times (or, with
/// `isDivision`, divided by) the factor, rounded. Nothing if the law makes the
/// result real.
std::optional<CodedValue> scaleCodes(const CodedValue &value,
                                     const AxisVector<float> &factor,
                                     bool isDivision);

/// What `value` codes after adding a constant (subtracting it, with
/// `isSubtraction`).
std::optional<CodedValue> shiftCodes(const CodedValue &value,
                                     const AxisVector<float> &addend,
                                     bool isSubtraction);

/// Integers from `low` to `high`, times the scale of their channel.
struct ShiftedIntegers {
  SmallVector<float, 1> scale;
  int64_t axis = 0;
  int64_t low = 0, high = 0;
};

/// What `value` stands for after adding (or subtracting) a constant that varies
/// along any dimensions, or that leaves quarters of codes.
std::optional<ShiftedIntegers> shiftElements(const CodedValue &value,
                                             const ConstantTensor &addend,
                                             bool isSubtraction,
                                             ConstantEvaluator &evaluator);

/// Moves scales and zero points to where the shape op `op` puts the codes of
/// its operand. False if they then vary along more than one dimension. Leaves
/// `codes` alone.
bool moveThroughShapeOp(Operation *op, CodedValue &value,
                        ConstantEvaluator &evaluator);

/// The narrowest constant codes for the integers that constant codes stand for;
/// nothing if they need more than 32 bits. Zero points may vary along dimension
/// `zeroAxis` alone, if there is one.
std::optional<CodedValue> narrowConstant(OpBuilder &builder, Location loc,
                                         const CodedValue &value,
                                         const ConstantTensor &codes,
                                         std::optional<int64_t> zeroAxis);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODEDVALUE_H
