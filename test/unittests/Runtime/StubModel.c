//===- StubModel.c - A small network written by hand --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stands for generated code: three scores for images of 2x2 floats, from 1-bit
// weights that `prepare` unpacks to one byte each.
//
//   score[k] = sum of (weight[k][i] ? x[i] : -x[i])
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include <string.h>

/// weight[0] = all ones, weight[1] = 1 0 1 0, weight[2] = 0 1 1 0.
static const uint8_t weights[] = {0x5f, 0x06};
/// 12 codes of 1 bit, one in each byte.
static const int64_t weightLayout[] = {1, 2, 2, 0,    3, 4, 1, 1,
                                       4, 8, 0, 1, 3, 32, 0};

static const int64_t inputShape[] = {-1, 1, 2, 2};
static const int64_t outputShape[] = {-1, 3};
static const dorefa_tensor inputs[] = {
    {"x", DOREFA_FLOAT32, 4, inputShape, 16}};
static const dorefa_tensor outputs[] = {
    {"scores", DOREFA_FLOAT32, 2, outputShape, 12}};

const dorefa_artifact_info dorefa_artifact = {
    .hash = 0x1234,
    .model_memory_bytes = DOREFA_MEMORY_HEADER_BYTES + 12,
    .image_workspace_bytes = 64,
    .slice_bytes = 128,
    .thread_bytes = 64,
    .fixed_batch = 0,
    .unit_images = 1,
    .group_images = 4,
    .num_inputs = 1,
    .num_outputs = 1,
    .inputs = inputs,
    .outputs = outputs};

void dorefa_pack(uint8_t *memory) {
  dorefa_pack_digits(memory, weights, weightLayout);
}

/// Scores [begin, end).
static void computeScores(void *const *arguments, int64_t begin, int64_t end,
                          int64_t thread) {
  const uint8_t *memory = arguments[0];
  float *x = (float *)((uint8_t *)arguments[1] + 64 * thread);
  memcpy(x, arguments[2], 16);
  for (int64_t k = begin; k < end; ++k) {
    float sum = 0;
    for (int i = 0; i < 4; ++i)
      sum += memory[4 * k + i] ? x[i] : -x[i];
    memcpy((uint8_t *)arguments[3] + 4 * k, &sum, 4);
  }
}

/// Temporary memory lies behind the slices of all images but one, which are
/// written to show that they are there.
void dorefa_images(const uint8_t *memory, uint8_t *workspace,
                   const void *const *from, void *const *to, int64_t images,
                   const dorefa_executor *executor) {
  size_t slices = 128 * (size_t)(images - 1);
  memset(workspace, (int)images, slices);
  for (int64_t i = 0; i < images; ++i) {
    void *arguments[] = {(void *)(uintptr_t)memory, workspace + slices,
                         (uint8_t *)(uintptr_t)from[0] + 16 * i,
                         (uint8_t *)to[0] + 12 * i};
    dorefa_artifact_run_step(executor, computeScores, arguments, 3, 1);
  }
}

static const char *const names[] = {"any"};
static const dorefa_model model = {
    .abi_version = DOREFA_ABI_VERSION,
    .struct_bytes = sizeof(dorefa_model),
    .name = "stub",
    .compiler = "dorefa test",
    .target = "host",
    .num_inputs = 1,
    .num_outputs = 1,
    .inputs = inputs,
    .outputs = outputs,
    .fixed_batch = 0,
    .model_memory_bytes = DOREFA_MEMORY_HEADER_BYTES + 12,
    .report = "{\"layers\": []}",
    .report_bytes = 14,
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
