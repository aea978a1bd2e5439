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

int64_t roundAndClamp(float value, int64_t lowest, int64_t highest) {
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
    ASSERT_EQ(count, roundAndClamp(x, 0, thresholds.size())) << value;
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
  std::vector<int64_t> found;
  for (int64_t bits = 1; bits <= 8; ++bits) {
    int64_t highest = (1 << bits) - 1;
    float divisor = 1.0f / highest;
    auto factor = findReciprocal(divisor, 0, highest);
    if (!factor)
      continue;
    found.push_back(bits);
    auto expectSameCode = [&](float x) {
      ASSERT_EQ(roundAndClamp(x / divisor, 0, highest),
                roundAndClamp(x * *factor, 0, highest))
          << x;
    };
    for (int i = 0; i < 20000; ++i)
      expectSameCode(reals(random));
    // The neighbourhood of each step.
    for (int64_t code = 0; code <= highest; ++code) {
      float x = (code + 0.5f) * divisor;
      for (int i = -20; i <= 20; ++i) {
        float near = x;
        for (int step = 0; step < std::abs(i); ++step)
          near = std::nextafter(near, i < 0 ? -1.0f : 2.0f);
        expectSameCode(near);
      }
    }
    for (float x : {0.0f, -0.0f, INFINITY, -INFINITY, 1e30f, -1e30f, 1e-40f})
      expectSameCode(x);
  }
  // Where a code's step lies between two neighbouring reals, none is found.
  EXPECT_TRUE(std::count(found.begin(), found.end(), 2));
}

TEST(FindReciprocal, RefusesOddDivisors) {
  EXPECT_FALSE(findReciprocal(0.0f, 0, 3));
  EXPECT_FALSE(findReciprocal(-1.0f, 0, 3));
  EXPECT_FALSE(findReciprocal(INFINITY, 0, 3));
  EXPECT_FALSE(findReciprocal(1e-40f, 0, 3));
}

} // namespace
