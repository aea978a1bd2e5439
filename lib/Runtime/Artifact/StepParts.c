//===- StepParts.c - Steps on several threads -------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Parts are neighbouring items of about one number, so that a thread reads as
// few weights and rows as possible.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"

typedef struct Step {
  dorefa_step_part *part;
  void *const *arguments;
  int64_t items;
  int64_t parts;
} Step;

static void runPart(void *context, int64_t i, int32_t thread) {
  const Step *step = (const Step *)context;
  step->part(step->arguments, step->items * i / step->parts,
             step->items * (i + 1) / step->parts, thread);
}

void dorefa_artifact_run_step(const dorefa_executor *executor,
                              dorefa_step_part *part, void *const *arguments,
                              int64_t items, int64_t least) {
  int64_t parts = items / least;
  if (!executor || parts < 2) {
    part(arguments, 0, items, 0);
    return;
  }
  if (parts > executor->threads)
    parts = executor->threads;
  Step step = {part, arguments, items, parts};
  executor->parallel_for(executor->self, runPart, &step, parts);
}
