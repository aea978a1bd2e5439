//===- DoubleDouble.h - Arithmetic with about 104 bits ----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A number is an unevaluated sum of two doubles, high + low, where low is at
// most half a unit in the last place of high (Dekker 1971, Knuth). It decides
// the rare cases where a binary64 value lies too close to the border between
// two floats. Products are split by multiplication instead of using fma, which
// not every target has.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MATH_DOUBLEDOUBLE_H
#define DOREFA_RUNTIME_MATH_DOUBLEDOUBLE_H

#include "FloatBits.h"

typedef struct DoubleDouble {
  double high;
  double low;
} DoubleDouble;

static inline DoubleDouble ddFromDouble(double x) {
  DoubleDouble result = {x, 0.0};
  return result;
}

/// a + b exactly, for abs(a) >= abs(b) or a == 0.
static inline DoubleDouble ddFastTwoSum(double a, double b) {
  double sum = a + b;
  DoubleDouble result = {sum, b - (sum - a)};
  return result;
}

/// a + b exactly.
static inline DoubleDouble ddTwoSum(double a, double b) {
  double sum = a + b;
  double partOfB = sum - a;
  DoubleDouble result = {sum, (a - (sum - partOfB)) + (b - partOfB)};
  return result;
}

/// a * b exactly, for abs(a), abs(b) < 2^500.
static inline DoubleDouble ddTwoProduct(double a, double b) {
  const double splitter = 0x1p27 + 1.0;
  double scaledA = a * splitter, scaledB = b * splitter;
  double highA = scaledA - (scaledA - a), highB = scaledB - (scaledB - b);
  double lowA = a - highA, lowB = b - highB;
  double product = a * b;
  double error = ((highA * highB - product) + highA * lowB + lowA * highB) +
                 lowA * lowB;
  DoubleDouble result = {product, error};
  return result;
}

static inline DoubleDouble ddAdd(DoubleDouble a, DoubleDouble b) {
  DoubleDouble high = ddTwoSum(a.high, b.high);
  DoubleDouble low = ddTwoSum(a.low, b.low);
  high = ddFastTwoSum(high.high, high.low + low.high);
  return ddFastTwoSum(high.high, high.low + low.low);
}

static inline DoubleDouble ddNegate(DoubleDouble a) {
  DoubleDouble result = {-a.high, -a.low};
  return result;
}

static inline DoubleDouble ddSubtract(DoubleDouble a, DoubleDouble b) {
  return ddAdd(a, ddNegate(b));
}

static inline DoubleDouble ddMultiply(DoubleDouble a, DoubleDouble b) {
  DoubleDouble product = ddTwoProduct(a.high, b.high);
  product.low += a.high * b.low + a.low * b.high;
  return ddFastTwoSum(product.high, product.low);
}

static inline DoubleDouble ddScale(DoubleDouble a, double powerOfTwo) {
  DoubleDouble result = {a.high * powerOfTwo, a.low * powerOfTwo};
  return result;
}

static inline DoubleDouble ddDivide(DoubleDouble a, DoubleDouble b) {
  double first = a.high / b.high;
  DoubleDouble rest = ddSubtract(a, ddMultiply(b, ddFromDouble(first)));
  double second = rest.high / b.high;
  rest = ddSubtract(rest, ddMultiply(b, ddFromDouble(second)));
  double third = rest.high / b.high;
  DoubleDouble quotient = ddFastTwoSum(first, second);
  return ddAdd(quotient, ddFromDouble(third));
}

/// The float nearest to high + low, ties to even. The double nearest to the sum
/// is replaced by the one with the same leading bits whose last bit says
/// "inexact" (rounding to odd); then the second rounding cannot go wrong.
static inline float ddToFloat(DoubleDouble a) {
  if (a.high == 0.0 || a.low == 0.0)
    return (float)a.high;
  uint64_t bits = doubleBits(a.high);
  if ((a.low < 0.0) != (a.high < 0.0))
    bits -= 1; // the sum lies nearer to zero than high
  return (float)doubleFromBits(bits | 1);
}

/// Elementary functions, relative error below 2^-95.
DoubleDouble dorefa_math_dd_exp(DoubleDouble x);   ///< abs(x) < 200
DoubleDouble dorefa_math_dd_expm1(DoubleDouble x); ///< abs(x) < 200
DoubleDouble dorefa_math_dd_log(double x);         ///< x > 0, at most 40 bits

#endif // DOREFA_RUNTIME_MATH_DOUBLEDOUBLE_H
