//===- Log.c - Natural logarithm ----------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// log x = exponent * ln 2 + log m with m near 1 (LogSeries.h). ln 2 is split so
// that its multiple by the exponent is exact, and small terms are added first.
//
//===----------------------------------------------------------------------===//

#include "Binary64.h"
#include "DoubleDouble.h"
#include "LogSeries.h"
#include "dorefa/Runtime/dorefa_math.h"

double dorefa_math_log(double x) {
  LogArgument a = logArgument(x);
  double s = (a.mantissa - 1.0) / (a.mantissa + 1.0);
  double twice = 2.0 * s;
  double rest = twice * logSeries(s) + a.exponent * LN2_LOW;
  return a.exponent * LN2_HIGH + (twice + rest);
}

float dorefa_logf(float x) {
  if (x == 0.0f)
    return -FLOAT_INFINITY;
  if (x < 0.0f)
    return FLOAT_NAN;
  if (x != x || x == FLOAT_INFINITY || x == 1.0f)
    return x == 1.0f ? 0.0f : x;
  float result;
  if (roundsOneWay(dorefa_math_log(x), DOREFA_BINARY64_ERROR, &result))
    return result;
  return ddToFloat(dorefa_math_dd_log(x));
}
