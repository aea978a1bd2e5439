//===- Elements.h - Elements of the ABI's types as numbers --------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Single elements of outputs, for printing and for the comparison of scores.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_ELEMENTS_H
#define DOREFA_RUNTIME_MAIN_ELEMENTS_H

#include <stdint.h>

/// Element `i` of `data`; an int64 may be rounded.
double elementAsDouble(int32_t elementType, const uint8_t *data, uint64_t i);

/// Element `i` of `data`, which is not float32.
int64_t elementAsInteger(int32_t elementType, const uint8_t *data, uint64_t i);

/// Position of the largest of `count` elements, the first one if several are.
/// A NaN is smaller than all else.
uint64_t largestElement(int32_t elementType, const uint8_t *data,
                        uint64_t count);

#endif // DOREFA_RUNTIME_MAIN_ELEMENTS_H
