//===- dorefa_math.h - Correctly rounded binary32 functions -----*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The elementary functions that a network may contain. Each returns the real
// function's value rounded once to binary32, to nearest with ties to even, so
// the interpreter, constant folding and every compiled artifact agree on every
// machine. Subnormal numbers are kept. The code is freestanding and needs no
// fused multiply-add; it must be compiled without contraction
// (-ffp-contract=off) and run in the default rounding mode.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_MATH_H
#define DOREFA_MATH_H

#ifdef __cplusplus
extern "C" {
#endif

float dorefa_expf(float x);
float dorefa_logf(float x);
float dorefa_tanhf(float x);
float dorefa_erff(float x);

/// 1 / (1 + exp(-x)) as one function with one rounding.
float dorefa_sigmoidf(float x);

/// x to the power y. Special cases are those of IEEE 754's pow. A value within
/// 2^-88 of a tie between two floats counts as the tie.
float dorefa_powf(float x, float y);

#ifdef __cplusplus
}
#endif

#endif // DOREFA_MATH_H
