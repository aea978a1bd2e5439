//===- Labels.h - Class labels of a data set ----------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The classes that `--labels` compares with.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_LABELS_H
#define DOREFA_RUNTIME_MAIN_LABELS_H

#include "Failure.h"
#include <stdint.h>

/// Reads integers from a .npy or idx file, or from text where commas,
/// semicolons or white space separate them. The caller frees *labels.
bool readLabels(const char *path, int64_t **labels, uint64_t *count,
                Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_LABELS_H
