//===- StepFit.h - step functions by arithmetic ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A step function whose steps are about evenly far apart is a line, rounded:
//
//   number of thresholds that s meets = clamp(round(fma(s, scale, bias)), 0, T)
//
// Both sides rise with s, so they are equal everywhere if they are at each
// threshold and just below it. That is tried out, in the arithmetic that the
// code will use, so what is found is exact or not found.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_STEPFIT_H
#define DOREFA_LIB_TARGET_CPU_STEPFIT_H

#include "dorefa/Dialect/Dorefa/Transforms/AccumulatorRange.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace mlir::dorefa {

struct FittedLine {
  float scale = 0, bias = 0;
};

/// The line for `thresholds`, in any order, and the integers of `range`.
/// Thresholds outside of it are met by none, or by all.
std::optional<FittedLine> fitLine(ArrayRef<int64_t> thresholds,
                                  IntegerRange range);

/// The nearest integer, ties to even, in `lowest` .. `highest`; `lowest` of NaN.
int64_t roundAndClamp(float value, int64_t lowest, int64_t highest);

/// The reciprocal of a divisor: `high`, or if that is not exact enough the sum of
/// both, where x / divisor is fma(x, high, x * low).
struct Reciprocal {
  float high, low = 0;
};

/// A reciprocal that gives the same roundAndClamp for every binary32 x as the
/// division. Nothing for thousands of codes.
std::optional<Reciprocal> findReciprocal(float divisor, int64_t lowest,
                                         int64_t highest);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_STEPFIT_H
