//===- EpilogueMonotonicity.h - how epilogues grow --------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What FoldThresholds needs to replace a scan by a binary search: a proof that
// an epilogue rises or falls with its accumulator.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEMONOTONICITY_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEMONOTONICITY_H

#include "EpilogueEvaluator.h"

namespace mlir::dorefa {

/// How a value depends on the accumulator: what is known, none or several.
struct Trend {
  bool isIncreasing = false, isDecreasing = false, isConstant = false;

  static Trend increasing() { return {true, false, false}; }
  static Trend constant() { return {true, true, true}; }
  Trend flipped() const { return {isDecreasing, isIncreasing, isConstant}; }
  /// Of a value that grows with each of two others.
  Trend with(Trend other) const {
    return {isIncreasing && other.isIncreasing,
            isDecreasing && other.isDecreasing,
            isConstant && other.isConstant};
  }
};

/// The trend of each slot of the evaluator's channel over [low, high], weakly.
/// It is proved op by op: an operation that is monotone over the reals stays so
/// when its result is rounded correctly. Where an op has no proof, its result
/// has no trend.
SmallVector<Trend> getTrends(EpilogueEvaluator &evaluator, int64_t low,
                             int64_t high);

/// The smallest accumulator of [low, high] at which `isReached` holds, where it
/// holds from one point on; high + 1 if it holds nowhere.
int64_t findFirst(int64_t low, int64_t high,
                  llvm::function_ref<bool(int64_t)> isReached);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEMONOTONICITY_H
