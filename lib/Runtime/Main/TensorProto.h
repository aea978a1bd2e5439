//===- TensorProto.h - Tensors in ONNX's format -------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// ONNX's test data come as single serialised tensors (.pb).
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_TENSORPROTO_H
#define DOREFA_RUNTIME_MAIN_TENSORPROTO_H

#include "Array.h"

/// Reads a serialised TensorProto into `array`, which points into `file` or has
/// memory of its own.
bool readTensorProto(ByteView file, Array *array, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_TENSORPROTO_H
