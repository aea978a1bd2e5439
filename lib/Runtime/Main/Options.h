//===- Options.h - The command line of an executable --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A command line as plain data; what is not given has a value that says so.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_OPTIONS_H
#define DOREFA_RUNTIME_MAIN_OPTIONS_H

#include "Failure.h"
#include <stdint.h>
#include <stdio.h>

typedef enum Action {
  ACTION_RUN,
  ACTION_HELP,
  ACTION_VERSION,
  ACTION_INFO,
  ACTION_REPORT
} Action;

typedef struct Options {
  Action action;
  const char *input;  ///< null: none
  const char *output; ///< null: print
  const char *labels; ///< null: none
  bool hasScale;
  float scale;
  int64_t batch; ///< 0: chosen here
  int64_t threads;
  int64_t repeat; ///< 0: no measurement
} Options;

bool parseOptions(int argc, char **argv, Options *options, Failure *failure);

void printHelp(FILE *file, const char *program);

#endif // DOREFA_RUNTIME_MAIN_OPTIONS_H
