//===- ZipArchive.h - Zip archives, as in .npz files --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Zip archives in memory, as far as .npz files need them: stored or deflated
// members are read, stored ones written.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_ZIPARCHIVE_H
#define DOREFA_RUNTIME_MAIN_ZIPARCHIVE_H

#include "FileBytes.h"

bool isZip(ByteView file);

/// A member of an archive: its bytes in the file, or in memory of its own.
typedef struct ZipMember {
  char *name;     ///< owned by the receiver
  ByteView data;
  uint8_t *owned; ///< owned by the receiver; null if data points into the file
} ZipMember;

/// Calls `receive` for each member in the order of the directory, and stops
/// with failure where it returns false.
bool readZip(ByteView file,
             bool (*receive)(void *context, ZipMember *member,
                             Failure *failure),
             void *context, Failure *failure);

/// What a zip file says about a member that is written uncompressed. The bytes
/// come in two parts, a header and the elements.
typedef struct ZipEntry {
  const char *name;
  ByteView parts[2];
} ZipEntry;

/// Writes an archive without compression; false if the file cannot be written
/// or a member is larger than 4 GB.
bool writeZip(FILE *file, const ZipEntry *entries, uint64_t count);

#endif // DOREFA_RUNTIME_MAIN_ZIPARCHIVE_H
