//===- TensorShape.h - Shapes of a network's inputs and outputs ---*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A network is called for one image, or, if its batch is fixed, for the whole
// batch. What one such call takes and gives is a unit here.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_TENSORSHAPE_H
#define DOREFA_RUNTIME_MAIN_TENSORSHAPE_H

#include "Array.h"
#include "dorefa/Runtime/dorefa_model.h"

/// Images in one unit.
uint64_t unitImages(const dorefa_model *model);

/// Whether all units read this one input: it has no batch, though the
/// network's is free.
bool isSharedInput(const dorefa_model *model, const dorefa_tensor *input);

/// Elements in one unit of a tensor.
uint64_t unitElements(const dorefa_tensor *tensor);

/// The number of units that the array holds for this input. Extents of 1 may
/// be present on one side only.
bool countUnits(const dorefa_tensor *tensor, const Array *array,
                uint64_t *units, Failure *failure);

/// The shape of `units` units; at most MAX_RANK extents. Returns the rank.
int shapeOfUnits(const dorefa_tensor *tensor, uint64_t units, uint64_t *shape);

/// "float32[N, 3, 32, 32]".
void describeTensor(const dorefa_tensor *tensor, char *text, size_t size);

#endif // DOREFA_RUNTIME_MAIN_TENSORSHAPE_H
