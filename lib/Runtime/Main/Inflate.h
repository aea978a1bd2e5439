//===- Inflate.h - Decompression of deflate streams ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Decompression for .npz files, as the program links with libc alone.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_INFLATE_H
#define DOREFA_RUNTIME_MAIN_INFLATE_H

#include "FileBytes.h"

/// No deflate stream grows by more than this factor.
#define INFLATE_MAX_RATIO 1032

/// Decompresses a raw deflate stream (RFC 1951) that yields exactly
/// `targetSize` bytes.
bool inflateBytes(ByteView source, uint8_t *target, uint64_t targetSize,
                  Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_INFLATE_H
