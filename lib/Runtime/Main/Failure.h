//===- Failure.h - What went wrong, as one line of text -----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How the program's functions fail: they fill a text and return false, callers
// put in front where it happened, and main prints the one line.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_FAILURE_H
#define DOREFA_RUNTIME_MAIN_FAILURE_H

#include <stdbool.h>

typedef struct Failure {
  char text[512];
} Failure;

/// Sets the text and returns false.
bool fail(Failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Puts "where: " before the text and returns false.
bool failIn(Failure *failure, const char *where);

#endif // DOREFA_RUNTIME_MAIN_FAILURE_H
