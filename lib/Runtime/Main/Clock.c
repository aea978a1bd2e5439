//===- Clock.c - Elapsed time -------------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The system's monotonic clock, which is no part of C, and for which alone
// POSIX is asked here.
//
//===----------------------------------------------------------------------===//

#define _POSIX_C_SOURCE 200809L
#include "Clock.h"
#include <time.h>

double secondsNow(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
