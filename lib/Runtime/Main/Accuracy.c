//===- Accuracy.c - How many images are classified right ----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A row of scores means the class of the largest, a single integer an image is
// the class itself. Labels out of range are errors, so that a file for another
// data set is noticed.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"
#include "Elements.h"
#include <inttypes.h>

bool countCorrect(const dorefa_model *model, const DataSet *outputs,
                  const int64_t *labels, uint64_t numLabels,
                  uint64_t *numCorrect, Failure *failure) {
  if (model->num_outputs < 1)
    return fail(failure, "the network has no output");
  const dorefa_tensor *output = &model->outputs[0];
  uint64_t images = outputs->units * unitImages(model);
  uint64_t classes = unitElements(output) / unitImages(model);
  if (numLabels != images)
    return fail(failure, "expected %" PRIu64 " labels, but got %" PRIu64,
                images, numLabels);
  int32_t type = output->element_type;
  if (classes == 0 || (classes == 1 && type == DOREFA_FLOAT32))
    return fail(failure, "the output '%.100s' has no classes", output->name);

  *numCorrect = 0;
  for (uint64_t i = 0; i < images; ++i) {
    if (classes > 1 && (labels[i] < 0 || (uint64_t)labels[i] >= classes))
      return fail(failure,
                  "label %" PRIu64 " expected a class below %" PRIu64
                  ", but got %" PRId64,
                  i, classes, labels[i]);
    const uint8_t *scores =
        outputs->buffers[0] + i * classes * elementTypeBytes(type);
    int64_t found = classes == 1
                        ? elementAsInteger(type, scores, 0)
                        : (int64_t)largestElement(type, scores, classes);
    *numCorrect += found == labels[i];
  }
  return true;
}

void printAccuracy(uint64_t numCorrect, uint64_t numImages) {
  printf("accuracy %.2f %% (%" PRIu64 " of %" PRIu64 ")\n",
         100.0 * (double)numCorrect / (double)numImages, numCorrect, numImages);
}
