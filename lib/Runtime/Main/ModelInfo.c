//===- ModelInfo.c - What a model says about itself ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Everything printed here is in the model's own table, so it needs no input.
//
//===----------------------------------------------------------------------===//

#include "ModelInfo.h"
#include "TensorShape.h"
#include <inttypes.h>

static void printTensor(const char *role, const dorefa_tensor *tensor) {
  char type[160];
  describeTensor(tensor, type, sizeof(type));
  printf("%-10s%s: %s, %" PRIu64 " bytes\n", role, tensor->name, type,
         tensor->image_bytes);
}

void printInfo(const dorefa_model *model) {
  printf("model     %s\n", model->name);
  printf("compiler  %s\n", model->compiler);
  printf("target    %s\n", model->target);
  printf("variant   %s", model->variant);
  for (int32_t i = 0; model->num_variants > 1 && i < model->num_variants; ++i)
    printf("%s%s", i == 0 ? " of " : ", ", model->variants[i]);
  printf("\n");
  for (int32_t i = 0; i < model->num_inputs; ++i)
    printTensor("input", &model->inputs[i]);
  for (int32_t i = 0; i < model->num_outputs; ++i)
    printTensor("output", &model->outputs[i]);
  if (model->fixed_batch > 0)
    printf("batch     fixed to %" PRId64 "\n", model->fixed_batch);
  else
    printf("batch     any\n");
  int64_t batch = model->fixed_batch > 0 ? model->fixed_batch : 1;
  printf("memory    %" PRIu64 " bytes\n", model->model_memory_bytes);
  printf("workspace %" PRIu64 " bytes a thread\n",
         model->workspace_bytes(batch, NULL));
}

void printReport(const dorefa_model *model) {
  fwrite(model->report, 1, (size_t)model->report_bytes, stdout);
  if (model->report_bytes && model->report[model->report_bytes - 1] != '\n')
    printf("\n");
}

void printVersion(const dorefa_model *model) {
  printf("%s (%s)\n", model->name, model->compiler);
}
