//===- Exp.c - Exponential function -------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x = (32 k + i) ln 2 / 32 + r with abs(r) <= ln 2 / 64, so that
//   exp(x) = 2^k * 2^(i/32) * exp(r)
// with the middle factor from a table and the last from a short series.
//
//===----------------------------------------------------------------------===//

#include "Binary64.h"
#include "DoubleDouble.h"
#include "dorefa/Runtime/dorefa_math.h"

/// 2^(i/32).
static const double powersOfTwo[32] = {
    0x1.p+0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0,
    0x1.11301d0125b51p+0, 0x1.172b83c7d517bp+0, 0x1.1d4873168b9aap+0,
    0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0, 0x1.306fe0a31b715p+0,
    0x1.371a7373aa9cbp+0, 0x1.3dea64c123422p+0, 0x1.44e086061892dp+0,
    0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0,
    0x1.6247eb03a5585p+0, 0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0,
    0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0, 0x1.8ace5422aa0dbp+0,
    0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f090p+0, 0x1.a5503b23e255dp+0,
    0x1.ae89f995ad3adp+0, 0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0,
    0x1.cb720dcef9069p+0, 0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0,
    0x1.ea4afa2a490dap+0, 0x1.f50765b6e4540p+0};

double dorefa_math_exp(double x, double low) {
  const double stepsPerUnit = 0x1.71547652b82fep+5; // 32 / ln 2
  const double stepHigh = 0x1.62e42fefa2000p-6;     // ln 2 / 32 in 40 bits
  const double stepLow = 0x1.9ef35793c7673p-46;     // and the rest of it

  double steps = nearestInteger(x * stepsPerUnit);
  int64_t count = (int64_t)steps;
  double r = ((x - steps * stepHigh) - steps * stepLow) + low;
  double series =
      r + r * r *
              (1.0 / 2 +
               r * (1.0 / 6 +
                    r * (1.0 / 24 +
                         r * (1.0 / 120 +
                              r * (1.0 / 720 + r * (1.0 / 5040))))));
  double root = powersOfTwo[count & 31];
  return (root + root * series) * powerOfTwo(count >> 5);
}

float dorefa_expf(float x) {
  if (x != x)
    return x;
  if (x > 90.0f)
    return FLOAT_INFINITY;
  if (x < -110.0f)
    return 0.0f;
  float result;
  if (roundsOneWay(dorefa_math_exp(x, 0.0), DOREFA_BINARY64_ERROR, &result))
    return result;
  return ddToFloat(dorefa_math_dd_exp(ddFromDouble(x)));
}
