//===- TapPairs.cpp - depthwise products of two taps at a time ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TapPairs.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;

static constexpr int64_t registerBytes = 32;

TapPairs::TapPairs(const ProductShape &shape, Type sumType, int64_t unit)
    : sumType(sumType), unit(unit), stride(shape.strides.back()),
      dilation(shape.dilations.back()) {
  int64_t rows = shape.kernel.size() == 2 ? shape.kernel.front() : 1;
  int64_t columns = shape.kernel.back();
  int64_t row = 0, column = 0;
  for (; row + 1 < rows; row += 2)
    for (int64_t i = 0; i < columns; ++i)
      pairs.push_back({{row, i}, {row + 1, i}});
  if (row == rows)
    return;
  for (; column + 1 < columns; column += 2)
    pairs.push_back({{row, column}, {row, column + 1}});
  if (column == columns)
    return;
  Tap before = columns > 1 ? Tap{row, column - 1} : Tap{row - 1, column};
  pairs.push_back({before, {row, column}, /*countsFirst=*/false});
}

std::optional<TapPairs> TapPairs::get(const ProductShape &shape,
                                      AffineAttr weight, Type sumType,
                                      int64_t unit,
                                      const TargetFeatures &target) {
  if (!target.isAVX2() || !shape.isDepthwise() || !shape.isOfCodes() ||
      shape.inputCode.getStorageType().getWidth() != 8 || shape.getTaps() < 2)
    return std::nullopt;
  IntegerRange weights = getWeightRange(shape, weight);
  bool fits = false;
  if (sumType.isInteger(16))
    fits = llvm::isInt<8>(weights.low) && llvm::isInt<8>(weights.high) &&
           (unit == registerBytes || unit == registerBytes / 2);
  else if (sumType.isInteger(32))
    fits = llvm::isInt<16>(weights.low) && llvm::isInt<16>(weights.high) &&
           unit == registerBytes / 2;
  if (!fits)
    return std::nullopt;
  return TapPairs(shape, sumType, unit);
}

TapPairs::Registers TapPairs::interleave(KernelBuilder &b, Value first,
                                         Value second) const {
  int64_t numRegisters = 2 * unit * (isOfBytes() ? 1 : 2) / registerBytes;
  SmallVector<int64_t> orders[2];
  for (int64_t channel = 0; channel < unit; ++channel)
    orders[channel / getRun() % numRegisters].append({channel, unit + channel});
  Registers registers;
  for (ArrayRef<int64_t> order : ArrayRef(orders).take_front(numRegisters))
    registers.push_back(vector::ShuffleOp::create(b, first, second, order));
  return registers;
}

Value TapPairs::join(KernelBuilder &b, const Registers &sums) const {
  if (sums.size() == 1)
    return sums.front();
  int64_t run = getRun();
  SmallVector<int64_t> order;
  for (int64_t channel = 0; channel < unit; ++channel)
    order.push_back(channel / run % 2 * (unit / 2) +
                    channel / (2 * run) * run + channel % run);
  return vector::ShuffleOp::create(b, sums[0], sums[1], order);
}

Value TapPairs::multiplyAdd(KernelBuilder &b, Value sum, Value codes,
                            Value weights) const {
  Value dots =
      isOfBytes() ? b.intrinsic("llvm.x86.avx2.pmadd.ub.sw",
                                b.vectorOf(16, sumType), {codes, weights})
                  : b.intrinsic("llvm.x86.avx2.pmadd.wd",
                                b.vectorOf(8, sumType), {codes, weights});
  if (sum)
    dots = arith::AddIOp::create(b, sum, dots);
  // LLVM would keep all products of a window, and add them up in an order of its
  // own.
  return b.pin(dots, "v");
}

void TapPairs::holdWeights(KernelBuilder &b, function_ref<Value(Tap)> load) {
  auto narrow = [&](Tap tap) -> Value {
    return arith::TruncIOp::create(b, getUnitType(b), load(tap));
  };
  Value zeros = b.splat(int64_t(0), getUnitType(b));
  for (const Pair &pair : pairs)
    weights.push_back(interleave(
        b, pair.countsFirst ? narrow(pair.first) : zeros, narrow(pair.second)));
}

SmallVector<Value> TapPairs::emit(KernelBuilder &b, int64_t count,
                                  function_ref<Value(int64_t, Tap)> load) const {
  auto loadCodes = [&](int64_t pixel, Tap tap) -> Value {
    Value codes = load(pixel, tap);
    if (isOfBytes())
      return codes;
    return arith::ExtUIOp::create(b, getUnitType(b), codes);
  };
  // By the column of the input, which neighbours in a row have in common.
  struct Step {
    size_t pixel, pair;
    int64_t row, column;
  };
  SmallVector<Step> steps;
  for (int64_t pixel = 0; pixel < count; ++pixel)
    for (auto [i, pair] : llvm::enumerate(pairs))
      steps.push_back({size_t(pixel), i, pair.first.row,
                       pixel * stride + pair.first.column * dilation});
  llvm::stable_sort(steps, [](const Step &lhs, const Step &rhs) {
    return std::pair(lhs.row, lhs.column) < std::pair(rhs.row, rhs.column);
  });
  SmallVector<Registers> sums(count);
  for (const Step &step : steps) {
    const Pair &pair = pairs[step.pair];
    Registers codes = interleave(b, loadCodes(step.pixel, pair.first),
                                 loadCodes(step.pixel, pair.second));
    Registers &sum = sums[step.pixel];
    sum.resize(codes.size());
    for (size_t i = 0; i < codes.size(); ++i)
      sum[i] = multiplyAdd(b, sum[i], codes[i], weights[step.pair][i]);
  }
  return llvm::map_to_vector(
      sums, [&](const Registers &ofPixel) { return join(b, ofPixel); });
}
