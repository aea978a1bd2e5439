//===- ArtifactTest.cpp - The functions of a compiled network -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include "dorefa/Runtime/thread_pool.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cstring>
#include <vector>

namespace {

struct alignas(64) Line {
  uint8_t bytes[64];
};

class ArtifactTest : public testing::Test {
protected:
  const dorefa_model *model = dorefa_get_model();
  std::vector<Line> memory = std::vector<Line>(2);
  std::vector<Line> workspace = std::vector<Line>(64);
  std::vector<float> images, scores;

  void SetUp() override {
    for (int i = 0; i < 4 * 50; ++i)
      images.push_back(i % 13 - 4);
    scores.resize(3 * 50);
  }

  int32_t prepare() { return model->prepare(memory.data(), 128); }

  int32_t run(int64_t batch, const dorefa_executor *executor = nullptr) {
    const void *in[] = {images.data()};
    void *out[] = {scores.data()};
    return model->run(memory.data(), workspace.data(), 64 * workspace.size(),
                      batch, in, out, executor);
  }
};

TEST_F(ArtifactTest, RunsAnyBatchOnAnyExecutor) {
  ASSERT_EQ(prepare(), DOREFA_OK);
  ASSERT_EQ(run(50), DOREFA_OK);
  for (int i = 0; i < 50; ++i) {
    const float *x = &images[4 * i];
    EXPECT_EQ(scores[3 * i], x[0] + x[1] + x[2] + x[3]);
    EXPECT_EQ(scores[3 * i + 1], x[0] - x[1] + x[2] - x[3]);
    EXPECT_EQ(scores[3 * i + 2], -x[0] + x[1] + x[2] - x[3]);
  }
  std::vector<float> expected = scores;
  for (int32_t threads = 1; threads <= 4; ++threads) {
    dorefa_executor *pool = dorefa_thread_pool_create(threads);
    ASSERT_NE(pool, nullptr);
    // Each thread computes groups of four images.
    EXPECT_EQ(model->workspace_bytes(50, pool),
              threads * (model->workspace_bytes(1, nullptr) + 3 * 128));
    for (int round = 0; round < 20; ++round) {
      std::fill(scores.begin(), scores.end(), 0.0f);
      ASSERT_EQ(run(50, pool), DOREFA_OK);
      EXPECT_EQ(scores, expected);
    }
    dorefa_thread_pool_destroy(pool);
  }
}

TEST_F(ArtifactTest, NeedsTheWorkspaceThatItSays) {
  ASSERT_EQ(prepare(), DOREFA_OK);
  ASSERT_EQ(run(50), DOREFA_OK);
  std::vector<float> expected = scores;
  for (int32_t threads : {1, 2, 3, 7}) {
    dorefa_executor *pool = dorefa_thread_pool_create(threads);
    ASSERT_NE(pool, nullptr);
    uint64_t before = 0;
    for (int64_t batch = 1; batch <= 50; ++batch) {
      uint64_t bytes = model->workspace_bytes(batch, pool);
      ASSERT_EQ(bytes % 64, 0u);
      EXPECT_GE(bytes, before);
      before = bytes;
      workspace.assign(bytes / 64 + 1, Line());
      std::memset(&workspace.back(), 0x5a, 64);
      std::fill(scores.begin(), scores.end(), 0.0f);
      const void *in[] = {images.data()};
      void *out[] = {scores.data()};
      ASSERT_EQ(model->run(memory.data(), workspace.data(), bytes, batch, in,
                           out, pool),
                DOREFA_OK);
      EXPECT_TRUE(std::equal(scores.begin(), scores.begin() + 3 * batch,
                             expected.begin()));
      EXPECT_EQ(std::count(scores.begin() + 3 * batch, scores.end(), 0.0f),
                3 * (50 - batch));
      for (uint8_t byte : workspace.back().bytes)
        ASSERT_EQ(byte, 0x5a);
    }
    dorefa_thread_pool_destroy(pool);
  }
}

TEST_F(ArtifactTest, SharesAnImage) {
  ASSERT_EQ(prepare(), DOREFA_OK);
  ASSERT_EQ(run(1), DOREFA_OK);
  std::vector<float> expected(scores.begin(), scores.begin() + 3);
  for (int32_t threads : {2, 3, 7}) {
    dorefa_executor *pool = dorefa_thread_pool_create(threads);
    ASSERT_NE(pool, nullptr);
    EXPECT_EQ(model->workspace_bytes(1, pool),
              model->workspace_bytes(1, nullptr) + 64 * (threads - 1));
    for (int round = 0; round < 20; ++round) {
      std::fill(scores.begin(), scores.end(), 0.0f);
      ASSERT_EQ(run(1, pool), DOREFA_OK);
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), scores.begin()));
    }
    dorefa_thread_pool_destroy(pool);
  }
}

TEST_F(ArtifactTest, RefusesBadArguments) {
  const void *in[] = {images.data()};
  void *out[] = {scores.data()};
  const void *noInput[] = {nullptr};
  void *noOutput[] = {nullptr};
  Line *m = memory.data(), *w = workspace.data();
  uint8_t *odd = m->bytes + 8;

  EXPECT_EQ(run(1), DOREFA_ERROR_UNPREPARED);
  EXPECT_EQ(model->prepare(nullptr, 128), DOREFA_ERROR_NULL);
  EXPECT_EQ(model->prepare(odd, 128), DOREFA_ERROR_ALIGNMENT);
  EXPECT_EQ(model->prepare(m, 75), DOREFA_ERROR_SIZE);
  ASSERT_EQ(prepare(), DOREFA_OK);
  EXPECT_EQ(model->run(nullptr, w, 4096, 1, in, out, nullptr),
            DOREFA_ERROR_NULL);
  EXPECT_EQ(model->run(m, nullptr, 4096, 1, in, out, nullptr),
            DOREFA_ERROR_NULL);
  EXPECT_EQ(model->run(m, w, 4096, 1, nullptr, out, nullptr),
            DOREFA_ERROR_NULL);
  EXPECT_EQ(model->run(m, w, 4096, 1, noInput, out, nullptr),
            DOREFA_ERROR_NULL);
  EXPECT_EQ(model->run(m, w, 4096, 1, in, noOutput, nullptr),
            DOREFA_ERROR_NULL);
  EXPECT_EQ(model->run(m, w->bytes + 4, 4096, 1, in, out, nullptr),
            DOREFA_ERROR_ALIGNMENT);
  EXPECT_EQ(model->run(odd, w, 4096, 1, in, out, nullptr),
            DOREFA_ERROR_ALIGNMENT);
  uint64_t bytes = model->workspace_bytes(1, nullptr);
  EXPECT_EQ(model->run(m, w, bytes - 1, 1, in, out, nullptr),
            DOREFA_ERROR_SIZE);
  EXPECT_EQ(run(0), DOREFA_ERROR_BATCH);
  EXPECT_EQ(run(-3), DOREFA_ERROR_BATCH);
  EXPECT_EQ(model->workspace_bytes(0, nullptr), 0u);
  std::memset(m->bytes + 8, 0, 8); // the hash of another model
  EXPECT_EQ(run(1), DOREFA_ERROR_UNPREPARED);
  for (int32_t status = -1; status < 8; ++status)
    EXPECT_GT(std::strlen(model->status_text(status)), 4u);
}

} // namespace
