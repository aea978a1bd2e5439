//===- WorkItems.cpp - the work of a step in equal parts ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One loop over the numbers of items; an item's place follows from its number.
// Items are rows of tiles or more, so the divisions do not count.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Conversion/DorefaToLoops/WorkItems.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

static Value getIndex(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

/// The place in `extents` of item `number`.
static SmallVector<Value> getPlace(ImplicitLocOpBuilder &b, Value number,
                                   ArrayRef<int64_t> extents) {
  SmallVector<Value> indices(extents.size());
  int64_t outside = llvm::product_of(extents);
  for (size_t dim = extents.size(); dim-- > 0;) {
    outside /= extents[dim];
    if (extents[dim] == 1) {
      indices[dim] = getIndex(b, 0);
    } else if (outside == 1) {
      // What remains is the index of the outermost loop.
      indices[dim] = number;
      number = getIndex(b, 0);
    } else {
      Value extent = getIndex(b, extents[dim]);
      indices[dim] = arith::RemUIOp::create(b, number, extent);
      number = arith::DivUIOp::create(b, number, extent);
    }
  }
  return indices;
}

void WorkItems::emit(ImplicitLocOpBuilder &b, ArrayRef<int64_t> extents,
                     function_ref<void(ValueRange, Value)> body) {
  count = llvm::product_of(extents);
  if (count == 0)
    return;
  if (count == 1) {
    Value isFirst = arith::ConstantOp::create(b, b.getBoolAttr(true));
    body(getPlace(b, Value(), extents), isFirst);
    return;
  }
  Value low = begin ? begin : getIndex(b, 0);
  Value high = begin ? end : getIndex(b, count);
  auto loop = scf::ForOp::create(b, low, high, getIndex(b, 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value number = loop.getInductionVar();
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, number, low);
  body(getPlace(b, number, extents), isFirst);
}
