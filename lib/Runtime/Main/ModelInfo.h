//===- ModelInfo.h - What a model says about itself ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What `--info`, `--report` and `--version` print.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_MODELINFO_H
#define DOREFA_RUNTIME_MAIN_MODELINFO_H

#include "dorefa/Runtime/dorefa_model.h"

/// Prints names, shapes, sizes and the target.
void printInfo(const dorefa_model *model);

/// Prints the compiler's report, JSON.
void printReport(const dorefa_model *model);

/// Prints the compiler's version and the model's name.
void printVersion(const dorefa_model *model);

#endif // DOREFA_RUNTIME_MAIN_MODELINFO_H
