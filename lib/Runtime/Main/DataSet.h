//===- DataSet.h - Data in the form that a network takes ----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Inputs and outputs of a whole run in the ABI's form, one buffer a tensor.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_DATASET_H
#define DOREFA_RUNTIME_MAIN_DATASET_H

#include "TensorShape.h"

/// A buffer for each tensor of a list, `units` units long, or one for an input
/// that they share.
typedef struct DataSet {
  uint64_t units;
  int32_t numTensors;
  uint8_t **buffers;
} DataSet;

/// Allocates zeroed buffers for `units` units of each input or output.
bool allocateInputs(const dorefa_model *model, uint64_t units, DataSet *data,
                    Failure *failure);
bool allocateOutputs(const dorefa_model *model, uint64_t units, DataSet *data,
                     Failure *failure);
void freeData(DataSet *data);

/// Finds the array of each input, by name unless there is one of each, checks
/// the shape and converts the elements. `scale` may be null.
bool makeInputs(const dorefa_model *model, const ArrayList *arrays,
                const float *scale, DataSet *data, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_DATASET_H
