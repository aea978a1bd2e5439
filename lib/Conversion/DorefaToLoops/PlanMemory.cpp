//===- PlanMemory.cpp - offsets of buffers in one block of memory ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Placing buffers with lifetimes is two-dimensional packing, so the plan is
// found by trial: buffers are placed one after the other, each in the smallest
// gap between those already placed that are alive with it, or at the lowest
// offset behind them. Several orders are tried, then the best one is varied by
// moving forward the buffers that stick out. Trials end at the first plan that
// needs no more than is alive at one step.
//
//===----------------------------------------------------------------------===//

#include "PlanMemory.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

static constexpr int64_t alignment = 64;
/// Variations of the best order.
static constexpr unsigned maxVariations = 64;

static int64_t getLiveBytes(ArrayRef<Lifetime> buffers) {
  int64_t most = 0;
  for (const Lifetime &at : buffers) {
    int64_t live = 0;
    for (const Lifetime &buffer : buffers)
      if (buffer.first <= at.first && at.first <= buffer.last)
        live += buffer.bytes;
    most = std::max(most, live);
  }
  return most;
}

/// Places the buffers in the given order.
static MemoryPlan place(ArrayRef<Lifetime> buffers, ArrayRef<unsigned> order) {
  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  SmallVector<unsigned> placed; // by offset
  for (unsigned index : order) {
    const Lifetime &buffer = buffers[index];
    int64_t end = 0, best = -1, bestGap = 0;
    for (unsigned other : placed) {
      if (!buffer.overlaps(buffers[other]))
        continue;
      int64_t gap = plan.offsets[other] - end;
      if (gap >= buffer.bytes && (best < 0 || gap < bestGap)) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, plan.offsets[other] + buffers[other].bytes);
    }
    int64_t offset = best < 0 ? end : best;
    plan.offsets[index] = offset;
    plan.bytes = std::max(plan.bytes, offset + buffer.bytes);
    auto behind = llvm::upper_bound(placed, offset, [&](int64_t o, unsigned p) {
      return o < plan.offsets[p];
    });
    placed.insert(behind, index);
  }
  return plan;
}

MemoryPlan loops::planMemory(ArrayRef<Lifetime> unaligned) {
  SmallVector<Lifetime> buffers(unaligned);
  for (Lifetime &buffer : buffers)
    buffer.bytes = llvm::alignTo(buffer.bytes, alignment);
  int64_t liveBytes = getLiveBytes(buffers);

  auto length = [&](unsigned i) { return buffers[i].last - buffers[i].first; };
  auto sorted = [&](auto less) {
    auto order = llvm::to_vector(llvm::seq<unsigned>(0, buffers.size()));
    llvm::stable_sort(order, less);
    return order;
  };
  SmallVector<SmallVector<unsigned>> orders = {
      sorted([&](unsigned a, unsigned b) {
        return buffers[a].bytes > buffers[b].bytes;
      }),
      sorted([&](unsigned a, unsigned b) {
        return buffers[a].bytes * (length(a) + 1) >
               buffers[b].bytes * (length(b) + 1);
      }),
      sorted([&](unsigned a, unsigned b) { return length(a) > length(b); }),
      sorted([&](unsigned a, unsigned b) {
        return buffers[a].first < buffers[b].first;
      })};

  MemoryPlan best;
  SmallVector<unsigned> bestOrder;
  auto attempt = [&](ArrayRef<unsigned> order) {
    MemoryPlan plan = place(buffers, order);
    if (bestOrder.empty() || plan.bytes < best.bytes) {
      best = std::move(plan);
      bestOrder.assign(order.begin(), order.end());
    }
    return best.bytes <= liveBytes;
  };
  bool done = buffers.empty();
  for (ArrayRef<unsigned> order : orders)
    done = done || attempt(order);
  for (unsigned i = 0; i < maxVariations && !done; ++i) {
    // A buffer at the top of the plan goes to the front of the order.
    SmallVector<unsigned> order = bestOrder;
    SmallVector<unsigned> top;
    for (unsigned at = 0; at < order.size(); ++at)
      if (best.offsets[order[at]] + buffers[order[at]].bytes == best.bytes)
        top.push_back(at);
    unsigned at = top[i % top.size()];
    std::rotate(order.begin() + (at > i ? i : 0), order.begin() + at,
                order.begin() + at + 1);
    done = attempt(order);
  }
  best.liveBytes = liveBytes;
  return best;
}
