//===- StubFixedModel.c - A fixed batch and several tensors -------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two images at a time: sum = a + n, and isEven says where n is even.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include <string.h>

static const int64_t pairShape[] = {2, 3};
static const int64_t cubeShape[] = {2, 3, 1};
static const dorefa_tensor inputs[] = {{"a", DOREFA_FLOAT32, 2, pairShape, 24},
                                       {"n", DOREFA_INT8, 2, pairShape, 6}};
static const dorefa_tensor outputs[] = {
    {"sum", DOREFA_FLOAT32, 2, pairShape, 24},
    {"isEven", DOREFA_BOOL, 3, cubeShape, 6}};

const dorefa_artifact_info dorefa_artifact = {
    .hash = 0x5678,
    .model_memory_bytes = DOREFA_MEMORY_HEADER_BYTES,
    .image_workspace_bytes = 0,
    .fixed_batch = 2,
    .unit_images = 2,
    .group_images = 1,
    .num_inputs = 2,
    .num_outputs = 2,
    .inputs = inputs,
    .outputs = outputs};

void dorefa_pack(uint8_t *memory) { (void)memory; }

void dorefa_images(const uint8_t *memory, uint8_t *workspace,
                   const void *const *from, void *const *to, int64_t images,
                   const dorefa_executor *executor) {
  (void)executor;
  (void)images;
  (void)memory;
  (void)workspace;
  const int8_t *n = from[1];
  for (int i = 0; i < 6; ++i) {
    float a;
    memcpy(&a, (const uint8_t *)from[0] + 4 * i, 4);
    a += n[i];
    memcpy((uint8_t *)to[0] + 4 * i, &a, 4);
    ((uint8_t *)to[1])[i] = n[i] % 2 == 0;
  }
}

static const char *const names[] = {"any"};
static const dorefa_model model = {
    .abi_version = DOREFA_ABI_VERSION,
    .struct_bytes = sizeof(dorefa_model),
    .name = "stub_fixed",
    .compiler = "dorefa test",
    .target = "host",
    .num_inputs = 2,
    .num_outputs = 2,
    .inputs = inputs,
    .outputs = outputs,
    .fixed_batch = 2,
    .model_memory_bytes = DOREFA_MEMORY_HEADER_BYTES,
    .report = "{}",
    .report_bytes = 2,
    .workspace_bytes = dorefa_artifact_workspace_bytes,
    .prepare = dorefa_artifact_prepare,
    .run = dorefa_artifact_run,
    .status_text = dorefa_artifact_status_text,
    .variant = "any",
    .num_variants = 1,
    .variants = names};

static const dorefa_variant variants[] = {{&model, 0}};
const dorefa_variant_table dorefa_artifact_variants = {variants, 1};

const dorefa_model *dorefa_get_model(void) {
  return dorefa_artifact_get_model();
}

uint64_t dorefa_get_error(char *text, uint64_t bytes) {
  return dorefa_artifact_get_error(text, bytes);
}
