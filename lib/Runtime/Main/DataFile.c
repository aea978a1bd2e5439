//===- DataFile.c - Arrays from a file of any format --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The format is found in the first bytes, not in the name. What is none of the
// others is taken for an ONNX tensor, which has no signature.
//
//===----------------------------------------------------------------------===//

#include "DataFile.h"
#include "IdxFile.h"
#include "NpyFile.h"
#include "TensorProto.h"
#include "ZipArchive.h"
#include <stdlib.h>
#include <string.h>

/// Adds a member of an .npz file under its name without ".npy".
static bool receiveMember(void *context, ZipMember *member, Failure *failure) {
  Array *array = appendArray(context);
  if (!array) {
    free(member->name);
    free(member->owned);
    return fail(failure, "not enough memory");
  }
  array->name = member->name;
  array->owned = member->owned;
  if (!readNpy(member->data, array, failure))
    return failIn(failure, member->name);
  size_t length = strlen(array->name);
  if (length > 4 && strcmp(array->name + length - 4, ".npy") == 0)
    array->name[length - 4] = 0;
  return true;
}

bool readArrays(ByteView file, ArrayList *list, Failure *failure) {
  if (file.size == 0)
    return fail(failure, "the file is empty");
  if (isZip(file))
    return readZip(file, receiveMember, list, failure);
  if (file.size >= 2 && file.data[0] == 0x1f && file.data[1] == 0x8b)
    return fail(failure, "compressed with gzip: decompress it first");
  Array *array = appendArray(list);
  if (!array)
    return fail(failure, "not enough memory");
  if (isNpy(file))
    return readNpy(file, array, failure);
  if (isIdx(file))
    return readIdx(file, array, failure);
  return readTensorProto(file, array, failure);
}

bool readDataFile(const char *path, ArrayList *list, Failure *failure) {
  uint64_t size;
  if (!readFile(path, &list->file, &size, failure))
    return failIn(failure, path);
  ByteView file = {list->file, size};
  return readArrays(file, list, failure) || failIn(failure, path);
}
