//===- PlanMemoryTest.cpp - offsets of buffers in one block of memory ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlanMemory.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace mlir::dorefa::loops;

static void expectDisjoint(ArrayRef<Lifetime> buffers, const MemoryPlan &plan) {
  ASSERT_EQ(plan.offsets.size(), buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % 64, 0);
    EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.bytes);
    for (size_t j = 0; j < i; ++j)
      if (buffers[i].overlaps(buffers[j])) {
        EXPECT_TRUE(plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                    plan.offsets[j] + buffers[j].bytes <= plan.offsets[i])
            << i << " and " << j;
      }
  }
}

TEST(PlanMemory, NothingNeedsNothing) {
  MemoryPlan plan = planMemory({});
  EXPECT_EQ(plan.bytes, 0);
  EXPECT_EQ(plan.liveBytes, 0);
}

TEST(PlanMemory, ChainNeedsTwoNeighbours) {
  SmallVector<Lifetime> buffers;
  for (int64_t step = 0; step < 10; ++step)
    buffers.push_back({100 * (step % 3 + 1), step, step + 1});
  MemoryPlan plan = planMemory(buffers);
  expectDisjoint(buffers, plan);
  // 300 and 200 bytes, each rounded up to 64.
  EXPECT_EQ(plan.liveBytes, 320 + 256);
  EXPECT_EQ(plan.bytes, plan.liveBytes);
}

TEST(PlanMemory, ResidualsStayAlive) {
  SmallVector<Lifetime> buffers = {{640, 0, 3}, {64, 0, 1}, {1280, 1, 2},
                                   {64, 2, 3},  {640, 3, 5}, {1280, 4, 5}};
  MemoryPlan plan = planMemory(buffers);
  expectDisjoint(buffers, plan);
  EXPECT_EQ(plan.liveBytes, 640 + 64 + 1280);
  EXPECT_EQ(plan.bytes, plan.liveBytes);
}

TEST(PlanMemory, RandomNetworksStayWithinTenPercent) {
  std::mt19937 random(7);
  for (unsigned network = 0; network < 50; ++network) {
    SmallVector<Lifetime> buffers;
    for (int64_t step = 0; step < 30; ++step) {
      int64_t length = random() % 4 == 0 ? 3 : 1;
      buffers.push_back(
          {int64_t(64) << random() % 6, step, step + length});
    }
    MemoryPlan plan = planMemory(buffers);
    expectDisjoint(buffers, plan);
    EXPECT_LE(plan.bytes * 10, plan.liveBytes * 11) << "network " << network;
  }
}
