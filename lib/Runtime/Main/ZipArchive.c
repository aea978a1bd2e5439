//===- ZipArchive.c - Zip archives, as in .npz files --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading starts at the end: the end record gives the directory, the directory
// gives each member's place and sizes. Extra fields with 64-bit sizes are
// understood, archives in several parts and encryption are not.
//
//===----------------------------------------------------------------------===//

#include "ZipArchive.h"
#include "Crc32.h"
#include "Inflate.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL_SIGNATURE 0x04034b50u
#define ENTRY_SIGNATURE 0x02014b50u
#define END_SIGNATURE 0x06054b50u
#define END64_SIGNATURE 0x06064b50u
#define LOCATOR64_SIGNATURE 0x07064b50u

bool isZip(ByteView file) {
  if (file.size < 4)
    return false;
  uint64_t signature = loadLittle(file.data, 4);
  return signature == LOCAL_SIGNATURE || signature == END_SIGNATURE;
}

typedef struct Directory {
  uint64_t numEntries;
  uint64_t offset;
} Directory;

/// One entry of the directory.
typedef struct Entry {
  unsigned flags, method;
  uint32_t crc;
  uint64_t packedSize, size, offset;
  const uint8_t *name;
  unsigned nameLength;
} Entry;

static bool findDirectory(ByteView file, Directory *directory) {
  if (file.size < 22)
    return false;
  // A comment of up to 65535 bytes may follow the end record.
  uint64_t lowest = file.size > 22 + 65535 ? file.size - 22 - 65535 : 0;
  uint64_t at = file.size - 22;
  while (loadLittle(file.data + at, 4) != END_SIGNATURE)
    if (at-- == lowest)
      return false;
  directory->numEntries = loadLittle(file.data + at + 10, 2);
  directory->offset = loadLittle(file.data + at + 16, 4);
  if (directory->numEntries != 0xffff && directory->offset != 0xffffffff)
    return true;
  if (at < 20 || loadLittle(file.data + at - 20, 4) != LOCATOR64_SIGNATURE)
    return true;
  at = loadLittle(file.data + at - 20 + 8, 8);
  if (file.size < 56 || at > file.size - 56 ||
      loadLittle(file.data + at, 4) != END64_SIGNATURE)
    return false;
  directory->numEntries = loadLittle(file.data + at + 32, 8);
  directory->offset = loadLittle(file.data + at + 48, 8);
  return true;
}

/// Replaces the fields that say "too large" by those of the 64-bit extra field.
static void readSizes64(const uint8_t *extra, uint64_t length, Entry *entry) {
  while (length >= 4) {
    uint64_t id = loadLittle(extra, 2), bytes = loadLittle(extra + 2, 2);
    extra += 4;
    length -= 4;
    if (bytes > length)
      return;
    if (id == 1) {
      uint64_t *fields[] = {&entry->size, &entry->packedSize, &entry->offset};
      uint64_t used = 0;
      for (int i = 0; i < 3; ++i) {
        if (*fields[i] != 0xffffffff || bytes - used < 8)
          continue;
        *fields[i] = loadLittle(extra + used, 8);
        used += 8;
      }
      return;
    }
    extra += bytes;
    length -= bytes;
  }
}

/// Reads the entry at *at and moves on; false if it does not fit.
static bool readEntry(ByteView file, uint64_t *at, Entry *entry) {
  if (*at > file.size || file.size - *at < 46)
    return false;
  const uint8_t *data = file.data + *at;
  if (loadLittle(data, 4) != ENTRY_SIGNATURE)
    return false;
  uint64_t nameLength = loadLittle(data + 28, 2);
  uint64_t extraLength = loadLittle(data + 30, 2);
  uint64_t length = 46 + nameLength + extraLength + loadLittle(data + 32, 2);
  if (file.size - *at < length)
    return false;
  entry->flags = (unsigned)loadLittle(data + 8, 2);
  entry->method = (unsigned)loadLittle(data + 10, 2);
  entry->crc = (uint32_t)loadLittle(data + 16, 4);
  entry->packedSize = loadLittle(data + 20, 4);
  entry->size = loadLittle(data + 24, 4);
  entry->offset = loadLittle(data + 42, 4);
  entry->name = data + 46;
  entry->nameLength = (unsigned)nameLength;
  readSizes64(data + 46 + nameLength, extraLength, entry);
  *at += length;
  return true;
}

/// The bytes of a member as the file holds them.
static bool findPacked(ByteView file, const Entry *entry, ByteView *packed) {
  if (entry->offset > file.size || file.size - entry->offset < 30)
    return false;
  const uint8_t *local = file.data + entry->offset;
  if (loadLittle(local, 4) != LOCAL_SIGNATURE)
    return false;
  uint64_t start = entry->offset + 30 + loadLittle(local + 26, 2) +
                   loadLittle(local + 28, 2);
  if (start > file.size || file.size - start < entry->packedSize)
    return false;
  packed->data = file.data + start;
  packed->size = entry->packedSize;
  return true;
}

static bool unpack(const Entry *entry, ByteView packed, ZipMember *member,
                   Failure *failure) {
  if (entry->flags & 1)
    return fail(failure, "unsupported: encrypted");
  if (entry->method == 0) {
    if (entry->size != packed.size)
      return fail(failure, "corrupt zip archive: sizes differ");
    member->data = packed;
  } else if (entry->method == 8) {
    if (entry->size / INFLATE_MAX_RATIO > packed.size)
      return fail(failure, "corrupt zip archive: impossible size");
    member->owned = malloc((size_t)entry->size + 1);
    if (!member->owned)
      return fail(failure, "not enough memory for %" PRIu64 " bytes",
                  entry->size);
    if (!inflateBytes(packed, member->owned, entry->size, failure))
      return false;
    member->data.data = member->owned;
    member->data.size = entry->size;
  } else {
    return fail(failure, "unsupported compression method %u", entry->method);
  }
  if (crc32Of(0, member->data) != entry->crc)
    return fail(failure, "corrupt zip archive: checksum differs");
  return true;
}

static bool readMember(ByteView file, const Entry *entry, ZipMember *member,
                       Failure *failure) {
  ByteView packed;
  member->name = malloc((size_t)entry->nameLength + 1);
  if (!member->name)
    return fail(failure, "not enough memory");
  memcpy(member->name, entry->name, entry->nameLength);
  member->name[entry->nameLength] = 0;
  if (!findPacked(file, entry, &packed))
    return fail(failure, "truncated zip archive");
  return unpack(entry, packed, member, failure) ||
         failIn(failure, member->name);
}

bool readZip(ByteView file,
             bool (*receive)(void *context, ZipMember *member,
                             Failure *failure),
             void *context, Failure *failure) {
  Directory directory;
  if (!findDirectory(file, &directory))
    return fail(failure, "truncated zip archive");
  uint64_t at = directory.offset;
  for (uint64_t i = 0; i < directory.numEntries; ++i) {
    Entry entry;
    if (!readEntry(file, &at, &entry))
      return fail(failure, "truncated zip archive");
    ZipMember member = {0};
    bool ok = readMember(file, &entry, &member, failure);
    if (!ok) {
      free(member.name);
      free(member.owned);
      return false;
    }
    if (!receive(context, &member, failure))
      return false;
  }
  return true;
}

static bool isAscii(const char *name) {
  for (; *name; ++name)
    if ((unsigned char)*name > 127)
      return false;
  return true;
}

/// The fields that local header and directory entry share, from "version".
static void storeFields(uint8_t *fields, const ZipEntry *entry) {
  uint64_t size = entry->parts[0].size + entry->parts[1].size;
  uint32_t crc = crc32Of(crc32Of(0, entry->parts[0]), entry->parts[1]);
  storeLittle(fields, 20, 2);
  storeLittle(fields + 2, isAscii(entry->name) ? 0 : 1u << 11, 2); // UTF-8
  storeLittle(fields + 8, 0x21, 2); // 1980-01-01: the same bytes every time
  storeLittle(fields + 10, crc, 4);
  storeLittle(fields + 14, size, 4);
  storeLittle(fields + 18, size, 4);
  storeLittle(fields + 22, strlen(entry->name), 2);
}

static bool put(FILE *file, const void *data, uint64_t size) {
  return fwrite(data, 1, (size_t)size, file) == size;
}

bool writeZip(FILE *file, const ZipEntry *entries, uint64_t count) {
  uint64_t offset = 0, directoryBytes = 0;
  if (count > 0xfffe)
    return false;
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t header[30] = {0};
    uint64_t length = strlen(entries[i].name);
    storeLittle(header, LOCAL_SIGNATURE, 4);
    storeFields(header + 4, &entries[i]);
    offset += 30 + length + entries[i].parts[0].size + entries[i].parts[1].size;
    if (length > 0xffff || offset > 0xfffffffe || !put(file, header, 30) ||
        !put(file, entries[i].name, length) ||
        !put(file, entries[i].parts[0].data, entries[i].parts[0].size) ||
        !put(file, entries[i].parts[1].data, entries[i].parts[1].size))
      return false;
  }
  uint64_t start = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t header[46] = {0};
    uint64_t length = strlen(entries[i].name);
    storeLittle(header, ENTRY_SIGNATURE, 4);
    storeLittle(header + 4, 20, 2);
    storeFields(header + 6, &entries[i]);
    storeLittle(header + 42, start, 4);
    if (!put(file, header, 46) || !put(file, entries[i].name, length))
      return false;
    start += 30 + length + entries[i].parts[0].size + entries[i].parts[1].size;
    directoryBytes += 46 + length;
  }
  uint8_t end[22] = {0};
  storeLittle(end, END_SIGNATURE, 4);
  storeLittle(end + 8, count, 2);
  storeLittle(end + 10, count, 2);
  storeLittle(end + 12, directoryBytes, 4);
  storeLittle(end + 16, offset, 4);
  return put(file, end, 22);
}
