//===- TensorShape.c - Shapes of a network's inputs and outputs ---*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How many units an array holds is found by comparing it with the declared
// shape: as it is, with a leading dimension that counts images, or, for a free
// batch, as one image without it. Extents of 1 are passed over on both sides.
//
//===----------------------------------------------------------------------===//

#include "TensorShape.h"
#include <inttypes.h>

uint64_t unitImages(const dorefa_model *model) {
  return model->fixed_batch > 0 ? (uint64_t)model->fixed_batch : 1;
}

static bool hasFreeBatch(const dorefa_tensor *tensor) {
  return tensor->rank > 0 && tensor->shape[0] < 0;
}

bool isSharedInput(const dorefa_model *model, const dorefa_tensor *input) {
  return model->fixed_batch == 0 && !hasFreeBatch(input);
}

uint64_t unitElements(const dorefa_tensor *tensor) {
  return tensor->image_bytes / elementTypeBytes(tensor->element_type);
}

/// Whether extents from `first` on agree but for ones.
static bool matches(const dorefa_tensor *tensor, int firstDeclared,
                    const Array *array, int firstGiven) {
  int i = firstDeclared, j = firstGiven;
  while (true) {
    while (i < tensor->rank && tensor->shape[i] == 1)
      ++i;
    while (j < array->rank && array->shape[j] == 1)
      ++j;
    if (i >= tensor->rank || j >= array->rank)
      return i >= tensor->rank && j >= array->rank;
    if ((uint64_t)tensor->shape[i++] != array->shape[j++])
      return false;
  }
}

bool countUnits(const dorefa_tensor *tensor, const Array *array,
                uint64_t *units, Failure *failure) {
  bool isFree = hasFreeBatch(tensor);
  if (!isFree && matches(tensor, 0, array, 0)) {
    *units = 1;
    return true;
  }
  if (tensor->rank > 0 && array->rank > 0 && matches(tensor, 1, array, 1)) {
    uint64_t extent = isFree ? 1 : (uint64_t)tensor->shape[0];
    if (extent > 0 && array->shape[0] % extent == 0) {
      *units = array->shape[0] / extent;
      return true;
    }
  }
  if (isFree && matches(tensor, 1, array, 0)) {
    *units = 1;
    return true;
  }
  char expected[128], given[128];
  describeTensor(tensor, expected, sizeof(expected));
  describeArray(array, given, sizeof(given));
  return fail(failure, "input '%.100s' expected %s, but got %s", tensor->name,
              expected, given);
}

int shapeOfUnits(const dorefa_tensor *tensor, uint64_t units, uint64_t *shape) {
  int rank = tensor->rank < MAX_RANK ? tensor->rank : MAX_RANK;
  for (int i = 0; i < rank; ++i)
    shape[i] = (uint64_t)tensor->shape[i];
  if (rank == 0 && units != 1)
    shape[rank++] = units;
  else if (rank > 0)
    shape[0] = hasFreeBatch(tensor) ? units : units * shape[0];
  return rank;
}

void describeTensor(const dorefa_tensor *tensor, char *text, size_t size) {
  int used = snprintf(text, size, "%s[", elementTypeName(tensor->element_type));
  for (int i = 0; i < tensor->rank && used > 0 && (size_t)used < size; ++i) {
    const char *separator = i ? ", " : "";
    used += tensor->shape[i] < 0
                ? snprintf(text + used, size - (size_t)used, "%sN", separator)
                : snprintf(text + used, size - (size_t)used, "%s%" PRId64,
                           separator, tensor->shape[i]);
  }
  if (used > 0 && (size_t)used < size)
    snprintf(text + used, size - (size_t)used, "]");
}
