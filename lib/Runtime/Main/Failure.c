//===- Failure.c - What went wrong, as one line of text -----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Texts are cut to the size of the buffer; a failure needs no memory.
//
//===----------------------------------------------------------------------===//

#include "Failure.h"
#include <stdarg.h>
#include <stdio.h>

bool fail(Failure *failure, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure->text, sizeof(failure->text), format, arguments);
  va_end(arguments);
  return false;
}

bool failIn(Failure *failure, const char *where) {
  Failure inner = *failure;
  return fail(failure, "%.200s: %.300s", where, inner.text);
}
