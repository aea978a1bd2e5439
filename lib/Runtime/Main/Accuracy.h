//===- Accuracy.h - How many images are classified right ----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// `--labels`: the share of images that a network classifies right.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_ACCURACY_H
#define DOREFA_RUNTIME_MAIN_ACCURACY_H

#include "DataSet.h"

/// Counts the images whose class in the first output is their label: the
/// largest of the scores, or the one integer if the output is a class number.
bool countCorrect(const dorefa_model *model, const DataSet *outputs,
                  const int64_t *labels, uint64_t numLabels,
                  uint64_t *numCorrect, Failure *failure);

/// Prints `accuracy 98.34 % (9834 of 10000)`.
void printAccuracy(uint64_t numCorrect, uint64_t numImages);

#endif // DOREFA_RUNTIME_MAIN_ACCURACY_H
