//===- PlanMemory.h - offsets of buffers in one block of memory ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Buffers share one block of memory, whose size is known at compile time; those
// that are never alive together may have the same bytes.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_PLANMEMORY_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_PLANMEMORY_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::dorefa::loops {

/// A buffer that is alive from step `first` to step `last`, both included.
struct Lifetime {
  int64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;

  bool overlaps(const Lifetime &other) const {
    return first <= other.last && other.first <= last;
  }
};

struct MemoryPlan {
  /// One offset a buffer, a multiple of 64.
  SmallVector<int64_t> offsets;
  int64_t bytes = 0;
  /// The most bytes that are alive at one step: no plan needs less.
  int64_t liveBytes = 0;
};

/// The most bytes that are alive at one step, sizes rounded up to 64 bytes.
int64_t getLiveBytes(ArrayRef<Lifetime> buffers);

/// Places buffers so that no two that are alive at one step overlap. Sizes are
/// rounded up to 64 bytes. The first `lowBuffers` are placed before the others, at
/// the lowest offsets.
MemoryPlan planMemory(ArrayRef<Lifetime> buffers, unsigned lowBuffers = 0);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PLANMEMORY_H
