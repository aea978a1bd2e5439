//===- LogSeries.h - Series of the logarithm ----------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// log m = 2 s + 2 s (s^2 / 3 + s^4 / 5 + ...) for s = (m - 1) / (m + 1).
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MATH_LOGSERIES_H
#define DOREFA_RUNTIME_MATH_LOGSERIES_H

#include "FloatBits.h"

/// x = 2^exponent * mantissa, with a mantissa between sqrt(1/2) and sqrt(2).
typedef struct LogArgument {
  double exponent;
  double mantissa;
} LogArgument;

static inline LogArgument logArgument(double x) {
  uint64_t bits = doubleBits(x) - 0x3fe6a09e00000000u;
  int64_t exponent = (int64_t)bits >> 52;
  LogArgument result = {
      (double)exponent,
      doubleFromBits(doubleBits(x) - ((uint64_t)exponent << 52))};
  return result;
}

/// s^2 / 3 + s^4 / 5 + ... for abs(s) < 0.172.
static inline double logSeries(double s) {
  double square = s * s;
  double sum = 1.0 / 23;
  sum = 1.0 / 21 + square * sum;
  sum = 1.0 / 19 + square * sum;
  sum = 1.0 / 17 + square * sum;
  sum = 1.0 / 15 + square * sum;
  sum = 1.0 / 13 + square * sum;
  sum = 1.0 / 11 + square * sum;
  sum = 1.0 / 9 + square * sum;
  sum = 1.0 / 7 + square * sum;
  sum = 1.0 / 5 + square * sum;
  sum = 1.0 / 3 + square * sum;
  return square * sum;
}

// ln 2: 40 bits, so that a multiple by an exponent is exact, and the rest.
#define LN2_HIGH 0x1.62e42fefa2000p-1
#define LN2_LOW 0x1.9ef35793c7673p-41

#endif // DOREFA_RUNTIME_MATH_LOGSERIES_H
