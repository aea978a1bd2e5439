//===- GroupSteps.h - steps for several images at once ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A call of the network computes a group of images. Dense layers with many
// weights do so in one call of their step, which reads the weights once; other
// steps are called for one image after the other:
//
//   for each image:  steps up to the first of these layers     segment 0
//   a dense layer, for all images                              segment 1
//   for each image:  steps up to the next of these layers      segment 2
//
// What a segment leaves for another lies in memory for each image.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_GROUPSTEPS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_GROUPSTEPS_H

#include "PlanMemory.h"
#include "Steps.h"

namespace mlir::dorefa::loops {

/// Marks the steps that are called for a group of images, with the memory that
/// they need then, and numbers the segments. With `all` every step that can be is
/// marked.
void groupSteps(MutableArrayRef<Step> steps, const TargetFeatures &target,
                bool all);

/// The tensors that a segment leaves for another one.
llvm::DenseSet<Value> findGroupTensors(ArrayRef<Step> steps);

/// How many images a group has at most, of which each keeps `imageBytes` of
/// tensors for other segments; 1 if no step is marked.
int64_t chooseGroupImages(ArrayRef<Step> steps, int64_t imageBytes,
                          const TargetFeatures &target);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_GROUPSTEPS_H
