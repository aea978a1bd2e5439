//===- ExactOperand.h - the integers behind a real operand ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The view of a dequantized operand that contractions, pools and reductions
// share.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_INTERPRETER_EXACTOPERAND_H
#define DOREFA_LIB_INTERPRETER_EXACTOPERAND_H

#include "Operations.h"

namespace mlir::dorefa::interpreter {

/// `step * q - zero` for each code; `zeros` has one element or one a position
/// of dimension `axis`.
std::vector<int64_t> getIntegers(const Tensor &codes, int64_t step,
                                 ArrayRef<int64_t> zeros, int64_t axis);

/// Emits an error if the integer sum of a coded contraction may need more than
/// 62 bits.
LogicalResult checkSum(Operation *contraction);

/// An operand of a coded contraction: a result of `dorefa.dequantize`.
class ExactOperand {
public:
  ExactOperand(Value operand, const Environment &env);

  /// What the codes stand for, before the scale.
  ArrayRef<int64_t> getIntegers() const { return integers; }

  /// The scale of the element at `index`, whose contracted dimensions may be
  /// any position of the sum.
  float getScale(ArrayRef<int64_t> index) const;

  /// The sum of `elements`, which is exact, times the scale at `index`.
  float getScaledSum(ArrayRef<int64_t> elements,
                     ArrayRef<int64_t> index) const;

private:
  std::vector<int64_t> integers;
  Tensor scale;
  int64_t axis;
};

} // namespace mlir::dorefa::interpreter

#endif // DOREFA_LIB_INTERPRETER_EXACTOPERAND_H
