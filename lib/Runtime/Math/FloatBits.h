//===- FloatBits.h - Bit patterns of floating-point numbers -----*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Floats as bit patterns, and the arithmetic that is easiest on these. Only
// compiler builtins are used: the code is part of artifacts and must not call
// into a mathematical library.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MATH_FLOATBITS_H
#define DOREFA_RUNTIME_MATH_FLOATBITS_H

#include <stdint.h>

static inline uint32_t floatBits(float x) {
  union {
    float value;
    uint32_t bits;
  } u = {x};
  return u.bits;
}

static inline float floatFromBits(uint32_t bits) {
  union {
    uint32_t bits;
    float value;
  } u = {bits};
  return u.value;
}

static inline uint64_t doubleBits(double x) {
  union {
    double value;
    uint64_t bits;
  } u = {x};
  return u.bits;
}

static inline double doubleFromBits(uint64_t bits) {
  union {
    uint64_t bits;
    double value;
  } u = {bits};
  return u.value;
}

#define FLOAT_INFINITY (__builtin_inff())
#define FLOAT_NAN (__builtin_nanf(""))

/// 2^exponent for exponents of normal doubles.
static inline double powerOfTwo(int64_t exponent) {
  return doubleFromBits((uint64_t)(exponent + 1023) << 52);
}

/// `x` with the sign of `sign`.
static inline float withSignOf(float x, float sign) {
  return floatFromBits((floatBits(x) & 0x7fffffffu) |
                       (floatBits(sign) & 0x80000000u));
}

/// The nearest integer, ties to even, for abs(x) < 2^51.
static inline double nearestInteger(double x) {
  const double shift = 0x1.8p52;
  return (x + shift) - shift;
}

/// Whether every real within `y * (1 +- error)` rounds to one float; that float
/// goes to `result`.
static inline int roundsOneWay(double y, double error, float *result) {
  float below = (float)(y - y * error);
  float above = (float)(y + y * error);
  *result = above;
  return below == above;
}

#endif // DOREFA_RUNTIME_MATH_FLOATBITS_H
