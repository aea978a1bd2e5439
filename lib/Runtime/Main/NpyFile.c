//===- NpyFile.c - NumPy's array files ----------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file is: "\x93NUMPY", version, length of the header, the header (a Python
// dictionary literal with descr, fortran_order and shape), the elements.
//
//===----------------------------------------------------------------------===//

#include "NpyFile.h"
#include "dorefa/Runtime/dorefa_model.h"
#include <inttypes.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";

bool isNpy(ByteView file) {
  return file.size >= 6 && memcmp(file.data, magic, 6) == 0;
}

/// What is left of the header's text.
typedef struct Cursor {
  const char *position;
  const char *end;
} Cursor;

static void skipSpace(Cursor *cursor) {
  while (cursor->position < cursor->end &&
         (*cursor->position == ' ' || *cursor->position == '\n' ||
          *cursor->position == '\t'))
    ++cursor->position;
}

static bool take(Cursor *cursor, const char *word) {
  skipSpace(cursor);
  size_t length = strlen(word);
  if ((size_t)(cursor->end - cursor->position) < length ||
      memcmp(cursor->position, word, length) != 0)
    return false;
  cursor->position += length;
  return true;
}

/// A quoted string of at most size - 1 characters.
static bool takeString(Cursor *cursor, char *text, size_t size) {
  skipSpace(cursor);
  if (cursor->position == cursor->end ||
      (*cursor->position != '\'' && *cursor->position != '"'))
    return false;
  char quote = *cursor->position++;
  size_t length = 0;
  while (cursor->position < cursor->end && *cursor->position != quote) {
    if (length + 1 >= size)
      return false;
    text[length++] = *cursor->position++;
  }
  text[length] = 0;
  return take(cursor, quote == '"' ? "\"" : "'");
}

static bool takeNumber(Cursor *cursor, uint64_t *number) {
  skipSpace(cursor);
  const char *start = cursor->position;
  uint64_t value = 0;
  while (cursor->position < cursor->end && *cursor->position >= '0' &&
         *cursor->position <= '9') {
    unsigned digit = (unsigned)(*cursor->position++ - '0');
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, digit, &value))
      return false;
  }
  *number = value;
  return cursor->position != start;
}

static bool takeShape(Cursor *cursor, Array *array, Failure *failure) {
  if (!take(cursor, "("))
    return fail(failure, "malformed npy header: expected a shape");
  while (!take(cursor, ")")) {
    if (array->rank == MAX_RANK)
      return fail(failure, "unsupported: more than %d dimensions", MAX_RANK);
    if (!takeNumber(cursor, &array->shape[array->rank++]))
      return fail(failure, "malformed npy header: expected an extent");
    if (!take(cursor, ",")) {
      if (!take(cursor, ")"))
        return fail(failure, "malformed npy header: expected ')'");
      return true;
    }
  }
  return true;
}

static bool setType(const char *type, Array *array, Failure *failure) {
  static const struct {
    char letter;
    ElementKind kind;
    const char *sizes;
  } types[] = {{'b', KIND_BOOL, "1"},
               {'i', KIND_SIGNED, "1248"},
               {'u', KIND_UNSIGNED, "1248"},
               {'f', KIND_FLOAT, "248"}};
  if (strlen(type) == 3 && strchr("<>|=", type[0])) {
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
      if (type[1] != types[i].letter || !strchr(types[i].sizes, type[2]))
        continue;
      array->kind = types[i].kind;
      array->elementBytes = (unsigned)(type[2] - '0');
      array->bigEndian = type[0] == '>';
      return true;
    }
  }
  return fail(failure, "unsupported element type '%.32s'", type);
}

static bool readHeader(Cursor cursor, Array *array, Failure *failure) {
  char key[32], type[64];
  bool hasType = false, hasOrder = false, hasShape = false;
  if (!take(&cursor, "{"))
    return fail(failure, "malformed npy header: expected '{'");
  while (!take(&cursor, "}")) {
    if (!takeString(&cursor, key, sizeof(key)) || !take(&cursor, ":"))
      return fail(failure, "malformed npy header: expected a key");
    if (strcmp(key, "descr") == 0 && !hasType) {
      hasType = true;
      if (!takeString(&cursor, type, sizeof(type)))
        return fail(failure, "unsupported element type: a structure");
      if (!setType(type, array, failure))
        return false;
    } else if (strcmp(key, "fortran_order") == 0 && !hasOrder) {
      hasOrder = true;
      array->columnMajor = take(&cursor, "True");
      if (!array->columnMajor && !take(&cursor, "False"))
        return fail(failure, "malformed npy header: expected True or False");
    } else if (strcmp(key, "shape") == 0 && !hasShape) {
      hasShape = true;
      if (!takeShape(&cursor, array, failure))
        return false;
    } else {
      return fail(failure, "malformed npy header: unexpected key '%s'", key);
    }
    if (!take(&cursor, ",") && (cursor.position == cursor.end ||
                                *cursor.position != '}'))
      return fail(failure, "malformed npy header: expected '}'");
  }
  if (!hasType || !hasOrder || !hasShape)
    return fail(failure,
                "malformed npy header: descr, fortran_order or shape missing");
  array->columnMajor &= array->rank > 1;
  return true;
}

bool readNpy(ByteView file, Array *array, Failure *failure) {
  if (!isNpy(file) || file.size < 10)
    return fail(failure, "truncated npy file");
  unsigned version = file.data[6];
  if (version < 1 || version > 3)
    return fail(failure, "unsupported npy version %u", version);
  unsigned lengthBytes = version == 1 ? 2 : 4;
  uint64_t start = 8 + lengthBytes;
  if (file.size < start)
    return fail(failure, "truncated npy file");
  uint64_t length = loadLittle(file.data + 8, lengthBytes);
  if (length > file.size - start)
    return fail(failure, "truncated npy header");
  const char *text = (const char *)file.data + start;
  Cursor cursor = {text, text + length};
  if (!readHeader(cursor, array, failure))
    return false;
  ByteView elements = {file.data + start + length, file.size - start - length};
  return setArrayData(array, elements, failure);
}

uint64_t makeNpyHeader(int32_t elementType, int rank, const uint64_t *shape,
                       uint8_t header[NPY_HEADER_BYTES]) {
  const char *type = elementType == DOREFA_FLOAT32  ? "<f4"
                     : elementType == DOREFA_UINT8  ? "|u1"
                     : elementType == DOREFA_INT8   ? "|i1"
                     : elementType == DOREFA_UINT16 ? "<u2"
                     : elementType == DOREFA_INT16  ? "<i2"
                     : elementType == DOREFA_INT32  ? "<i4"
                     : elementType == DOREFA_INT64  ? "<i8"
                                                    : "|b1";
  char *text = (char *)header + 10;
  const size_t room = NPY_HEADER_BYTES - 10 - 64;
  size_t used = (size_t)snprintf(
      text, room, "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
  for (int i = 0; i < rank && used < room; ++i)
    used += (size_t)snprintf(text + used, room - used, "%" PRIu64 ",%s",
                             shape[i], i + 1 < rank ? " " : "");
  if (used < room)
    used += (size_t)snprintf(text + used, room - used, "), }");
  if (used >= room)
    return 0;
  while ((10 + used + 1) % 64 != 0)
    text[used++] = ' ';
  text[used++] = '\n';
  memcpy(header, magic, 6);
  header[6] = 1;
  header[7] = 0;
  storeLittle(header + 8, used, 2);
  return 10 + used;
}
