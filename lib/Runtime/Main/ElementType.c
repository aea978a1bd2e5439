//===- ElementType.c - The element types of the ABI ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sizes and NumPy's names of the types that the ABI knows.
//
//===----------------------------------------------------------------------===//

#include "Array.h"
#include "dorefa/Runtime/dorefa_model.h"

unsigned elementTypeBytes(int32_t elementType) {
  switch (elementType) {
  case DOREFA_UINT8:
  case DOREFA_INT8:
  case DOREFA_BOOL:
    return 1;
  case DOREFA_UINT16:
  case DOREFA_INT16:
    return 2;
  case DOREFA_INT64:
    return 8;
  default:
    return 4;
  }
}

const char *elementTypeName(int32_t elementType) {
  switch (elementType) {
  case DOREFA_FLOAT32:
    return "float32";
  case DOREFA_UINT8:
    return "uint8";
  case DOREFA_INT8:
    return "int8";
  case DOREFA_UINT16:
    return "uint16";
  case DOREFA_INT16:
    return "int16";
  case DOREFA_INT32:
    return "int32";
  case DOREFA_INT64:
    return "int64";
  case DOREFA_BOOL:
    return "bool";
  default:
    return "unknown";
  }
}
