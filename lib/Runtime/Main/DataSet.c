//===- DataSet.c - Data in the form that a network takes ----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which array of a file is which input, and how many images there are: every
// input must have as many, but for those that all images share. Elements are
// converted once, before anything runs, so that measurements see none of it.
//
//===----------------------------------------------------------------------===//

#include "DataSet.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool allocateList(DataSet *data, int32_t numTensors, uint64_t units,
                         Failure *failure) {
  data->units = units;
  data->numTensors = numTensors;
  data->buffers = calloc((size_t)numTensors + 1, sizeof(uint8_t *));
  return data->buffers || fail(failure, "not enough memory");
}

/// The buffer of tensor `i` of the list.
static bool allocateBuffer(DataSet *data, int32_t i, uint64_t units,
                           uint64_t unitBytes, Failure *failure) {
  if (units > (SIZE_MAX - 1) / (unitBytes + 1))
    return fail(failure, "not enough memory");
  data->buffers[i] = calloc((size_t)(units * unitBytes) + 1, 1);
  return data->buffers[i] ||
         fail(failure, "not enough memory for %" PRIu64 " images", units);
}

bool allocateInputs(const dorefa_model *model, uint64_t units, DataSet *data,
                    Failure *failure) {
  bool ok = allocateList(data, model->num_inputs, units, failure);
  for (int32_t i = 0; ok && i < model->num_inputs; ++i)
    ok = allocateBuffer(data, i,
                        isSharedInput(model, &model->inputs[i]) ? 1 : units,
                        model->inputs[i].image_bytes, failure);
  return ok;
}

bool allocateOutputs(const dorefa_model *model, uint64_t units, DataSet *data,
                     Failure *failure) {
  bool ok = allocateList(data, model->num_outputs, units, failure);
  for (int32_t i = 0; ok && i < model->num_outputs; ++i)
    ok = allocateBuffer(data, i, units, model->outputs[i].image_bytes, failure);
  return ok;
}

void freeData(DataSet *data) {
  for (int32_t i = 0; data->buffers && i < data->numTensors; ++i)
    free(data->buffers[i]);
  free(data->buffers);
  memset(data, 0, sizeof(*data));
}

static const Array *findArray(const dorefa_model *model,
                              const ArrayList *arrays, const char *name,
                              Failure *failure) {
  if (model->num_inputs == 1 && arrays->count == 1)
    return &arrays->arrays[0];
  char names[256] = "";
  for (uint64_t i = 0; i < arrays->count; ++i) {
    const char *given = arrays->arrays[i].name;
    if (given && strcmp(given, name) == 0)
      return &arrays->arrays[i];
    size_t used = strlen(names);
    snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
             given && given[0] ? given : "an array without a name");
  }
  fail(failure, "expected an array for the input '%.100s', but got %s", name,
       names[0] ? names : "none");
  return NULL;
}

/// The number of units that the array holds for the input.
static bool countGiven(const dorefa_model *model, const dorefa_tensor *input,
                       const Array *array, uint64_t *count, Failure *failure) {
  if (!countUnits(input, array, count, failure))
    return false;
  if (!isSharedInput(model, input) || *count == 1)
    return true;
  return fail(failure,
              "input '%.100s' has no batch, but got %" PRIu64 " of it",
              input->name, *count);
}

/// Chooses the array of each input and sets the number of units.
static bool chooseArrays(const dorefa_model *model, const ArrayList *arrays,
                         const Array **chosen, uint64_t *units,
                         Failure *failure) {
  bool isCounted = false;
  *units = 1;
  for (int32_t i = 0; i < model->num_inputs; ++i) {
    const dorefa_tensor *input = &model->inputs[i];
    uint64_t count = 0;
    chosen[i] = findArray(model, arrays, input->name, failure);
    if (!chosen[i] || !countGiven(model, input, chosen[i], &count, failure))
      return false;
    if (isSharedInput(model, input))
      continue;
    if (isCounted && count != *units)
      return fail(failure,
                  "the inputs differ in the number of images: %" PRIu64
                  " and %" PRIu64,
                  *units, count);
    *units = count;
    isCounted = true;
  }
  return true;
}

bool makeInputs(const dorefa_model *model, const ArrayList *arrays,
                const float *scale, DataSet *data, Failure *failure) {
  const Array **chosen = calloc((size_t)model->num_inputs + 1, sizeof(Array *));
  if (!chosen)
    return fail(failure, "not enough memory");
  uint64_t units;
  bool ok = chooseArrays(model, arrays, chosen, &units, failure);
  bool isScaled = false;
  for (int32_t i = 0; ok && i < model->num_inputs; ++i)
    isScaled |= isImageOf(chosen[i], model->inputs[i].element_type);
  if (ok && scale && !isScaled)
    ok = fail(failure, "--scale expected 8-bit images and a float32 input");
  ok = ok && allocateInputs(model, units, data, failure);
  for (int32_t i = 0; ok && i < model->num_inputs; ++i)
    ok = convertArray(chosen[i], model->inputs[i].element_type,
                      scale ? *scale : 1.0f, data->buffers[i], failure);
  free(chosen);
  return ok;
}
