//===- StridedLoops.h - loop nests over strided buffers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Loops over flat buffers by strides, and the index arithmetic for them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_STRIDEDLOOPS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_STRIDEDLOOPS_H

#include "dorefa/Conversion/DorefaToLoops/WorkItems.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Value.h"

namespace mlir::dorefa::loops {

/// How a loop nest walks through a buffer of one dimension: the element of
/// iteration (i0, i1, ..) is `offset + i0*strides[0] + i1*strides[1] + ..`.
struct Access {
  Value buffer;
  SmallVector<int64_t> strides;
  int64_t offset = 0;
};

/// Row-major strides of a shape.
SmallVector<int64_t> getRowMajorStrides(ArrayRef<int64_t> shape);

/// Walks over `extents`, a vector of `lanes` iterations at a time: the largest
/// power of two up to `maxLanes` that fits, if every access is contiguous or
/// constant along the innermost dimension, else 1. Dimensions that all accesses
/// pass in one stride are joined. The last vector of a row may repeat some
/// iterations, so `body` must not read what it writes. `positions` has one
/// element index an access; `isUniform[i]` tells that access i has the same
/// element for all lanes. The outermost loop is over `items`, if they are given
/// and its iterations write different elements.
void emitStridedLoops(
    ImplicitLocOpBuilder &builder, ArrayRef<int64_t> extents,
    ArrayRef<Access> accesses, int64_t maxLanes,
    function_ref<void(ValueRange positions, ArrayRef<bool> isUniform,
                      int64_t lanes)>
        body,
    WorkItems *items = nullptr);

/// for (i = 0; i < count; i += step) body(i), without a loop if it runs once.
void emitFor(ImplicitLocOpBuilder &builder, int64_t count, int64_t step,
             function_ref<void(Value)> body);

/// Loops over all indices of a shape.
void emitNest(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> extents,
              function_ref<void(ValueRange)> body);

/// A loop over [low, high) with carried values; `body` gives their next ones.
SmallVector<Value>
emitCarryingFor(ImplicitLocOpBuilder &builder, Value low, Value high,
                ValueRange initial,
                function_ref<SmallVector<Value>(Value, ValueRange)> body);

Value getIndex(ImplicitLocOpBuilder &builder, int64_t value);

/// offset + sum of indices[i] * strides[i].
Value getPosition(ImplicitLocOpBuilder &builder, int64_t offset,
                  ValueRange indices, ArrayRef<int64_t> strides);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_STRIDEDLOOPS_H
