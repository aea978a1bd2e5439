//===- Sigmoid.c - Logistic function ------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 1 / (1 + e) for x >= 0 and e / (1 + e) for x < 0, where e = exp(-abs(x)): no
// difference of like numbers, no overflow.
//
//===----------------------------------------------------------------------===//

#include "Binary64.h"
#include "DoubleDouble.h"
#include "dorefa/Runtime/dorefa_math.h"

double dorefa_math_sigmoid(double x) {
  double e = dorefa_math_exp(x < 0.0 ? x : -x, 0.0);
  return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

float dorefa_sigmoidf(float x) {
  if (x != x)
    return x;
  if (x > 110.0f)
    return 1.0f;
  if (x < -110.0f)
    return 0.0f;
  float result;
  if (roundsOneWay(dorefa_math_sigmoid(x), DOREFA_BINARY64_ERROR, &result))
    return result;
  DoubleDouble one = ddFromDouble(1.0);
  DoubleDouble e = dorefa_math_dd_exp(ddFromDouble(x < 0.0f ? x : -x));
  return ddToFloat(ddDivide(x < 0.0f ? e : one, ddAdd(one, e)));
}
