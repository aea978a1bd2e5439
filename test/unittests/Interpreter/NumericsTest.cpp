//===- NumericsTest.cpp - unit tests of rounding and sums -------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numerics.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

namespace {
const float inf = std::numeric_limits<float>::infinity();
const float nan = std::numeric_limits<float>::quiet_NaN();

// Every multiple of 1/4 from -4 to 4 in every mode, from the definitions.
TEST(RoundToInteger, EveryModeOnQuarters) {
  for (int quarters = -16; quarters <= 16; ++quarters) {
    float x = static_cast<float>(quarters) / 4;
    double sign = x < 0 ? -1 : 1, magnitude = std::fabs(x);
    int floor = quarters >= 0 ? quarters / 4 : -((3 - quarters) / 4);
    int ceil = quarters > 0 ? (quarters + 3) / 4 : quarters / 4;
    EXPECT_EQ(roundToInteger(Rounding::Floor, x), floor) << x;
    EXPECT_EQ(roundToInteger(Rounding::Ceil, x), ceil) << x;
    EXPECT_EQ(roundToInteger(Rounding::Up, x), x < 0 ? floor : ceil) << x;
    EXPECT_EQ(roundToInteger(Rounding::Down, x), x < 0 ? ceil : floor) << x;
    EXPECT_EQ(roundToInteger(Rounding::HalfUp, x),
              sign * std::floor(magnitude + 0.5))
        << x;
    EXPECT_EQ(roundToInteger(Rounding::HalfDown, x),
              sign * std::ceil(magnitude - 0.5))
        << x;
    EXPECT_EQ(roundToInteger(Rounding::HalfEven, x), std::nearbyint(x)) << x;
    EXPECT_EQ(roundToInteger(Rounding::Sign, x), quarters >= 0) << x;
  }
}

// Where x + 1/2 is not a binary32 number.
TEST(RoundToInteger, NextToATie) {
  float below = std::nextafter(0.5f, 0.0f), above = std::nextafter(0.5f, 1.0f);
  EXPECT_EQ(roundToInteger(Rounding::HalfUp, below), 0);
  EXPECT_EQ(roundToInteger(Rounding::HalfUp, above), 1);
  EXPECT_EQ(roundToInteger(Rounding::HalfDown, above), 1);
  EXPECT_EQ(roundToInteger(Rounding::HalfEven, below), 0);
  EXPECT_EQ(roundToInteger(Rounding::HalfEven, above), 1);
  EXPECT_EQ(roundToInteger(Rounding::HalfUp, 8388609.0f), 8388609);
  EXPECT_EQ(roundToInteger(Rounding::HalfEven, 4194304.5f), 4194304);
  EXPECT_EQ(roundToInteger(Rounding::HalfEven, 4194305.5f), 4194306);
}

TEST(Quantize, Clamps) {
  for (Rounding mode :
       {Rounding::HalfEven, Rounding::HalfUp, Rounding::HalfDown, Rounding::Up,
        Rounding::Down, Rounding::Ceil, Rounding::Floor}) {
    EXPECT_EQ(quantize(mode, inf, -3, 5), 5);
    EXPECT_EQ(quantize(mode, -inf, -3, 5), -3);
    EXPECT_EQ(quantize(mode, nan, -3, 5), -3);
    EXPECT_EQ(quantize(mode, 1e30f, -3, 5), 5);
    EXPECT_EQ(quantize(mode, -3.0f, -3, 5), -3);
    EXPECT_EQ(quantize(mode, 4.0f, -3, 5), 4);
  }
  EXPECT_EQ(quantize(Rounding::Sign, nan, 0, 1), 0);
  EXPECT_EQ(quantize(Rounding::Sign, -0.0f, 0, 1), 1);
}

TEST(Maximum, NanAndZeros) {
  EXPECT_TRUE(std::isnan(maximum(nan, 1)));
  EXPECT_TRUE(std::isnan(maximum(1, nan)));
  EXPECT_TRUE(std::isnan(minimum(nan, -inf)));
  EXPECT_FALSE(std::signbit(maximum(-0.0f, 0.0f)));
  EXPECT_FALSE(std::signbit(maximum(0.0f, -0.0f)));
  EXPECT_TRUE(std::signbit(minimum(0.0f, -0.0f)));
  EXPECT_TRUE(std::signbit(minimum(-0.0f, 0.0f)));
  EXPECT_EQ(maximum(-inf, 2), 2);
  EXPECT_EQ(minimum(inf, 2), 2);
}

// 1e8 absorbs a 1 that is added to it: which ones meet says the order.
TEST(LaneSum, Order) {
  LaneSum lanes; // 1e8 and -1e8 meet in lane 5 at once
  for (int i = 0; i < 128; ++i)
    lanes.add(i == 5 ? 1e8f : i == 69 ? -1e8f : 1.0f);
  EXPECT_EQ(lanes.get(), 126.0f);
  LaneSum halves; // lanes 0 and 32 meet first, 0 and 1 last
  for (int i = 0; i < 64; ++i)
    halves.add(i == 0 ? 1e8f : i == 32 ? -1e8f : 1.0f);
  EXPECT_EQ(halves.get(), 62.0f);
  LaneSum last;
  for (int i = 0; i < 64; ++i)
    last.add(i == 0 ? 1e8f : i == 1 ? -1e8f : 1.0f);
  // Lanes 0 and 1 each gather 1 + 2 + 4 + 8 + 16; 1e8 has a spacing of 8, so
  // only the last two arrive.
  EXPECT_EQ(last.get(), 48.0f);
  EXPECT_EQ(LaneSum().get(), 0.0f);
}

TEST(BatchNorm, BinarySixtyFourWithOneRounding) {
  BatchNormChannel channel(1.3f, 0.7f, 0.2f, 0.9f, 1e-5f);
  double a = static_cast<double>(1.3f) /
             std::sqrt(static_cast<double>(0.9f) + static_cast<double>(1e-5f));
  EXPECT_EQ(channel.factor, static_cast<float>(a));
  double product = static_cast<double>(0.2f) * a;
  EXPECT_EQ(channel.offset,
            static_cast<float>(static_cast<double>(0.7f) - product));
}
} // namespace
