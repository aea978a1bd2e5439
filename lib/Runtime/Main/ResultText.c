//===- ResultText.c - What a run computed, for people -------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A row of scores for each image is printed as its class, everything else
// element by element, with the digits that tell floats apart and up to a limit.
//
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "Results.h"
#include <inttypes.h>
#include <stdlib.h>

/// Elements that are printed of an array.
#define MAX_PRINTED 1000

/// Prints the fewest digits that give the float back.
static void printFloat(float value) {
  char text[32];
  for (int digits = 6; digits <= 9; ++digits) {
    snprintf(text, sizeof(text), "%.*g", digits, (double)value);
    if (strtof(text, NULL) == value)
      break;
  }
  printf("%s", text);
}

static void printElement(int32_t type, const uint8_t *data, uint64_t i) {
  if (type == DOREFA_FLOAT32)
    printFloat((float)elementAsDouble(type, data, i));
  else
    printf("%" PRId64, elementAsInteger(type, data, i));
}

static void printClasses(const dorefa_tensor *output, const uint8_t *data,
                         uint64_t images, uint64_t classes) {
  int32_t type = output->element_type;
  for (uint64_t i = 0; i < images; ++i) {
    const uint8_t *scores = data + i * classes * elementTypeBytes(type);
    uint64_t best = largestElement(type, scores, classes);
    if (images > 1)
      printf("%" PRIu64 ": ", i);
    printf("class %" PRIu64 ", score ", best);
    printElement(type, scores, best);
    printf("\n");
  }
}

static void printElements(const dorefa_tensor *output, const uint8_t *data,
                          uint64_t units) {
  uint64_t shape[MAX_RANK];
  int rank = shapeOfUnits(output, units, shape);
  uint64_t count = units * unitElements(output);
  uint64_t row = rank > 0 ? shape[rank - 1] : 1;
  uint64_t printed = count < MAX_PRINTED ? count : MAX_PRINTED;
  for (uint64_t i = 0; i < printed; ++i) {
    printElement(output->element_type, data, i);
    printf("%s", (i + 1) % row == 0 || i + 1 == printed ? "\n" : " ");
  }
  if (printed < count)
    printf("... (%" PRIu64 " elements; -o writes them to a file)\n", count);
}

void printResults(const dorefa_model *model, const DataSet *outputs) {
  for (int32_t i = 0; i < model->num_outputs; ++i) {
    const dorefa_tensor *output = &model->outputs[i];
    uint64_t images = outputs->units * unitImages(model);
    bool isScores = output->rank == 2 && output->shape[1] > 1 &&
                    output->element_type != DOREFA_BOOL &&
                    unitElements(output) ==
                        unitImages(model) * (uint64_t)output->shape[1];
    if (model->num_outputs > 1)
      printf("%s:\n", output->name);
    if (isScores)
      printClasses(output, outputs->buffers[i], images,
                   (uint64_t)output->shape[1]);
    else
      printElements(output, outputs->buffers[i], outputs->units);
  }
}
