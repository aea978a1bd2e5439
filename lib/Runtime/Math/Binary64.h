//===- Binary64.h - The functions' binary64 values --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// First stage of every function: a value with a relative error below the bound
// given here. If all reals within the bound round to the same float, that is
// the result; otherwise double-double arithmetic decides. The tests check the
// bounds against MPFR.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MATH_BINARY64_H
#define DOREFA_RUNTIME_MATH_BINARY64_H

#define DOREFA_BINARY64_ERROR 0x1p-50

/// exp(x + low), abs(x) < 200, abs(low) < 2^-40.
double dorefa_math_exp(double x, double low);

/// The arguments below are floats, where the function is neither special nor
/// constant: x > 0 for log, abs(x) < 4 for erf, abs(x) < 100 for tanh, < 200
/// for sigmoid.
double dorefa_math_log(double x);
double dorefa_math_tanh(double x);
double dorefa_math_erf(double x);
double dorefa_math_sigmoid(double x);

/// x > 0; 0 or infinity beyond the range of floats.
double dorefa_math_pow(double x, double y);

#endif // DOREFA_RUNTIME_MATH_BINARY64_H
