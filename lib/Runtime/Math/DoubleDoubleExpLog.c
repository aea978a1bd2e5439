//===- DoubleDoubleExpLog.c - exp and log with about 100 bits ---*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain series: these run about once in ten million calls.
//
//===----------------------------------------------------------------------===//

#include "DoubleDouble.h"

// ln 2 in parts; the first two have 40 bits, so that a multiple by an exponent
// is exact.
static const double ln2Part0 = 0x1.62e42fefa2000p-1;
static const double ln2Part1 = 0x1.9ef35793c6000p-41;
static const double ln2Part2 = 0x1.673007e5ed5e8p-81;

/// exp(x) - 1 for abs(x) <= 0.7 by its Taylor series, relative to the result.
static DoubleDouble expm1Series(DoubleDouble x) {
  DoubleDouble sum = ddFromDouble(1.0);
  for (int i = 36; i > 1; --i) {
    DoubleDouble factor = ddDivide(x, ddFromDouble(i));
    sum = ddAdd(ddFromDouble(1.0), ddMultiply(sum, factor));
  }
  return ddMultiply(sum, x);
}

DoubleDouble dorefa_math_dd_exp(DoubleDouble x) {
  double exponent = nearestInteger(x.high * 0x1.71547652b82fep+0);
  DoubleDouble rest = ddAdd(x, ddFromDouble(-exponent * ln2Part0));
  rest = ddAdd(rest, ddFromDouble(-exponent * ln2Part1));
  rest = ddAdd(rest, ddFromDouble(-exponent * ln2Part2));
  DoubleDouble value = ddAdd(ddFromDouble(1.0), expm1Series(rest));
  return ddScale(value, powerOfTwo((int64_t)exponent));
}

DoubleDouble dorefa_math_dd_expm1(DoubleDouble x) {
  if (x.high > -0.7 && x.high < 0.7)
    return expm1Series(x);
  return ddAdd(dorefa_math_dd_exp(x), ddFromDouble(-1.0));
}

// x = 2^exponent * m with m near 1, and with s = (m - 1) / (m + 1)
//   log m = 2 (s + s^3 / 3 + s^5 / 5 + ...)
DoubleDouble dorefa_math_dd_log(double x) {
  uint64_t bits = doubleBits(x) - 0x3fe6a09e00000000u;
  int64_t exponent = (int64_t)bits >> 52;
  double mantissa = doubleFromBits(doubleBits(x) - ((uint64_t)exponent << 52));

  DoubleDouble s = ddDivide(ddFromDouble(mantissa - 1.0),
                            ddTwoSum(mantissa, 1.0));
  DoubleDouble square = ddMultiply(s, s);
  DoubleDouble sum = ddFromDouble(0.0);
  for (int i = 43; i > 1; i -= 2) {
    sum = ddAdd(sum, ddDivide(ddFromDouble(1.0), ddFromDouble(i)));
    sum = ddMultiply(sum, square);
  }
  sum = ddMultiply(ddAdd(sum, ddFromDouble(1.0)), ddScale(s, 2.0));

  double multiple = (double)exponent;
  DoubleDouble result = ddAdd(ddFromDouble(multiple * ln2Part2), sum);
  result = ddAdd(ddFromDouble(multiple * ln2Part1), result);
  return ddAdd(ddFromDouble(multiple * ln2Part0), result);
}
