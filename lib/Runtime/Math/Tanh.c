//===- Tanh.c - Hyperbolic tangent --------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Near zero the odd Taylor series; elsewhere (e - 1) / (e + 1), e = exp(2 x).
//
//===----------------------------------------------------------------------===//

#include "Binary64.h"
#include "DoubleDouble.h"
#include "dorefa/Runtime/dorefa_math.h"

/// Taylor coefficients of x^3, x^5, x^7, ...
static const double coefficients[11] = {
    -0x1.5555555555555p-2, 0x1.1111111111111p-3, -0x1.ba1ba1ba1ba1cp-5,
    0x1.664f4882c10fap-6, -0x1.226e355e6c23dp-7, 0x1.d6d3d0e157de0p-9,
    -0x1.7da36452b75e3p-10, 0x1.3558248036744p-11, -0x1.f57d7734d1664p-13,
    0x1.967e18afcafadp-14, -0x1.497d8eea25259p-15};

double dorefa_math_tanh(double x) {
  if (x > -0.25 && x < 0.25) {
    double square = x * x;
    double sum = coefficients[10];
    for (int i = 9; i >= 0; --i)
      sum = coefficients[i] + square * sum;
    return x + x * (square * sum);
  }
  double magnitude = x < 0.0 ? -x : x;
  double e = dorefa_math_exp(2.0 * magnitude, 0.0);
  double value = (e - 1.0) / (e + 1.0);
  return x < 0.0 ? -value : value;
}

float dorefa_tanhf(float x) {
  if (x != x || x == 0.0f)
    return x;
  if (x > 20.0f || x < -20.0f)
    return withSignOf(1.0f, x);
  float result;
  if (roundsOneWay(dorefa_math_tanh(x), DOREFA_BINARY64_ERROR, &result))
    return result;
  DoubleDouble em1 = dorefa_math_dd_expm1(ddFromDouble(2.0 * (double)x));
  return ddToFloat(ddDivide(em1, ddAdd(em1, ddFromDouble(2.0))));
}
