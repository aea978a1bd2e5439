//===- Labels.c - Class labels of a data set ----------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Labels are an array in one of two formats, or a text of numbers; in a text an
// error names the line.
//
//===----------------------------------------------------------------------===//

#include "Labels.h"
#include "IdxFile.h"
#include "NpyFile.h"
#include "dorefa/Runtime/dorefa_model.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool convertLabels(const Array *array, int64_t **labels, uint64_t *count,
                          Failure *failure) {
  if (array->count > SIZE_MAX / sizeof(int64_t) ||
      !(*labels = malloc((size_t)array->count * sizeof(int64_t))))
    return fail(failure, "not enough memory");
  *count = array->count;
  return convertArray(array, DOREFA_INT64, 1.0f, (uint8_t *)*labels, failure);
}

static bool isSeparator(uint8_t byte) {
  return byte == ',' || byte == ';' || byte == ' ' || byte == '\t' ||
         byte == '\r' || byte == '\n';
}

static bool parseLabels(ByteView text, int64_t **labels, uint64_t *count,
                        Failure *failure) {
  // Each number takes a digit and a separator.
  *labels = malloc(((size_t)text.size / 2 + 1) * sizeof(int64_t));
  if (!*labels)
    return fail(failure, "not enough memory");
  uint64_t line = 1;
  for (uint64_t at = 0; at < text.size;) {
    if (isSeparator(text.data[at])) {
      line += text.data[at++] == '\n';
      continue;
    }
    int64_t value = 0;
    while (at < text.size && !isSeparator(text.data[at])) {
      uint8_t byte = text.data[at++];
      if (byte < '0' || byte > '9' ||
          __builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, byte - '0', &value))
        return fail(failure, "line %" PRIu64 ": expected a class number", line);
    }
    (*labels)[(*count)++] = value;
  }
  return true;
}

static bool readLabelBytes(ByteView file, int64_t **labels, uint64_t *count,
                           Failure *failure) {
  Array array = {0};
  if (isNpy(file))
    return readNpy(file, &array, failure) &&
           convertLabels(&array, labels, count, failure);
  if (isIdx(file))
    return readIdx(file, &array, failure) &&
           convertLabels(&array, labels, count, failure);
  return parseLabels(file, labels, count, failure);
}

bool readLabels(const char *path, int64_t **labels, uint64_t *count,
                Failure *failure) {
  uint8_t *data = NULL;
  uint64_t size;
  *labels = NULL;
  *count = 0;
  if (!readFile(path, &data, &size, failure))
    return failIn(failure, path);
  ByteView file = {data, size};
  bool ok = readLabelBytes(file, labels, count, failure);
  free(data);
  if (ok)
    return true;
  free(*labels);
  *labels = NULL;
  return failIn(failure, path);
}
