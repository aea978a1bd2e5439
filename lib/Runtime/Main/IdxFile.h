//===- IdxFile.h - MNIST's array files ----------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The format in which MNIST and its like are distributed.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_IDXFILE_H
#define DOREFA_RUNTIME_MAIN_IDXFILE_H

#include "Array.h"

bool isIdx(ByteView file);

/// Reads an idx file into `array`, which points into `file`.
bool readIdx(ByteView file, Array *array, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_IDXFILE_H
