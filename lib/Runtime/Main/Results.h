//===- Results.h - What a run computed, for people and files ------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What becomes of outputs: they are printed, or written to a file.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_RESULTS_H
#define DOREFA_RUNTIME_MAIN_RESULTS_H

#include "DataSet.h"

/// Prints the class and score of each image where an output is a row of scores,
/// else the elements.
void printResults(const dorefa_model *model, const DataSet *outputs);

/// Whether the outputs of this model can be written to `path`, by its suffix.
bool checkResultPath(const dorefa_model *model, const char *path,
                     Failure *failure);

/// Writes a .npy file with the one output or an .npz file with all of them.
bool writeResults(const dorefa_model *model, const DataSet *outputs,
                  const char *path, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_RESULTS_H
