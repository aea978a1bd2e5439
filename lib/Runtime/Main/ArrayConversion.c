//===- ArrayConversion.c - Elements as a declared type ------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two steps: an element is read as an integer or a double, which hold each of
// the file types exactly, and written as the declared type if its value fits.
//
//===----------------------------------------------------------------------===//

#include "Array.h"
#include "dorefa/Runtime/dorefa_model.h"
#include <inttypes.h>
#include <string.h>

/// One element: the double if the kind is a float, else sign and magnitude.
typedef struct Element {
  bool isFloat;
  bool isNegative;
  uint64_t magnitude;
  double real;
} Element;

static double halfToDouble(uint64_t bits) {
  uint64_t exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 0) {
    double value = (double)fraction * 0x1p-24;
    return bits & 0x8000 ? -value : value;
  }
  uint64_t wide = exponent == 31 ? UINT64_C(0x7ff) : exponent + 1008;
  wide = (bits & 0x8000) << 48 | wide << 52 | fraction << 42;
  double value;
  memcpy(&value, &wide, sizeof(value));
  return value;
}

static double floatBitsToDouble(uint64_t bits, unsigned bytes) {
  if (bytes == 2)
    return halfToDouble(bits);
  if (bytes == 4) {
    uint32_t word = (uint32_t)bits;
    float value;
    memcpy(&value, &word, sizeof(value));
    return value;
  }
  double value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static Element readElement(const Array *array, const uint8_t *data) {
  unsigned bytes = array->elementBytes;
  uint64_t bits =
      array->bigEndian ? loadBig(data, bytes) : loadLittle(data, bytes);
  Element element = {false, false, bits, 0.0};
  switch (array->kind) {
  case KIND_BOOL:
    element.magnitude = bits != 0;
    break;
  case KIND_UNSIGNED:
    break;
  case KIND_SIGNED:
    if (bits >> (8 * bytes - 1) & 1) {
      element.isNegative = true;
      element.magnitude = (0 - bits) & (UINT64_MAX >> (64 - 8 * bytes));
    }
    break;
  case KIND_FLOAT:
    element.isFloat = true;
    element.real = floatBitsToDouble(bits, bytes);
    break;
  }
  return element;
}

/// A float with an integer's value as that integer.
static bool makeInteger(Element *element) {
  double magnitude = element->real < 0 ? -element->real : element->real;
  if (!(magnitude < 0x1p63) || (double)(uint64_t)magnitude != magnitude)
    return false;
  element->isNegative = element->real < 0;
  element->magnitude = (uint64_t)magnitude;
  return true;
}

/// Writes an integer from -lowest to highest.
static bool writeInteger(Element element, uint64_t lowest, uint64_t highest,
                         unsigned bytes, uint8_t *target) {
  if (element.isFloat && !makeInteger(&element))
    return false;
  if (element.magnitude > (element.isNegative ? lowest : highest))
    return false;
  storeLittle(target,
              element.isNegative ? 0 - element.magnitude : element.magnitude,
              bytes);
  return true;
}

static bool writeFloat(Element element, uint8_t *target) {
  const double beyond = 0x1.ffffffp+127; // from here on it rounds to infinity
  float value;
  if (element.isFloat) {
    bool isFinite = element.real - element.real == 0.0;
    if (isFinite && (element.real >= beyond || element.real <= -beyond))
      return false;
    value = (float)element.real;
  } else {
    value = (float)element.magnitude;
    if (value >= 0x1p64f || (uint64_t)value != element.magnitude)
      return false;
    value = element.isNegative ? -value : value;
  }
  memcpy(target, &value, sizeof(value));
  return true;
}

static bool writeElement(Element element, int32_t elementType,
                         uint8_t *target) {
  switch (elementType) {
  case DOREFA_FLOAT32:
    return writeFloat(element, target);
  case DOREFA_UINT8:
    return writeInteger(element, 0, UINT8_MAX, 1, target);
  case DOREFA_INT8:
    return writeInteger(element, 128, INT8_MAX, 1, target);
  case DOREFA_UINT16:
    return writeInteger(element, 0, UINT16_MAX, 2, target);
  case DOREFA_INT16:
    return writeInteger(element, 32768, INT16_MAX, 2, target);
  case DOREFA_INT32:
    return writeInteger(element, UINT64_C(1) << 31, INT32_MAX, 4, target);
  case DOREFA_INT64:
    return writeInteger(element, UINT64_C(1) << 63, INT64_MAX, 8, target);
  case DOREFA_BOOL:
    return writeInteger(element, 0, 1, 1, target);
  default:
    return false;
  }
}

/// Whether the file's bytes are the declared type's bytes. Booleans are not:
/// bytes other than 0 and 1 are normalised.
static bool isSameType(const Array *array, int32_t elementType) {
  if (array->columnMajor || array->kind == KIND_BOOL ||
      elementType == DOREFA_BOOL ||
      array->elementBytes != elementTypeBytes(elementType) ||
      (array->bigEndian && array->elementBytes > 1))
    return false;
  ElementKind kind =
      elementType == DOREFA_FLOAT32 ? KIND_FLOAT
      : elementType == DOREFA_UINT8 || elementType == DOREFA_UINT16
          ? KIND_UNSIGNED
          : KIND_SIGNED;
  return array->kind == kind;
}

/// Moves a row-major index on by one and returns the column-major position.
static uint64_t nextColumnMajor(const Array *array, uint64_t *index) {
  for (int i = array->rank - 1; i >= 0; --i) {
    if (++index[i] < array->shape[i])
      break;
    index[i] = 0;
  }
  uint64_t position = 0;
  for (int i = array->rank - 1; i >= 0; --i)
    position = position * array->shape[i] + index[i];
  return position;
}

bool isImageOf(const Array *array, int32_t elementType) {
  return array->kind == KIND_UNSIGNED && array->elementBytes == 1 &&
         elementType == DOREFA_FLOAT32;
}

bool convertArray(const Array *array, int32_t elementType, float scale,
                  uint8_t *target, Failure *failure) {
  if (isSameType(array, elementType)) {
    memcpy(target, array->data.data, (size_t)array->data.size);
    return true;
  }
  bool isImage = isImageOf(array, elementType);
  unsigned targetBytes = elementTypeBytes(elementType);
  uint64_t index[MAX_RANK] = {0}, position = 0;
  for (uint64_t i = 0; i < array->count; ++i, target += targetBytes) {
    const uint8_t *source = array->data.data + position * array->elementBytes;
    if (isImage) {
      float value = (float)*source * scale;
      memcpy(target, &value, sizeof(value));
    } else if (!writeElement(readElement(array, source), elementType, target)) {
      char type[128];
      describeArray(array, type, sizeof(type));
      return fail(failure,
                  "element %" PRIu64 " of %s has a value that %s cannot hold",
                  i, type, elementTypeName(elementType));
    }
    position = array->columnMajor ? nextColumnMajor(array, index) : i + 1;
  }
  return true;
}
