//===- Clock.h - Elapsed time -------------------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Time for measurements and for the display of progress.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_CLOCK_H
#define DOREFA_RUNTIME_MAIN_CLOCK_H

/// Seconds since some point in the past; never goes back.
double secondsNow(void);

#endif // DOREFA_RUNTIME_MAIN_CLOCK_H
