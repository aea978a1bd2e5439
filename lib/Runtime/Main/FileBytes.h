//===- FileBytes.h - Whole files in memory ------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Bytes of files, and the integers in them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_FILEBYTES_H
#define DOREFA_RUNTIME_MAIN_FILEBYTES_H

#include "Failure.h"
#include <stdint.h>
#include <stdio.h>

/// Bytes that somebody else owns.
typedef struct ByteView {
  const uint8_t *data;
  uint64_t size;
} ByteView;

/// Reads a file; the caller frees *data.
bool readFile(const char *path, uint8_t **data, uint64_t *size,
              Failure *failure);

/// Writes a file under a temporary name with `write` and renames it, so that
/// the path never holds a part of a file.
bool writeFile(const char *path, bool (*write)(FILE *file, const void *context),
               const void *context, Failure *failure);

/// Little- and big-endian integers.
uint64_t loadLittle(const uint8_t *data, unsigned bytes);
uint64_t loadBig(const uint8_t *data, unsigned bytes);
void storeLittle(uint8_t *data, uint64_t value, unsigned bytes);

#endif // DOREFA_RUNTIME_MAIN_FILEBYTES_H
