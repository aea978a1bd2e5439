//===- PlanMemory.cpp - offsets of buffers in one block of memory ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Placing buffers with lifetimes is two-dimensional packing, so the plan is
// found by trial: buffers are placed one after the other, each in the smallest
// gap between those already placed that are alive with it, or at the lowest
// offset behind them. Some may be placed at the highest offset that the ideal
// size allows instead: in a chain of layers each buffer then lies at the other
// end than the one before. Several orders and choices of ends are tried, then
// varied. Trials end at the first plan that needs no more than is alive at one
// step.
//
//===----------------------------------------------------------------------===//

#include "PlanMemory.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <random>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

static constexpr int64_t alignment = 64;
/// Variations of the best trial.
static constexpr unsigned maxVariations = 128;

int64_t loops::getLiveBytes(ArrayRef<Lifetime> buffers) {
  int64_t most = 0;
  for (const Lifetime &at : buffers) {
    int64_t live = 0;
    for (const Lifetime &buffer : buffers)
      if (buffer.first <= at.first && at.first <= buffer.last)
        live += llvm::alignTo(buffer.bytes, alignment);
    most = std::max(most, live);
  }
  return most;
}

namespace {
/// The order in which buffers are placed, and which go to the upper end.
struct Trial {
  SmallVector<unsigned> order;
  llvm::BitVector isUpper;
};
} // namespace

/// Places the buffers; `capacity` is the ideal size.
static MemoryPlan place(ArrayRef<Lifetime> buffers, const Trial &trial,
                        int64_t capacity) {
  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  SmallVector<unsigned> placed; // by offset
  for (unsigned index : trial.order) {
    const Lifetime &buffer = buffers[index];
    int64_t end = 0, best = -1, bestGap = 0, highest = -1;
    for (unsigned other : placed) {
      if (!buffer.overlaps(buffers[other]))
        continue;
      int64_t gap = plan.offsets[other] - end;
      if (gap >= buffer.bytes) {
        highest = plan.offsets[other] - buffer.bytes;
        if (best < 0 || gap < bestGap) {
          best = end;
          bestGap = gap;
        }
      }
      end = std::max(end, plan.offsets[other] + buffers[other].bytes);
    }
    if (end + buffer.bytes <= capacity)
      highest = capacity - buffer.bytes;
    int64_t offset = best < 0 ? end : best;
    if (trial.isUpper[index] && highest >= 0)
      offset = highest;
    plan.offsets[index] = offset;
    plan.bytes = std::max(plan.bytes, offset + buffer.bytes);
    auto behind = llvm::upper_bound(placed, offset, [&](int64_t o, unsigned p) {
      return o < plan.offsets[p];
    });
    placed.insert(behind, index);
  }
  return plan;
}

MemoryPlan loops::planMemory(ArrayRef<Lifetime> unaligned,
                             unsigned lowBuffers) {
  SmallVector<Lifetime> buffers(unaligned);
  for (Lifetime &buffer : buffers)
    buffer.bytes = llvm::alignTo(buffer.bytes, alignment);
  int64_t liveBytes = getLiveBytes(buffers);

  auto length = [&](unsigned i) { return buffers[i].last - buffers[i].first; };
  auto sorted = [&](auto less) {
    auto order = llvm::to_vector(llvm::seq<unsigned>(0, buffers.size()));
    llvm::stable_sort(order, less);
    std::stable_partition(order.begin(), order.end(),
                          [&](unsigned i) { return i < lowBuffers; });
    return order;
  };
  // The order of time comes first: what one step reads then lies behind what
  // the step before it does.
  SmallVector<SmallVector<unsigned>> orders = {
      sorted([&](unsigned a, unsigned b) {
        return buffers[a].first < buffers[b].first;
      }),
      sorted([&](unsigned a, unsigned b) {
        return buffers[a].bytes > buffers[b].bytes;
      }),
      sorted([&](unsigned a, unsigned b) {
        return buffers[a].bytes * (length(a) + 1) >
               buffers[b].bytes * (length(b) + 1);
      }),
      sorted([&](unsigned a, unsigned b) { return length(a) > length(b); })};

  // Every other buffer in the order of time.
  llvm::BitVector alternating(buffers.size());
  for (unsigned at = 1; at < buffers.size(); at += 2)
    alternating.set(orders.front()[at]);
  alternating.reset(0, lowBuffers);

  MemoryPlan best;
  Trial bestTrial;
  auto attempt = [&](const Trial &trial) {
    MemoryPlan plan = place(buffers, trial, liveBytes);
    if (bestTrial.order.empty() || plan.bytes < best.bytes) {
      best = std::move(plan);
      bestTrial = trial;
    }
    return best.bytes <= liveBytes;
  };
  bool done = buffers.empty();
  for (const SmallVector<unsigned> &order : orders)
    done = done || attempt({order, llvm::BitVector(buffers.size())}) ||
           attempt({order, alternating});
  // The same variations on every machine.
  std::minstd_rand random(1);
  for (unsigned i = 0; i < maxVariations && !done; ++i) {
    Trial trial = bestTrial;
    if (i % 2 == 0) {
      // A buffer at the top of the plan goes to the front of the order.
      SmallVector<unsigned> top;
      for (unsigned at = 0; at < trial.order.size(); ++at) {
        unsigned index = trial.order[at];
        if (best.offsets[index] + buffers[index].bytes == best.bytes)
          top.push_back(at);
      }
      auto front = trial.order.begin() + lowBuffers;
      auto chosen = trial.order.begin() + top[random() % top.size()];
      if (chosen > front)
        std::rotate(front, chosen, chosen + 1);
    } else {
      for (unsigned flips = 0; flips < 3; ++flips)
        if (size_t free = buffers.size() - lowBuffers)
          trial.isUpper.flip(lowBuffers + random() % free);
    }
    done = attempt(trial);
  }
  best.liveBytes = liveBytes;
  return best;
}
