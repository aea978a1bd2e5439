//===- ByteSums.cpp - engines that sum in bytes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Widening costs three operations for a vector of byte sums, and one subtraction
// and one shift in the end.
//
//===----------------------------------------------------------------------===//

#include "ByteSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

void ByteSumsEngine::appendLaneDigits(SmallVectorImpl<int64_t> &digits,
                                      const ProductShape &shape) const {
  int64_t half = getVectorChannels() / 2, outputs = shape.getGroupOutputs();
  WeightDims dims(shape);
  appendDigit(digits, dims.output, 1, std::min(half, outputs), 16);
  appendDigit(digits, dims.output, half, outputs > half ? 2 : 1, 8);
}

SmallVector<Value> ByteSumsEngine::createSums(KernelBuilder &b, int64_t pixels,
                                              int64_t vectors) const {
  Value zero = b.splat(int64_t(0), getPairs(b));
  return SmallVector<Value>(2 * pixels * vectors, zero);
}

SmallVector<Value> ByteSumsEngine::widen(KernelBuilder &b, ValueRange sums,
                                         ArrayRef<Value> byteSums) const {
  SmallVector<Value> result;
  Value eight = b.splat(int64_t(8), getPairs(b));
  for (auto [i, sum] : llvm::enumerate(byteSums)) {
    Value pairs = b.bitcast(sum, getPairs(b));
    result.push_back(arith::AddIOp::create(b, sums[2 * i], pairs));
    result.push_back(arith::AddIOp::create(
        b, sums[2 * i + 1], arith::ShRUIOp::create(b, pairs, eight)));
  }
  return result;
}

SmallVector<SmallVector<Value>>
ByteSumsEngine::emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels,
                         int64_t vectors, const ProductShape &,
                         VectorType unit) const {
  SmallVector<SmallVector<Value>> result(pixels);
  Value eight = b.splat(int64_t(8), getPairs(b));
  int64_t half = getVectorChannels() / 2;
  int64_t lanes = std::min(half, unit.getNumElements());
  int64_t perUnit = unit.getNumElements() / lanes;
  SmallVector<Value> parts;
  for (int64_t i = 0; i < pixels * vectors; ++i) {
    Value even = sums[2 * i], odd = sums[2 * i + 1];
    Value lower = arith::SubIOp::create(
        b, even, arith::ShLIOp::create(b, odd, eight));
    for (Value pairs : {lower, odd})
      for (int64_t at = 0; at < half; at += lanes) {
        Value part = b.slice(pairs, at, lanes);
        if (!unit.getElementType().isInteger(16))
          part = arith::ExtUIOp::create(
              b, b.vectorOf(lanes, unit.getElementType()), part);
        parts.push_back(part);
        // A unit may have more channels than half a vector.
        if (static_cast<int64_t>(parts.size()) < perUnit)
          continue;
        result[i / vectors].push_back(b.concat(parts));
        parts.clear();
      }
  }
  return result;
}
