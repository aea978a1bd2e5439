//===- Pow.c - Power function -------------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// exp(y log x), with the logarithm carried in two doubles because its error is
// multiplied by up to 150.
//
//===----------------------------------------------------------------------===//

#include "Binary64.h"
#include "DoubleDouble.h"
#include "LogSeries.h"
#include "dorefa/Runtime/dorefa_math.h"

double dorefa_math_pow(double x, double y) {
  LogArgument a = logArgument(x);
  double numerator = a.mantissa - 1.0, denominator = a.mantissa + 1.0;
  double s = numerator / denominator;
  DoubleDouble product = ddTwoProduct(s, denominator);
  double sLow = ((numerator - product.high) - product.low) / denominator;
  double rest = 2.0 * s * logSeries(s) + 2.0 * sLow * (1.0 + s * s);
  DoubleDouble log = ddTwoSum(a.exponent * LN2_HIGH, 2.0 * s);
  log = ddFastTwoSum(log.high, log.low + (rest + a.exponent * LN2_LOW));

  DoubleDouble power = ddTwoProduct(log.high, y);
  if (power.high > 100.0)
    return __builtin_inf();
  if (power.high < -120.0)
    return 0.0;
  return dorefa_math_exp(power.high, power.low + log.low * y);
}

/// exp(y log x) for x > 0. Powers with small integers can lie exactly between
/// two floats; then the low part is only the error of the computation.
static float positivePow(float x, float y) {
  double power = dorefa_math_pow(x, y);
  float result;
  if (power == 0.0 || power == __builtin_inf())
    return (float)power;
  if (roundsOneWay(power, 4 * DOREFA_BINARY64_ERROR, &result))
    return result;
  DoubleDouble exponent =
      ddMultiply(dorefa_math_dd_log(x), ddFromDouble(y));
  DoubleDouble value = dorefa_math_dd_exp(exponent);
  double magnitude = value.low < 0.0 ? -value.low : value.low;
  if (magnitude < 0x1p-88 * value.high)
    value.low = 0.0;
  return ddToFloat(value);
}

static int isInteger(float x) {
  float magnitude = withSignOf(x, 1.0f);
  return magnitude >= 0x1p23f || (float)(int32_t)x == x;
}

static int isOddInteger(float x) {
  float magnitude = withSignOf(x, 1.0f);
  return magnitude < 0x1p24f && (float)(int32_t)x == x && ((int32_t)x & 1);
}

float dorefa_powf(float x, float y) {
  if (y == 0.0f || x == 1.0f)
    return 1.0f;
  if (x != x || y != y)
    return FLOAT_NAN;

  float magnitude = withSignOf(x, 1.0f);
  float sign = isOddInteger(y) ? x : 1.0f;
  if (y == FLOAT_INFINITY || y == -FLOAT_INFINITY) {
    if (magnitude == 1.0f)
      return 1.0f;
    return (magnitude > 1.0f) == (y > 0.0f) ? FLOAT_INFINITY : 0.0f;
  }
  if (x == 0.0f || magnitude == FLOAT_INFINITY) {
    int isLarge = (magnitude == FLOAT_INFINITY) == (y > 0.0f);
    return withSignOf(isLarge ? FLOAT_INFINITY : 0.0f, sign);
  }
  if (x < 0.0f && !isInteger(y))
    return FLOAT_NAN;
  if (magnitude == 1.0f)
    return withSignOf(1.0f, sign);
  return withSignOf(positivePow(magnitude, y), sign);
}
