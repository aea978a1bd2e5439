//===- DataFile.h - Arrays from a file of any format --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// All input formats behind one function, which gives arrays by name.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_DATAFILE_H
#define DOREFA_RUNTIME_MAIN_DATAFILE_H

#include "Array.h"

/// Reads the arrays of a file in memory; they may point into it.
bool readArrays(ByteView file, ArrayList *list, Failure *failure);

/// Reads a .npy, .npz, idx or ONNX tensor file, told apart by content. The
/// caller frees the list, also after a failure. The failure names the path.
bool readDataFile(const char *path, ArrayList *list, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_DATAFILE_H
