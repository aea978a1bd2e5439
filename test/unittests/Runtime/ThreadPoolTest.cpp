//===- ThreadPoolTest.cpp - Threads for compiled networks -----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/thread_pool.h"
#include "gtest/gtest.h"
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace {

using Pool = std::unique_ptr<dorefa_executor,
                             decltype(&dorefa_thread_pool_destroy)>;

Pool createPool(int32_t threads) {
  return Pool(dorefa_thread_pool_create(threads), dorefa_thread_pool_destroy);
}

/// Runs a job whose body gets the index and the thread.
void run(const Pool &pool, int64_t count,
         std::function<void(int64_t, int32_t)> body) {
  pool->parallel_for(
      pool->self,
      [](void *context, int64_t i, int32_t thread) {
        (*static_cast<std::function<void(int64_t, int32_t)> *>(context))(
            i, thread);
      },
      &body, count);
}

TEST(ThreadPoolTest, RefusesNoThreads) {
  EXPECT_EQ(dorefa_thread_pool_create(0), nullptr);
  EXPECT_EQ(dorefa_thread_pool_create(-1), nullptr);
  dorefa_thread_pool_destroy(nullptr);
}

TEST(ThreadPoolTest, RunsEveryIndexOnce) {
  for (int32_t threads : {1, 2, 3, 7}) {
    Pool pool = createPool(threads);
    ASSERT_NE(pool, nullptr);
    EXPECT_EQ(pool->threads, threads);
    for (int64_t count : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> counts(100);
      std::atomic<bool> badThread = false;
      run(pool, count, [&](int64_t i, int32_t thread) {
        ++counts[i];
        if (thread < 0 || thread >= threads)
          badThread = true;
      });
      for (int64_t i = 0; i < 100; ++i)
        EXPECT_EQ(counts[i], i < count);
      EXPECT_FALSE(badThread);
    }
  }
}

// What a thread wrote in one job is there in the next, and a thread's number is
// that of one body at a time. These cells are no atomics.
TEST(ThreadPoolTest, OrdersJobs) {
  for (int32_t threads : {2, 3, 7}) {
    Pool pool = createPool(threads);
    ASSERT_NE(pool, nullptr);
    std::vector<int> cells(16), perThread(threads);
    for (int job = 0; job < 2000; ++job)
      run(pool, 2 + job % 15, [&](int64_t i, int32_t thread) {
        ++cells[i];
        ++perThread[thread];
      });
    int total = 0, expected = 0;
    for (int job = 0; job < 2000; ++job)
      expected += 2 + job % 15;
    for (int count : perThread)
      total += count;
    EXPECT_EQ(total, expected);
    EXPECT_EQ(cells[0], 2000);
  }
}

TEST(ThreadPoolTest, WakesSleepingThreads) {
  Pool pool = createPool(3);
  ASSERT_NE(pool, nullptr);
  for (int job = 0; job < 5; ++job) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> inside = 0;
    // Each body waits for another thread to come.
    run(pool, 2, [&](int64_t, int32_t) {
      ++inside;
      while (inside < 2)
        std::this_thread::yield();
    });
    EXPECT_EQ(inside, 2);
  }
}

TEST(ThreadPoolTest, WaitsForSlowBodies) {
  Pool pool = createPool(2);
  ASSERT_NE(pool, nullptr);
  int slow = 0;
  std::thread::id caller = std::this_thread::get_id();
  std::atomic<bool> started = false;
  run(pool, 2, [&](int64_t, int32_t) {
    if (std::this_thread::get_id() == caller) {
      while (!started)
        std::this_thread::yield();
      return;
    }
    started = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    slow = 1;
  });
  EXPECT_EQ(slow, 1);
}

TEST(ThreadPoolTest, CallersTakeTurns) {
  Pool pool = createPool(2);
  ASSERT_NE(pool, nullptr);
  std::atomic<int> sum = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      for (int job = 0; job < 200; ++job) {
        int cells[4] = {};
        run(pool, 4, [&](int64_t i, int32_t) { ++cells[i]; });
        sum += cells[0] + cells[1] + cells[2] + cells[3];
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(sum, 3 * 200 * 4);
}

} // namespace
