//===- StepFitTest.cpp - Step functions by arithmetic ---------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every integer of the range, and many reals, against the definitions.
//
//===----------------------------------------------------------------------===//

#include "StepFit.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace mlir::dorefa;

namespace {

/// What the code is, by another way than the tested one.
int64_t getCode(float value, int64_t lowest, int64_t highest) {
  float rounded = std::nearbyint(value);
  return std::isnan(rounded)
             ? lowest
             : int64_t(std::clamp(rounded, float(lowest), float(highest)));
}

void expectSame(const std::vector<int64_t> &thresholds, int64_t bound,
                const FittedLine &line) {
  for (int64_t value = -bound; value <= bound; ++value) {
    int64_t count = std::count_if(
        thresholds.begin(), thresholds.end(),
        [&](int64_t threshold) { return value >= threshold; });
    float x = std::fma(float(value), line.scale, line.bias);
    ASSERT_EQ(count, getCode(x, 0, thresholds.size())) << value;
  }
}

TEST(FitLine, GivesTheCountForEachInteger) {
  std::mt19937 random(1);
  int fitted = 0;
  for (int trial = 0; trial < 400; ++trial) {
    int64_t number = 4 + random() % 60, bound = 1 + random() % 3000;
    double slope = (random() % 1000 + 1) / 50.0;
    double offset = double(random() % 4000) - 2000;
    std::vector<int64_t> thresholds;
    for (int64_t k = 1; k <= number; ++k)
      thresholds.push_back(std::ceil(offset + slope * k));
    std::shuffle(thresholds.begin(), thresholds.end(), random);
    if (auto line = fitLine(thresholds, {-bound, bound})) {
      ++fitted;
      expectSame(thresholds, bound, *line);
    }
  }
  EXPECT_GT(fitted, 350);
}

TEST(FitLine, TakesThresholdsThatNoneOrAllMeet) {
  std::vector<int64_t> thresholds = {-5000, -5000, -10, 5, 20, 5000};
  auto line = fitLine(thresholds, {-20, 20});
  ASSERT_TRUE(line);
  expectSame(thresholds, 20, *line);
  for (int64_t all : {-5000, 5000}) {
    std::vector<int64_t> same(15, all);
    line = fitLine(same, {-30, 30});
    ASSERT_TRUE(line);
    expectSame(same, 30, *line);
  }
}

TEST(FitLine, NeedsNothingOutsideOfTheRange) {
  // Even up to 40; what is beyond is met by none.
  std::vector<int64_t> thresholds = {11, 21, 31, INT32_MAX, INT32_MAX};
  EXPECT_TRUE(fitLine(thresholds, {-5, 40}));
  EXPECT_FALSE(fitLine(thresholds, {-5, 80}));
}

TEST(FitLine, RefusesUnevenThresholds) {
  EXPECT_FALSE(fitLine({0, 1, 2, 100, 101}, {-200, 200}));
  EXPECT_FALSE(fitLine({-64, 0, 1, 64}, {-100, 100}));
  // Integers that are no binary32 numbers.
  EXPECT_FALSE(fitLine({0, 10, 20, 30}, {0, int64_t(1) << 25}));
}

TEST(FindReciprocal, DoesNotTryMillionsOfCodes) {
  EXPECT_FALSE(findReciprocal(0.1f, 0, (int64_t(1) << 30) - 1));
}

TEST(FindReciprocal, GivesTheCodeForEachReal) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> reals(-0.5f, 1.5f);
  int single = 0, split = 0;
  // Steps of DoReFa's codes, and of scales that were trained.
  for (int trial = 0; trial < 60; ++trial) {
    int64_t bits = 1 + trial % 10, highest = (1 << bits) - 1;
    int64_t lowest = trial % 3 == 0 ? 0 : -(trial % 2) * (highest / 2 + 1);
    float divisor = trial < 10 ? 1.0f / highest
                               : std::abs(reals(random)) / highest + 1e-4f;
    auto reciprocal = findReciprocal(divisor, lowest, highest);
    ASSERT_TRUE(reciprocal) << divisor;
    ++(reciprocal->low == 0 ? single : split);
    auto expectSameCode = [&](float x) {
      float product = reciprocal->low == 0
                          ? x * reciprocal->high
                          : std::fma(x, reciprocal->high, x * reciprocal->low);
      ASSERT_EQ(getCode(x / divisor, lowest, highest),
                getCode(product, lowest, highest))
          << x;
    };
    for (int i = 0; i < 20000; ++i)
      expectSameCode(reals(random) * highest * divisor);
    // The neighbourhood of each step.
    for (int64_t code = lowest; code <= highest; ++code) {
      float x = (code + 0.5f) * divisor;
      for (int i = -20; i <= 20; ++i) {
        float near = x;
        for (int step = 0; step < std::abs(i); ++step)
          near = std::nextafter(near, i < 0 ? -1e9f : 1e9f);
        expectSameCode(near);
      }
    }
    for (float x : {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e30f, -1e30f, 3e38f,
                    -3e38f, 1e-40f})
      expectSameCode(x);
  }
  EXPECT_GT(single, 10);
  EXPECT_GT(split, 10);
}

TEST(FindReciprocal, RefusesOddDivisors) {
  EXPECT_FALSE(findReciprocal(0.0f, 0, 3));
  EXPECT_FALSE(findReciprocal(-1.0f, 0, 3));
  EXPECT_FALSE(findReciprocal(INFINITY, 0, 3));
  EXPECT_FALSE(findReciprocal(1e-40f, 0, 3));
}

} // namespace
