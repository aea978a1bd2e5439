//===- Elements.c - Elements of the ABI's types as numbers --------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Elements are read byte by byte as little-endian, the order of all targets, so
// that alignment does not matter.
//
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "Array.h"
#include "dorefa/Runtime/dorefa_model.h"
#include <string.h>

int64_t elementAsInteger(int32_t elementType, const uint8_t *data, uint64_t i) {
  unsigned bytes = elementTypeBytes(elementType);
  uint64_t bits = loadLittle(data + i * bytes, bytes);
  switch (elementType) {
  case DOREFA_INT8:
    return (int8_t)bits;
  case DOREFA_INT16:
    return (int16_t)bits;
  case DOREFA_INT32:
    return (int32_t)bits;
  default:
    return (int64_t)bits;
  }
}

double elementAsDouble(int32_t elementType, const uint8_t *data, uint64_t i) {
  if (elementType != DOREFA_FLOAT32)
    return (double)elementAsInteger(elementType, data, i);
  float value;
  memcpy(&value, data + i * sizeof(value), sizeof(value));
  return value;
}

uint64_t largestElement(int32_t elementType, const uint8_t *data,
                        uint64_t count) {
  uint64_t best = 0;
  double largest = elementAsDouble(elementType, data, 0);
  for (uint64_t i = 1; i < count; ++i) {
    double value = elementAsDouble(elementType, data, i);
    if (value > largest || (largest != largest && value == value)) {
      largest = value;
      best = i;
    }
  }
  return best;
}
