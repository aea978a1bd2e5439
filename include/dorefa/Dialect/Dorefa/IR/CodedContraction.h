//===- CodedContraction.h - which contractions are exact ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one place that decides whether the value of a contraction is defined by
// the exact integer sum of its codes or by a chain of binary32 operations. The
// interpreter, which is the definition, and the compiler both ask here.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_CODEDCONTRACTION_H
#define DOREFA_DIALECT_DOREFA_IR_CODEDCONTRACTION_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <optional>
#include <string>

namespace mlir::dorefa {

/// The codes that a contraction sums, and the integers that they stand for:
/// code q of position i along `axis` stands for `step*q - zero[i]`.
struct CodedOperand {
  DequantizeOp dequantize;
  int64_t step = 1;
  /// The dimension of the operand along which zero points and scales vary.
  int64_t axis = 0;
  /// One zero point, or one an element of `axis`; empty if not constant.
  SmallVector<int64_t, 1> zero;
  /// The scale that leaves the contraction: one, or one an element of dimension
  /// `resultAxis` of the result; empty if not constant.
  SmallVector<float, 1> resultScale;
  int64_t resultAxis = 0;
  /// The range of the integers, over all codes and zero points.
  int64_t low = 0, high = 0;

  Value getCodes() const { return dequantize->getOperand(0); }
};

/// A contraction on codes: its value is `fl(fl(D) * scale)`, D the exact sum.
struct CodedContraction {
  /// Input and weights (or lhs and rhs); one for pools and reductions.
  SmallVector<CodedOperand, 2> operands;
  /// How many integers are summed at most.
  int64_t terms = 1;

  /// Bits that always hold the sum: the widths of the operands' ranges and
  /// ceil(log2(terms)). More than 31 need int64, more than 62 are refused.
  unsigned getSumBits() const;
  bool needsInt64() const { return getSumBits() > 31; }
  bool fits() const { return getSumBits() <= 62; }

  /// The scale of the result, one or one an element of its dimension `axis`,
  /// each `fl(input scale * weight scale)`; nothing if it varies along another
  /// dimension or is not constant.
  std::optional<SmallVector<float>> getScale(int64_t axis) const;
};

/// The attribute of a contraction that says why it runs in float although its
/// operands are coded.
constexpr llvm::StringLiteral floatReasonAttr = "dorefa.float_reason";

/// What the contraction `op` sums if it is contracted on codes. That holds for
///
/// - `dorefa.conv` and `dorefa.matmul`, if both operands are results of
///   `dorefa.dequantize`;
/// - `dorefa.pool` with `sum` or `average` and `dorefa.reduce` with `sum` or
///   `mean`, if the operand is,
///
/// and every scale is one constant along each contracted dimension (in a
/// grouped convolution: inside each group of input channels). A scale with one
/// element a channel meets that where the channels are not contracted, or where
/// it is a constant with equal elements. If not, `reason` (where given) says
/// why, as the end of a sentence.
std::optional<CodedContraction>
getCodedContraction(Operation *op, std::string *reason = nullptr);

/// Whether `op` is contracted on codes.
bool isCodedContraction(Operation *op);

/// Whether `op` is of a kind that can be contracted on codes.
bool isContraction(Operation *op);

/// The operands of the contraction `op` that can be codes.
SmallVector<OpOperand *, 2> getContractedOperands(Operation *op);

/// What a user calls operand `index` of a contraction.
StringRef getOperandName(Operation *op, unsigned index);

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_IR_CODEDCONTRACTION_H
