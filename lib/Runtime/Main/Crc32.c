//===- Crc32.c - The checksum of zip archives ---------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The polynomial 0xedb88320 by a table of bytes, which is built at each call:
// archives have few members.
//
//===----------------------------------------------------------------------===//

#include "Crc32.h"

uint32_t crc32Of(uint32_t before, ByteView bytes) {
  uint32_t table[256];
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
    table[i] = value;
  }
  uint32_t crc = ~before;
  for (uint64_t i = 0; i < bytes.size; ++i)
    crc = crc >> 8 ^ table[(crc ^ bytes.data[i]) & 255];
  return ~crc;
}
