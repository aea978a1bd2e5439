//===- Variants.c - The variant of a network for this CPU -------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The choice is a pure function of the table, of what the CPU has and of the
// name that is asked for; nothing is kept between calls. So is the text that
// says why there is no choice, which is written from the same arguments.
// This code runs before anything is known of the CPU.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include <stddef.h>

char *getenv(const char *name);

static int isEqual(const char *a, const char *b) {
  while (*a && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

static int isRunnable(const dorefa_variant *variant, uint64_t features) {
  return (variant->features & ~features) == 0;
}

static const dorefa_variant *findVariant(const dorefa_variant_table *table,
                                         const char *name) {
  for (int32_t i = 0; i < table->count; ++i)
    if (isEqual(table->variants[i].model->variant, name))
      return &table->variants[i];
  return NULL;
}

const dorefa_model *dorefa_choose_variant(const dorefa_variant_table *table,
                                          uint64_t features,
                                          const char *wanted) {
  if (wanted && *wanted) {
    const dorefa_variant *variant = findVariant(table, wanted);
    return variant && isRunnable(variant, features) ? variant->model : NULL;
  }
  for (int32_t i = table->count - 1; i >= 0; --i)
    if (isRunnable(&table->variants[i], features))
      return table->variants[i].model;
  return NULL;
}

/// A buffer that counts what does not fit.
typedef struct Text {
  char *bytes;
  uint64_t capacity;
  uint64_t length;
} Text;

static void append(Text *text, const char *part) {
  for (; *part; ++part, ++text->length)
    if (text->length + 1 < text->capacity)
      text->bytes[text->length] = *part;
}

/// What stands before entry `i` of `count` in "a, b or c".
static void appendSeparator(Text *text, int32_t i, int32_t count,
                            const char *last) {
  if (i != 0)
    append(text, i + 1 < count ? ", " : last);
}

static void appendNames(Text *text, const dorefa_variant_table *table) {
  for (int32_t i = 0; i < table->count; ++i) {
    appendSeparator(text, i, table->count, " or ");
    append(text, table->variants[i].model->variant);
  }
}

/// "compiled for x86-64-v4; this CPU lacks avx512f, avx512bw".
static void appendMissing(Text *text, const dorefa_variant *variant,
                          uint64_t features) {
  const char *before = "; this CPU lacks ";
  append(text, "compiled for ");
  append(text, variant->model->variant);
  for (uint32_t bit = 0; bit < 64; ++bit)
    if ((variant->features & ~features) >> bit & 1) {
      append(text, before);
      append(text, dorefa_cpu_feature_name(bit));
      before = ", ";
    }
}

uint64_t dorefa_explain_choice(const dorefa_variant_table *table,
                               uint64_t features, const char *wanted,
                               char *bytes, uint64_t capacity) {
  Text text = {bytes, capacity, 0};
  if (!dorefa_choose_variant(table, features, wanted)) {
    const dorefa_variant *variant = table->variants;
    if (wanted && *wanted) {
      append(&text, "DOREFA_VARIANT=");
      append(&text, wanted);
      append(&text, ": ");
      variant = findVariant(table, wanted);
    }
    if (!variant) {
      append(&text, "unknown variant: expected ");
      appendNames(&text, table);
    } else {
      appendMissing(&text, variant, features);
    }
  }
  if (capacity)
    bytes[text.length < capacity ? text.length : capacity - 1] = 0;
  return text.length;
}

const dorefa_model *dorefa_artifact_get_model(void) {
  return dorefa_choose_variant(&dorefa_artifact_variants, dorefa_cpu_features(),
                               getenv("DOREFA_VARIANT"));
}

uint64_t dorefa_artifact_get_error(char *text, uint64_t bytes) {
  return dorefa_explain_choice(&dorefa_artifact_variants, dorefa_cpu_features(),
                               getenv("DOREFA_VARIANT"), text, bytes);
}
