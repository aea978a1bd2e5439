//===- Array.h - Arrays as a file holds them ----------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An array keeps the element type, byte order and order of dimensions of its
// file; one conversion makes from it what a network's input declares.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_ARRAY_H
#define DOREFA_RUNTIME_MAIN_ARRAY_H

#include "FileBytes.h"

#define MAX_RANK 16

typedef enum ElementKind {
  KIND_BOOL,
  KIND_SIGNED,
  KIND_UNSIGNED,
  KIND_FLOAT
} ElementKind;

typedef struct Array {
  char *name; ///< owned, or null
  ElementKind kind;
  unsigned elementBytes;
  bool bigEndian;
  bool columnMajor; ///< Fortran's order: the first index runs fastest
  int rank;
  uint64_t shape[MAX_RANK];
  uint64_t count; ///< elements
  ByteView data;  ///< count * elementBytes
  uint8_t *owned; ///< the data's memory if it is the array's own, else null
} Array;

/// The arrays of one file, and the file's bytes that they may point into.
typedef struct ArrayList {
  uint8_t *file;
  Array *arrays;
  uint64_t count;
} ArrayList;

/// Adds an empty array; null if memory ends.
Array *appendArray(ArrayList *list);
void freeArrays(ArrayList *list);

/// Sets count from rank, shape and element size, and the data to the first
/// bytes of `available`. Fails if these are too few.
bool setArrayData(Array *array, ByteView available, Failure *failure);

/// Size and name of a dorefa_element_type.
unsigned elementTypeBytes(int32_t elementType);
const char *elementTypeName(int32_t elementType);

/// "float32[3, 224, 224]" for messages.
void describeArray(const Array *array, char *text, size_t size);

/// Whether the array holds unsigned bytes and the type is float32, so that a
/// scale applies.
bool isImageOf(const Array *array, int32_t elementType);

/// Writes the elements in row-major order as `elementType`, a
/// dorefa_element_type, to `target`. Integers and booleans must keep their
/// value; a float64 may be rounded to float32 but not become infinite. Unsigned
/// bytes for float32 are multiplied by `scale`.
bool convertArray(const Array *array, int32_t elementType, float scale,
                  uint8_t *target, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_ARRAY_H
