//===- WorkItems.h - the work of a step in equal parts ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Threads share a step by its outer loops. Their iterations are numbered in the
// order in which one thread makes them, and a call of the step's function does
// those from `begin` up to, without, `end`. Items write to different bytes, and
// none reads what another one writes, so any cut into ranges gives the same
// bits.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_WORKITEMS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_WORKITEMS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Value.h"

namespace mlir::dorefa {

class WorkItems {
public:
  /// Every call does all items.
  WorkItems() = default;
  /// A call does those from `begin` to `end`, two indices.
  WorkItems(Value begin, Value end) : begin(begin), end(end) {}

  /// The loop over the items of this call, which are all places in `extents`;
  /// the last dimension changes fastest. `isFirst` is true for the first item of
  /// the call. A step has one such loop.
  void emit(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> extents,
            function_ref<void(ValueRange indices, Value isFirst)> body);

  /// Items of the loop; 1 before it is emitted.
  int64_t getCount() const { return count; }

private:
  Value begin, end;
  int64_t count = 1;
};

} // namespace mlir::dorefa

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_WORKITEMS_H
