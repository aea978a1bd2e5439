//===- MissingInstructions.c - What some machines have none for -*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The code generator calls the C library's mathematical functions where a
// machine has no instruction for an operation (x86-64 before SSE4.1 rounds by
// roundevenf, before FMA it multiplies and adds by fmaf). An artifact has no
// such library, so that these are what is called: right, if slower. Only what a
// machine lacks becomes part of its files.
//
//===----------------------------------------------------------------------===//

#include "../Math/FloatBits.h"

float roundevenf(float x);
float roundf(float x);
float truncf(float x);
float floorf(float x);
float ceilf(float x);
float fmaf(float a, float b, float c);

/// From 2^23 on all numbers are whole. NaN is not below it.
static int mayHaveFraction(float x) {
  return floatFromBits(floatBits(x) & 0x7fffffffu) < 0x1p23f;
}

float roundevenf(float x) {
  if (!mayHaveFraction(x))
    return x;
  return withSignOf((float)nearestInteger((double)x), x);
}

float truncf(float x) {
  return mayHaveFraction(x) ? withSignOf((float)(int32_t)x, x) : x;
}

/// What truncation drops is exact, so that comparing it with 1/2 is, too.
float roundf(float x) {
  float whole = truncf(x);
  float dropped = x - whole;
  if (dropped >= 0.5f)
    return whole + 1.0f;
  return dropped <= -0.5f ? whole - 1.0f : whole;
}

float floorf(float x) {
  float whole = truncf(x);
  return whole > x ? whole - 1.0f : whole;
}

float ceilf(float x) {
  float whole = truncf(x);
  return withSignOf(whole < x ? whole + 1.0f : whole, x);
}

/// The product is exact in binary64. The sum is rounded to odd there (its last
/// bit says whether anything was cut off), so that rounding it once more gives
/// what the exact sum rounds to.
float fmaf(float a, float b, float c) {
  double product = (double)a * (double)b;
  double sum = product + (double)c;
  double back = sum - product;
  double rest = (product - (sum - back)) + ((double)c - back);
  uint64_t bits = doubleBits(sum);
  // False for NaN, which infinities leave.
  if ((rest > 0.0 || rest < 0.0) && !(bits & 1))
    sum = doubleFromBits((rest > 0.0) == (sum > 0.0) ? bits + 1 : bits - 1);
  return (float)sum;
}
