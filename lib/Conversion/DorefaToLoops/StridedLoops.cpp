//===- StridedLoops.cpp - loop nests over strided buffers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One loop nest for everything that walks over buffers in step: dimensions of
// extent 1 are dropped, neighbours that all accesses pass in one stride are
// joined, and the innermost is vectorized if every access is contiguous or
// constant there. A row that is no multiple of the vector ends with a vector
// that overlaps the one before,
//
//   lanes 4, extent 10:  [0 1 2 3] [4 5 6 7] [6 7 8 9]
//
// so there is no scalar rest.
//
//===----------------------------------------------------------------------===//

#include "StridedLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

SmallVector<int64_t> loops::getRowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Value loops::getIndex(ImplicitLocOpBuilder &builder, int64_t value) {
  return arith::ConstantIndexOp::create(builder, value);
}

Value loops::getPosition(ImplicitLocOpBuilder &builder, int64_t offset,
                          ValueRange indices, ArrayRef<int64_t> strides) {
  Value sum;
  for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
    if (stride == 0)
      continue;
    Value term = index;
    if (stride != 1)
      term = arith::MulIOp::create(builder, index, getIndex(builder, stride));
    sum = sum ? arith::AddIOp::create(builder, sum, term) : term;
  }
  if (!sum)
    return getIndex(builder, offset);
  if (offset != 0)
    sum = arith::AddIOp::create(builder, sum, getIndex(builder, offset));
  return sum;
}

void loops::emitFor(ImplicitLocOpBuilder &builder, int64_t count, int64_t step,
                     function_ref<void(Value)> body) {
  if (count <= 0)
    return;
  if (count <= step)
    return body(getIndex(builder, 0));
  auto loop = scf::ForOp::create(builder, getIndex(builder, 0),
                                 getIndex(builder, count),
                                 getIndex(builder, step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void loops::emitNest(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> extents,
                     function_ref<void(ValueRange)> body) {
  SmallVector<Value> indices;
  auto nest = [&](auto &self) -> void {
    if (indices.size() == extents.size())
      return body(indices);
    emitFor(builder, extents[indices.size()], 1, [&](Value index) {
      indices.push_back(index);
      self(self);
      indices.pop_back();
    });
  };
  nest(nest);
}

SmallVector<Value> loops::emitCarryingFor(
    ImplicitLocOpBuilder &builder, Value low, Value high, ValueRange initial,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(builder, low, high, getIndex(builder, 1),
                                 initial);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!initial.empty())
    scf::YieldOp::create(builder, next);
  return loop.getResults();
}

/// Drops dimensions of extent 1 and joins those that all accesses pass alike.
static void simplify(SmallVector<int64_t> &extents,
                     SmallVector<Access> &accesses) {
  SmallVector<int64_t> kept;
  SmallVector<Access> result(accesses);
  for (Access &access : result)
    access.strides.clear();
  for (size_t dim = 0; dim < extents.size(); ++dim) {
    if (extents[dim] == 1)
      continue;
    bool joins = !kept.empty();
    for (auto [before, after] : llvm::zip(accesses, result))
      joins = joins &&
              after.strides.back() == before.strides[dim] * extents[dim];
    if (joins)
      kept.back() *= extents[dim];
    else
      kept.push_back(extents[dim]);
    for (auto [before, after] : llvm::zip(accesses, result)) {
      if (joins)
        after.strides.back() = before.strides[dim];
      else
        after.strides.push_back(before.strides[dim]);
    }
  }
  extents = std::move(kept);
  accesses = std::move(result);
}

void loops::emitStridedLoops(
    ImplicitLocOpBuilder &builder, ArrayRef<int64_t> allExtents,
    ArrayRef<Access> allAccesses, int64_t maxLanes,
    function_ref<void(ValueRange, ArrayRef<bool>, int64_t)> body,
    WorkItems *items) {
  if (llvm::is_contained(allExtents, 0))
    return;
  SmallVector<int64_t> extents(allExtents);
  SmallVector<Access> accesses(allAccesses);
  simplify(extents, accesses);

  int64_t lanes = 1, innermost = extents.empty() ? 1 : extents.back();
  SmallVector<bool> isUniform;
  bool contiguous = !extents.empty();
  for (const Access &access : accesses) {
    int64_t stride = extents.empty() ? 0 : access.strides.back();
    isUniform.push_back(stride == 0);
    contiguous &= stride == 0 || stride == 1;
  }
  if (contiguous)
    while (lanes * 2 <= std::min(maxLanes, innermost))
      lanes *= 2;
  if (lanes == 1)
    isUniform.assign(accesses.size(), true);

  SmallVector<Value> indices;
  auto nest = [&](auto &self, size_t dim) -> void {
    if (dim < extents.size()) {
      bool last = dim + 1 == extents.size();
      int64_t step = last ? lanes : 1;
      bool overlaps = extents[dim] % step != 0;
      auto iterate = [&](Value index) {
        if (overlaps)
          index = arith::MinUIOp::create(
              builder, index, getIndex(builder, extents[dim] - lanes));
        indices.push_back(index);
        self(self, dim + 1);
        indices.pop_back();
      };
      if (dim == 0 && items && !overlaps)
        items->emit(builder, {extents[dim] / step},
                    [&](ValueRange at, Value) {
                      iterate(getPosition(builder, 0, at, {step}));
                    });
      else
        emitFor(builder, extents[dim], step, iterate);
      return;
    }
    SmallVector<Value> positions;
    for (const Access &access : accesses)
      positions.push_back(getPosition(builder, access.offset, indices,
                                      access.strides));
    body(positions, isUniform, lanes);
  };
  nest(nest, 0);
}
