//===- FileBytes.c - Whole files in memory ------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whole files are read, also from pipes, whose size is not known beforehand.
// Files are written beside their place and renamed.
//
//===----------------------------------------------------------------------===//

#define _POSIX_C_SOURCE 200809L
#include "FileBytes.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool readOpenFile(FILE *file, uint8_t **data, uint64_t *size,
                         Failure *failure) {
  struct stat status;
  if (fstat(fileno(file), &status) != 0)
    return fail(failure, "%s", strerror(errno));
  if (S_ISDIR(status.st_mode))
    return fail(failure, "is a directory");
  // A pipe has no size: grow. One byte more shows the end of a regular file.
  size_t capacity =
      S_ISREG(status.st_mode) ? (size_t)status.st_size + 1 : 65536;
  size_t used = 0;
  uint8_t *bytes = malloc(capacity);
  while (bytes) {
    used += fread(bytes + used, 1, capacity - used, file);
    if (ferror(file)) {
      free(bytes);
      return fail(failure, "%s", strerror(errno));
    }
    if (used < capacity) {
      *data = bytes;
      *size = used;
      return true;
    }
    uint8_t *grown =
        capacity > SIZE_MAX / 2 ? NULL : realloc(bytes, capacity * 2);
    if (!grown)
      free(bytes);
    bytes = grown;
    capacity *= 2;
  }
  return fail(failure, "not enough memory to read the file");
}

bool readFile(const char *path, uint8_t **data, uint64_t *size,
              Failure *failure) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return fail(failure, "%s", strerror(errno));
  bool ok = readOpenFile(file, data, size, failure);
  fclose(file);
  return ok;
}

bool writeFile(const char *path, bool (*write)(FILE *file, const void *context),
               const void *context, Failure *failure) {
  size_t length = strlen(path) + 32;
  char *temporary = malloc(length);
  if (!temporary)
    return fail(failure, "not enough memory");
  snprintf(temporary, length, "%s.%ld.part", path, (long)getpid());
  FILE *file = fopen(temporary, "wb");
  bool ok = file != NULL;
  if (file) {
    ok = write(file, context);
    ok = fclose(file) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
  }
  int error = errno;
  if (!ok && file)
    remove(temporary);
  free(temporary);
  return ok || fail(failure, "cannot write: %s", strerror(error));
}

uint64_t loadLittle(const uint8_t *data, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = bytes; i-- > 0;)
    value = value << 8 | data[i];
  return value;
}

uint64_t loadBig(const uint8_t *data, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value = value << 8 | data[i];
  return value;
}

void storeLittle(uint8_t *data, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i, value >>= 8)
    data[i] = (uint8_t)value;
}
