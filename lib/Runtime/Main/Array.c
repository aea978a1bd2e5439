//===- Array.c - Arrays as a file holds them ----------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Lists of arrays and their memory. Shapes come from files: products of extents
// are checked for overflow and against the bytes that are there.
//
//===----------------------------------------------------------------------===//

#include "Array.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

Array *appendArray(ArrayList *list) {
  if (list->count >= SIZE_MAX / sizeof(Array) - 1)
    return NULL;
  Array *arrays =
      realloc(list->arrays, ((size_t)list->count + 1) * sizeof(Array));
  if (!arrays)
    return NULL;
  list->arrays = arrays;
  Array *array = &arrays[list->count++];
  memset(array, 0, sizeof(*array));
  return array;
}

void freeArrays(ArrayList *list) {
  for (uint64_t i = 0; i < list->count; ++i) {
    free(list->arrays[i].name);
    free(list->arrays[i].owned);
  }
  free(list->arrays);
  free(list->file);
  memset(list, 0, sizeof(*list));
}

bool setArrayData(Array *array, ByteView available, Failure *failure) {
  uint64_t count = 1, bytes;
  bool overflow = false, isEmpty = false;
  for (int i = 0; i < array->rank; ++i) {
    isEmpty |= array->shape[i] == 0;
    overflow |= __builtin_mul_overflow(count, array->shape[i], &count);
  }
  overflow |= __builtin_mul_overflow(count, array->elementBytes, &bytes);
  if (isEmpty)
    return fail(failure, "the array has no elements");
  if (overflow || bytes > available.size)
    return fail(failure,
                "truncated: the shape needs more than the %" PRIu64
                " bytes of data",
                available.size);
  array->count = count;
  array->data.data = available.data;
  array->data.size = bytes;
  return true;
}

void describeArray(const Array *array, char *text, size_t size) {
  static const char *const kinds[] = {"bool", "int", "uint", "float"};
  int used = array->kind == KIND_BOOL
                 ? snprintf(text, size, "bool[")
                 : snprintf(text, size, "%s%u[", kinds[array->kind],
                            array->elementBytes * 8);
  for (int i = 0; i < array->rank && used > 0 && (size_t)used < size; ++i)
    used += snprintf(text + used, size - (size_t)used, "%s%" PRIu64,
                     i ? ", " : "", array->shape[i]);
  if (used > 0 && (size_t)used < size)
    snprintf(text + used, size - (size_t)used, "]");
}
