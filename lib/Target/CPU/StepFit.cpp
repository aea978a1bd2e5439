//===- StepFit.cpp - step functions by arithmetic ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A line tau(k) = c + d*k fits if t[k] - 1 < tau(k) <= t[k] for each threshold
// number k; each pair of thresholds bounds the slope d, and with a slope each
// threshold bounds c. The count is then round((s - c) / d - 1/2).
//
//===----------------------------------------------------------------------===//

#include "StepFit.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// The interval that a line must pass at one threshold, open below.
struct Gate {
  double low, high;
};
} // namespace

static SmallVector<Gate> getGates(ArrayRef<int64_t> sorted,
                                  IntegerRange range) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  SmallVector<Gate> gates;
  for (int64_t threshold : sorted) {
    if (threshold > range.high)
      gates.push_back({double(range.high), infinity});
    else if (threshold <= range.low)
      gates.push_back({-infinity, double(range.low)});
    else
      gates.push_back({double(threshold - 1), double(threshold)});
  }
  return gates;
}

/// The slopes that each two gates allow.
static std::pair<double, double> getSlopes(ArrayRef<Gate> gates) {
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (size_t j = 1; j < gates.size(); ++j)
    for (size_t i = 0; i < j; ++i) {
      low = std::max(low, (gates[j].low - gates[i].high) / double(j - i));
      high = std::min(high, (gates[j].high - gates[i].low) / double(j - i));
    }
  return {low, high};
}

/// The middle of what is left for c, or nothing.
static std::optional<double> getOffset(ArrayRef<Gate> gates, double slope) {
  double low = -std::numeric_limits<double>::infinity(), high = -low;
  for (auto [k, gate] : llvm::enumerate(gates)) {
    low = std::max(low, gate.low - slope * double(k + 1));
    high = std::min(high, gate.high - slope * double(k + 1));
  }
  if (!(low < high))
    return std::nullopt;
  // Where nothing bounds one side, a little beyond the other.
  if (std::isinf(low) && std::isinf(high))
    return 0;
  if (std::isinf(low))
    return high - slope;
  if (std::isinf(high))
    return low + slope;
  return (low + high) / 2;
}

int64_t mlir::dorefa::roundAndClamp(float value, int64_t lowest,
                                    int64_t highest) {
  float rounded = std::nearbyint(value);
  if (!(rounded > lowest))
    return lowest;
  return rounded >= highest ? highest : static_cast<int64_t>(rounded);
}

static bool isExact(const FittedLine &line, ArrayRef<int64_t> sorted,
                    IntegerRange range) {
  auto count = [&](int64_t value) {
    return roundAndClamp(std::fma(float(value), line.scale, line.bias), 0,
                         sorted.size());
  };
  auto wanted = [&](int64_t value) {
    return llvm::upper_bound(sorted, value) - sorted.begin();
  };
  if (count(range.low) != wanted(range.low) ||
      count(range.high) != wanted(range.high))
    return false;
  return llvm::all_of(sorted, [&](int64_t threshold) {
    if (threshold <= range.low || threshold > range.high)
      return true;
    return count(threshold) == wanted(threshold) &&
           count(threshold - 1) == wanted(threshold - 1);
  });
}

std::optional<FittedLine> mlir::dorefa::fitLine(ArrayRef<int64_t> thresholds,
                                                IntegerRange range) {
  // Larger integers are not all binary32 numbers.
  constexpr int64_t exact = int64_t(1) << 24;
  if (range.low < -exact || range.high > exact || thresholds.empty())
    return std::nullopt;
  SmallVector<int64_t> sorted(thresholds);
  llvm::sort(sorted);
  SmallVector<Gate> gates = getGates(sorted, range);
  auto [low, high] = getSlopes(gates);
  if (std::isinf(high))
    high = 2 * low + double(range.high - range.low) + 2;
  for (double part : {0.5, 0.25, 0.75, 0.1, 0.9}) {
    double slope = low + (high - low) * part;
    std::optional<double> offset =
        slope > 0 ? getOffset(gates, slope) : std::nullopt;
    if (!offset)
      continue;
    FittedLine line{float(1 / slope), float(-*offset / slope - 0.5)};
    if (isExact(line, sorted, range))
      return line;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

/// Numbers in the order of binary32 values, and back.
static int64_t getOrder(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits >= 0 ? bits : -int64_t(bits & 0x7fffffff);
}
static float fromOrder(int64_t order) {
  int32_t bits = order >= 0 ? order : static_cast<int32_t>(
                                          0x80000000u | uint32_t(-order));
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// The candidates, cheapest first. No part is negative: products, their sum and its
/// rounding then rise with x, as the quotient does, and infinity stays infinity.
static SmallVector<Reciprocal> getReciprocals(float divisor) {
  float nearest = 1 / divisor;
  float below = std::nextafter(nearest, 0.0f);
  SmallVector<Reciprocal> reciprocals{
      {nearest}, {below}, {std::nextafter(nearest, 2 * nearest)}};
  float high = double(nearest) * divisor <= 1 ? nearest : below;
  float low = (1 - double(high) * divisor) / divisor;
  if (std::isnormal(low))
    reciprocals.push_back({high, low});
  return reciprocals;
}

static float multiply(float value, const Reciprocal &reciprocal) {
  if (reciprocal.low == 0)
    return value * reciprocal.high;
  return std::fma(value, reciprocal.high, value * reciprocal.low);
}

std::optional<Reciprocal> mlir::dorefa::findReciprocal(float divisor,
                                                       int64_t lowest,
                                                       int64_t highest) {
  // Each code is tried out.
  constexpr int64_t mostCodes = 1 << 12;
  if (!std::isnormal(divisor) || divisor < 0 || highest - lowest > mostCodes)
    return std::nullopt;
  const int64_t greatest = getOrder(std::numeric_limits<float>::infinity());
  auto divided = [&](int64_t order) {
    return roundAndClamp(fromOrder(order) / divisor, lowest, highest);
  };
  // Where the quotient's code rises to each number.
  SmallVector<int64_t> rises;
  for (int64_t code = lowest + 1; code <= highest; ++code) {
    int64_t below = -greatest, from = greatest;
    while (from - below > 1) {
      int64_t middle = below + (from - below) / 2;
      (divided(middle) >= code ? from : below) = middle;
    }
    rises.push_back(from);
  }
  for (const Reciprocal &reciprocal : getReciprocals(divisor)) {
    auto multiplied = [&](int64_t order) {
      return roundAndClamp(multiply(fromOrder(order), reciprocal), lowest,
                           highest);
    };
    if (std::isnormal(reciprocal.high) &&
        llvm::all_of(rises, [&](int64_t order) {
          return multiplied(order) == divided(order) &&
                 multiplied(order - 1) == divided(order - 1);
        }))
      return reciprocal;
  }
  return std::nullopt;
}
