//===- Rounding.h - rounding modes of quantizers ----------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the compiler rounds itself: constants, and bounds of what it does not
// know. The interpreter, which checks it, has its own.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_ROUNDING_H
#define DOREFA_DIALECT_DOREFA_IR_ROUNDING_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <cmath>

namespace mlir::dorefa {

/// The nearest integer, halves toward zero. The distance to the integer below
/// is exact.
inline float roundHalfDown(float value) {
  float magnitude = std::fabs(value), below = std::floor(magnitude);
  return std::copysign(magnitude - below > 0.5f ? below + 1.0f : below, value);
}

/// What a quantizer rounds `value` to, before its clamp.
inline float applyRounding(Rounding rounding, float value) {
  switch (rounding) {
  case Rounding::HalfEven:
    return std::nearbyint(value);
  case Rounding::HalfUp:
    return std::round(value);
  case Rounding::HalfDown:
    return roundHalfDown(value);
  case Rounding::Up:
    return std::copysign(std::ceil(std::fabs(value)), value);
  case Rounding::Down:
    return std::trunc(value);
  case Rounding::Ceil:
    return std::ceil(value);
  case Rounding::Floor:
    return std::floor(value);
  case Rounding::Sign:
    return value >= 0.0f ? 1.0f : 0.0f;
  }
  llvm_unreachable("all rounding modes are handled");
}

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_IR_ROUNDING_H
