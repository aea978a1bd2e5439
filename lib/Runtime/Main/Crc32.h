//===- Crc32.h - The checksum of zip archives ---------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The checksum that zip archives hold of each member.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_CRC32_H
#define DOREFA_RUNTIME_MAIN_CRC32_H

#include "FileBytes.h"

/// The checksum of all bytes so far, given that of the bytes before (0: none).
uint32_t crc32Of(uint32_t before, ByteView bytes);

#endif // DOREFA_RUNTIME_MAIN_CRC32_H
