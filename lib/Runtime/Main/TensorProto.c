//===- TensorProto.c - Tensors in ONNX's format -------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The message, by field number: 1 dims, 2 data_type, 4 float_data, 5
// int32_data, 7 int64_data, 8 name, 9 raw_data, 10 double_data, 11 uint64_data,
// 14 data_location. Elements lie in raw_data or in the typed field of their
// type; a typed field may be packed or come element by element.
//
//===----------------------------------------------------------------------===//

#include "TensorProto.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

typedef struct Reader {
  const uint8_t *position;
  const uint8_t *end;
} Reader;

/// A field's number and wire type, with its value or its bytes.
typedef struct Field {
  uint64_t number;
  unsigned wire;
  uint64_t value;
  ByteView bytes;
} Field;

static bool takeVarint(Reader *reader, uint64_t *value) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (reader->position == reader->end)
      return false;
    uint8_t byte = *reader->position++;
    if (shift < 64)
      result |= (uint64_t)(byte & 127) << shift;
    if (!(byte & 128)) {
      *value = result;
      return true;
    }
  }
  return false;
}

static bool takeBytes(Reader *reader, uint64_t size, ByteView *bytes) {
  if ((uint64_t)(reader->end - reader->position) < size)
    return false;
  bytes->data = reader->position;
  bytes->size = size;
  reader->position += size;
  return true;
}

static bool takeField(Reader *reader, Field *field) {
  uint64_t tag, size;
  if (!takeVarint(reader, &tag) || tag >> 3 == 0)
    return false;
  field->number = tag >> 3;
  field->wire = tag & 7;
  switch (field->wire) {
  case WIRE_VARINT:
    return takeVarint(reader, &field->value);
  case WIRE_64:
    return takeBytes(reader, 8, &field->bytes);
  case WIRE_32:
    return takeBytes(reader, 4, &field->bytes);
  case WIRE_BYTES:
    return takeVarint(reader, &size) && takeBytes(reader, size, &field->bytes);
  default:
    return false;
  }
}

/// What one TensorProto.DataType is.
typedef struct TypeFacts {
  uint64_t number;
  ElementKind kind;
  unsigned bytes;
  uint64_t field; ///< the typed field that holds it
} TypeFacts;

static const TypeFacts types[] = {
    {1, KIND_FLOAT, 4, 4},    {2, KIND_UNSIGNED, 1, 5},
    {3, KIND_SIGNED, 1, 5},   {4, KIND_UNSIGNED, 2, 5},
    {5, KIND_SIGNED, 2, 5},   {6, KIND_SIGNED, 4, 5},
    {7, KIND_SIGNED, 8, 7},   {9, KIND_BOOL, 1, 5},
    {10, KIND_FLOAT, 2, 5},   {11, KIND_FLOAT, 8, 10},
    {12, KIND_UNSIGNED, 4, 11}, {13, KIND_UNSIGNED, 8, 11}};

/// What a first pass over the message finds.
typedef struct Summary {
  uint64_t type;
  bool hasRaw;
  ByteView raw;
  bool isExternal;
} Summary;

static bool addExtent(Array *array, uint64_t extent, Failure *failure) {
  if (array->rank == MAX_RANK)
    return fail(failure, "unsupported: more than %d dimensions", MAX_RANK);
  if (extent > INT64_MAX)
    return fail(failure, "malformed tensor: negative extent");
  array->shape[array->rank++] = extent;
  return true;
}

static bool setName(Array *array, ByteView name) {
  free(array->name);
  array->name = malloc((size_t)name.size + 1);
  if (!array->name)
    return false;
  memcpy(array->name, name.data, (size_t)name.size);
  array->name[name.size] = 0;
  return true;
}

static bool readSummary(ByteView file, Array *array, Summary *summary,
                        Failure *failure) {
  Reader reader = {file.data, file.data + file.size};
  while (reader.position != reader.end) {
    Field field;
    if (!takeField(&reader, &field))
      return fail(failure, "not a tensor file, or truncated (expected .npy, "
                           ".npz, idx or an ONNX tensor)");
    if (field.number == 1 && field.wire == WIRE_VARINT) {
      if (!addExtent(array, field.value, failure))
        return false;
    } else if (field.number == 1 && field.wire == WIRE_BYTES) {
      Reader extents = {field.bytes.data, field.bytes.data + field.bytes.size};
      uint64_t extent;
      while (extents.position != extents.end) {
        if (!takeVarint(&extents, &extent))
          return fail(failure, "malformed tensor: extents");
        if (!addExtent(array, extent, failure))
          return false;
      }
    } else if (field.number == 2 && field.wire == WIRE_VARINT) {
      summary->type = field.value;
    } else if (field.number == 8 && field.wire == WIRE_BYTES) {
      if (!setName(array, field.bytes))
        return fail(failure, "not enough memory");
    } else if (field.number == 9 && field.wire == WIRE_BYTES) {
      summary->hasRaw = true;
      summary->raw = field.bytes;
    } else if (field.number == 14 && field.wire == WIRE_VARINT) {
      summary->isExternal = field.value == 1;
    }
  }
  return true;
}

/// Where a typed field's elements go.
typedef struct Collector {
  uint8_t *data;
  uint64_t size, capacity;
  unsigned elementBytes;
} Collector;

static bool collect(Collector *collector, uint64_t value) {
  if (collector->capacity - collector->size < collector->elementBytes)
    return false;
  storeLittle(collector->data + collector->size, value,
              collector->elementBytes);
  collector->size += collector->elementBytes;
  return true;
}

static bool collectField(Collector *collector, const Field *field) {
  bool isFixed = field->number == 4 || field->number == 10;
  unsigned fixedBytes = field->number == 4 ? 4 : 8;
  if (field->wire == WIRE_VARINT)
    return !isFixed && collect(collector, field->value);
  if (field->wire != WIRE_BYTES)
    return isFixed && field->bytes.size == fixedBytes &&
           collect(collector, loadLittle(field->bytes.data, fixedBytes));
  Reader reader = {field->bytes.data, field->bytes.data + field->bytes.size};
  while (reader.position != reader.end) {
    uint64_t value;
    ByteView bytes;
    if (isFixed) {
      if (!takeBytes(&reader, fixedBytes, &bytes))
        return false;
      value = loadLittle(bytes.data, fixedBytes);
    } else if (!takeVarint(&reader, &value)) {
      return false;
    }
    if (!collect(collector, value))
      return false;
  }
  return true;
}

/// Gathers the elements of a typed field, which takes at most one element of 8
/// bytes for each byte of the file.
static bool readTyped(ByteView file, Array *array, uint64_t number,
                      Failure *failure) {
  if (file.size > SIZE_MAX / 16)
    return fail(failure, "not enough memory");
  Collector collector = {NULL, 0, file.size * array->elementBytes,
                         array->elementBytes};
  collector.data = array->owned = malloc((size_t)collector.capacity + 1);
  if (!collector.data)
    return fail(failure, "not enough memory");
  Reader reader = {file.data, file.data + file.size};
  Field field;
  while (reader.position != reader.end && takeField(&reader, &field))
    if (field.number == number && !collectField(&collector, &field))
      return fail(failure, "malformed tensor: elements");
  ByteView data = {collector.data, collector.size};
  return setArrayData(array, data, failure);
}

bool readTensorProto(ByteView file, Array *array, Failure *failure) {
  Summary summary = {0};
  if (!readSummary(file, array, &summary, failure))
    return false;
  if (summary.type == 0)
    return fail(failure, "not a tensor file: it has no element type (expected "
                         ".npy, .npz, idx or an ONNX tensor)");
  if (summary.isExternal)
    return fail(failure, "unsupported: a tensor with external data");
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
    if (types[i].number != summary.type)
      continue;
    array->kind = types[i].kind;
    array->elementBytes = types[i].bytes;
    return summary.hasRaw
               ? setArrayData(array, summary.raw, failure)
               : readTyped(file, array, types[i].field, failure);
  }
  return fail(failure, "unsupported tensor element type %" PRIu64,
              summary.type);
}
