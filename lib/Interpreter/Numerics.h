//===- Numerics.h - arithmetic that has no operator in C++ ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Arithmetic that graph ops and the epilogues of layers share, so that both
// mean the same to the last bit.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_INTERPRETER_NUMERICS_H
#define DOREFA_LIB_INTERPRETER_NUMERICS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

namespace mlir::dorefa::interpreter {

/// IEEE 754's maximum and minimum: NaN if an operand is, and -0 < +0.
float maximum(float a, float b);
float minimum(float a, float b);

/// The integer nearest to x in the given mode, as a binary64 number; infinities
/// and NaN stay. With Sign: 1 for x >= 0, else 0.
double roundToInteger(Rounding rounding, float x);

/// The code of a real: `clamp(round(x), min, max)`, `min` for NaN.
int64_t quantize(Rounding rounding, float x, int64_t min, int64_t max);

/// The sum in 64 lanes: element i goes to lane i mod 64, then lane j += lane
/// j + h for h = 32, 16, .. 1.
class LaneSum {
public:
  void add(float x) {
    lanes[next] += x;
    next = (next + 1) % numLanes;
  }
  float get() const;

private:
  static constexpr unsigned numLanes = 64;
  float lanes[numLanes] = {};
  unsigned next = 0;
};

/// Batch normalization as `fl(fl(factor * x) + offset)`.
struct BatchNormChannel {
  float factor, offset;
  BatchNormChannel(float gamma, float beta, float mean, float variance,
                   float epsilon);
  float operator()(float x) const { return factor * x + offset; }
};

} // namespace mlir::dorefa::interpreter

#endif // DOREFA_LIB_INTERPRETER_NUMERICS_H
