//===- Numerics.cpp - arithmetic that has no operator in C++ ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each operation rounds as the ops' descriptions say, whatever the host's
// library does: the roundings of quantizers, IEEE 754's maximum and minimum,
// sums in 64 lanes, and batch normalization with its parameters in binary64. To
// be compiled without contraction of a * b + c into a fused operation.
//
//===----------------------------------------------------------------------===//

#include "Numerics.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

float interpreter::maximum(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) ? a : b;
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

float interpreter::minimum(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) ? a : b;
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

double interpreter::roundToInteger(Rounding rounding, float x) {
  // Every binary32 number plus or minus 1/2 is exact in binary64 where it is
  // not an integer already.
  double value = x, magnitude = std::fabs(value);
  switch (rounding) {
  case Rounding::HalfEven: {
    double below = std::floor(value), fraction = value - below;
    if (fraction != 0.5)
      return fraction < 0.5 ? below : below + 1;
    return std::fmod(below, 2.0) == 0 ? below : below + 1;
  }
  case Rounding::HalfUp:
    return std::copysign(std::floor(magnitude + 0.5), value);
  case Rounding::HalfDown:
    return std::copysign(std::ceil(magnitude - 0.5), value);
  case Rounding::Up:
    return std::copysign(std::ceil(magnitude), value);
  case Rounding::Down:
    return std::copysign(std::floor(magnitude), value);
  case Rounding::Ceil:
    return std::ceil(value);
  case Rounding::Floor:
    return std::floor(value);
  case Rounding::Sign:
    return value >= 0 ? 1 : 0;
  }
  llvm_unreachable("all rounding modes are handled");
}

int64_t interpreter::quantize(Rounding rounding, float x, int64_t min,
                              int64_t max) {
  double rounded = roundToInteger(rounding, x);
  if (!(rounded > static_cast<double>(min)))
    return min;
  if (rounded >= static_cast<double>(max))
    return max;
  return static_cast<int64_t>(rounded);
}

float LaneSum::get() const {
  float sums[numLanes];
  std::copy(std::begin(lanes), std::end(lanes), sums);
  for (unsigned half = numLanes / 2; half > 0; half /= 2)
    for (unsigned i = 0; i < half; ++i)
      sums[i] += sums[i + half];
  return sums[0];
}

BatchNormChannel::BatchNormChannel(float gamma, float beta, float mean,
                                   float variance, float epsilon) {
  double deviation =
      std::sqrt(static_cast<double>(variance) + static_cast<double>(epsilon));
  double exactFactor = static_cast<double>(gamma) / deviation;
  double exactOffset =
      static_cast<double>(beta) - static_cast<double>(mean) * exactFactor;
  factor = static_cast<float>(exactFactor);
  offset = static_cast<float>(exactOffset);
}
