//===- DataSet.c - Data in the form that a network takes ----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which array of a file is which input, and how many images there are: every
// input must have as many. Elements are converted once, before anything runs,
// so that measurements see none of it.
//
//===----------------------------------------------------------------------===//

#include "DataSet.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool allocateData(const dorefa_tensor *tensors, int32_t numTensors,
                  uint64_t units, DataSet *data, Failure *failure) {
  data->units = units;
  data->numTensors = numTensors;
  data->buffers = calloc((size_t)numTensors + 1, sizeof(uint8_t *));
  if (!data->buffers)
    return fail(failure, "not enough memory");
  for (int32_t i = 0; i < numTensors; ++i) {
    if (units > (SIZE_MAX - 1) / (tensors[i].image_bytes + 1))
      return fail(failure, "not enough memory");
    data->buffers[i] = calloc((size_t)(units * tensors[i].image_bytes) + 1, 1);
    if (!data->buffers[i])
      return fail(failure, "not enough memory for %" PRIu64 " images", units);
  }
  return true;
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

bool makeInputs(const dorefa_model *model, const ArrayList *arrays,
                const float *scale, DataSet *data, Failure *failure) {
  const Array **chosen = calloc((size_t)model->num_inputs + 1, sizeof(Array *));
  if (!chosen)
    return fail(failure, "not enough memory");
  bool ok = true, isScaled = false;
  uint64_t units = 1;
  for (int32_t i = 0; ok && i < model->num_inputs; ++i) {
    const dorefa_tensor *tensor = &model->inputs[i];
    uint64_t count = 0;
    chosen[i] = findArray(model, arrays, tensor->name, failure);
    ok = chosen[i] && countUnits(tensor, chosen[i], &count, failure);
    if (!ok)
      break;
    isScaled |= isImageOf(chosen[i], tensor->element_type);
    if (i > 0 && count != units)
      ok = fail(failure,
                "the inputs differ in the number of images: %" PRIu64
                " and %" PRIu64,
                units, count);
    units = count;
  }
  if (ok && scale && !isScaled)
    ok = fail(failure, "--scale expected 8-bit images and a float32 input");
  ok = ok && allocateData(model->inputs, model->num_inputs, units, data,
                          failure);
  for (int32_t i = 0; ok && i < model->num_inputs; ++i)
    ok = convertArray(chosen[i], model->inputs[i].element_type,
                      scale ? *scale : 1.0f, data->buffers[i], failure);
  free(chosen);
  return ok;
}
