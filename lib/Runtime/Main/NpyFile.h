//===- NpyFile.h - NumPy's array files ----------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// NumPy's format, read for inputs and written for outputs.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_NPYFILE_H
#define DOREFA_RUNTIME_MAIN_NPYFILE_H

#include "Array.h"

bool isNpy(ByteView file);

/// Reads format versions 1 to 3 into `array`, which points into `file`.
bool readNpy(ByteView file, Array *array, Failure *failure);

/// Bytes that a header may take.
#define NPY_HEADER_BYTES 1024

/// Writes the header of a row-major array of a dorefa_element_type and returns
/// its bytes, 0 if it does not fit.
uint64_t makeNpyHeader(int32_t elementType, int rank, const uint64_t *shape,
                       uint8_t header[NPY_HEADER_BYTES]);

#endif // DOREFA_RUNTIME_MAIN_NPYFILE_H
