//===- IdxFile.c - MNIST's array files ----------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file is: two zero bytes, the type, the rank, the extents (32 bits), the
// elements; all big-endian.
//
//===----------------------------------------------------------------------===//

#include "IdxFile.h"

bool isIdx(ByteView file) {
  return file.size >= 4 && file.data[0] == 0 && file.data[1] == 0;
}

bool readIdx(ByteView file, Array *array, Failure *failure) {
  static const struct {
    ElementKind kind;
    unsigned bytes;
  } types[] = {{KIND_UNSIGNED, 1}, {KIND_SIGNED, 1}, {0, 0},
               {KIND_SIGNED, 2},   {KIND_SIGNED, 4}, {KIND_FLOAT, 4},
               {KIND_FLOAT, 8}};
  if (!isIdx(file))
    return fail(failure, "not an idx file");
  unsigned type = file.data[2], rank = file.data[3];
  if (type < 8 || type > 14 || types[type - 8].bytes == 0)
    return fail(failure, "unsupported idx element type %u", type);
  if (rank > MAX_RANK)
    return fail(failure, "unsupported: more than %d dimensions", MAX_RANK);
  uint64_t start = 4 + 4 * (uint64_t)rank;
  if (file.size < start)
    return fail(failure, "truncated idx file");
  array->kind = types[type - 8].kind;
  array->elementBytes = types[type - 8].bytes;
  array->bigEndian = array->elementBytes > 1;
  array->rank = (int)rank;
  for (unsigned i = 0; i < rank; ++i)
    array->shape[i] = loadBig(file.data + 4 + 4 * i, 4);
  ByteView elements = {file.data + start, file.size - start};
  if (!setArrayData(array, elements, failure))
    return false;
  if (array->data.size != elements.size)
    return fail(failure, "the idx file is longer than its shape says");
  return true;
}
