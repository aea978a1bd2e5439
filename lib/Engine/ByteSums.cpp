//===- ByteSums.cpp - engines that sum in bytes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Widening costs three operations for a vector of byte sums, and one subtraction
// and one shift in the end. Of 16-bit sums it is the same twice.
//
//===----------------------------------------------------------------------===//

#include "ByteSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

void ByteSumsEngine::appendLaneDigits(SmallVectorImpl<int64_t> &digits,
                                      const ProductShape &shape) const {
  int64_t parts = isWide(shape) ? 4 : 2, outputs = shape.getGroupOutputs();
  int64_t part = getVectorChannels() / parts;
  WeightDims dims(shape);
  appendDigit(digits, dims.output, 1, std::min(part, outputs), 8 * parts);
  appendDigit(digits, dims.output, part,
              std::min<int64_t>(parts, llvm::divideCeil(outputs, part)), 8);
}

SmallVector<Value> ByteSumsEngine::createSums(KernelBuilder &b,
                                              const ProductShape &shape,
                                              int64_t pixels,
                                              int64_t vectors) const {
  if (!isWide(shape))
    return createPairSums(b, pixels * vectors);
  return SmallVector<Value>(4 * pixels * vectors,
                            b.splat(int64_t(0), getQuads(b)));
}

/// Adds numbers times 2^`plane`, whose halves are numbers themselves, to two
/// sums: to one the numbers as they are, to the other the upper halves.
static void addHalves(KernelBuilder &b, MutableArrayRef<Value> sums,
                      Value numbers, int64_t plane = 0) {
  auto type = cast<VectorType>(numbers.getType());
  Value half = b.splat(int64_t(type.getElementTypeBitWidth() / 2), type);
  auto add = [&](Value &sum, Value added) {
    if (plane > 0)
      added = arith::ShLIOp::create(b, added, b.splat(plane, type));
    sum = arith::AddIOp::create(b, sum, added);
  };
  add(sums[0], numbers);
  add(sums[1], arith::ShRUIOp::create(b, numbers, half));
}

/// The lower of two such sums.
static Value getLower(KernelBuilder &b, ValueRange sums) {
  auto type = cast<VectorType>(sums[0].getType());
  Value half = b.splat(int64_t(type.getElementTypeBitWidth() / 2), type);
  return arith::SubIOp::create(b, sums[0],
                               arith::ShLIOp::create(b, sums[1], half));
}

SmallVector<Value> ByteSumsEngine::widen(KernelBuilder &b, ValueRange sums,
                                         ArrayRef<Value> byteSums,
                                         int64_t numPlanes) const {
  SmallVector<Value> result(sums);
  for (auto [i, sum] : llvm::enumerate(byteSums))
    addHalves(b, MutableArrayRef(result).slice(2 * (i / numPlanes), 2),
              b.bitcast(sum, getPairs(b)), i % numPlanes);
  return result;
}

SmallVector<Value>
ByteSumsEngine::addPairSums(KernelBuilder &b, ValueRange sums,
                            ValueRange pairSums,
                            const ProductShape &shape) const {
  SmallVector<Value> result(sums);
  MutableArrayRef<Value> to(result);
  for (size_t i = 0; i < pairSums.size(); i += 2) {
    Value lower = pairSums[i], upper = pairSums[i + 1];
    if (!isWide(shape)) {
      to[i] = arith::AddIOp::create(b, to[i], lower);
      to[i + 1] = arith::AddIOp::create(b, to[i + 1], upper);
      continue;
    }
    lower = getLower(b, pairSums.slice(i, 2));
    addHalves(b, to.slice(2 * i, 2), b.bitcast(lower, getQuads(b)));
    addHalves(b, to.slice(2 * i + 2, 2), b.bitcast(upper, getQuads(b)));
  }
  return result;
}

SmallVector<Value> ByteSumsEngine::separate(KernelBuilder &b,
                                            ValueRange sums) const {
  if (sums.size() == 2)
    return {getLower(b, sums), sums[1]};
  return {getLower(b, sums.take_front(2)), getLower(b, sums.drop_front(2)),
          sums[1], sums[3]};
}

/// Integers of another width, which are not negative.
static Value resize(KernelBuilder &b, Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  VectorType resized = b.vectorOf(type.getNumElements(), element);
  if (element.getIntOrFloatBitWidth() < type.getElementTypeBitWidth())
    return arith::TruncIOp::create(b, resized, vector);
  return type == resized ? vector
                         : Value(arith::ExtUIOp::create(b, resized, vector));
}

SmallVector<SmallVector<Value>>
ByteSumsEngine::emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels,
                         int64_t vectors, const ProductShape &shape,
                         VectorType unit) const {
  SmallVector<SmallVector<Value>> result(pixels);
  int64_t numParts = isWide(shape) ? 4 : 2;
  int64_t part = getVectorChannels() / numParts;
  int64_t lanes = std::min(part, unit.getNumElements());
  int64_t perUnit = unit.getNumElements() / lanes;
  SmallVector<Value> parts;
  for (int64_t i = 0; i < pixels * vectors; ++i)
    for (Value channels : separate(b, sums.slice(numParts * i, numParts)))
      for (int64_t at = 0; at < part; at += lanes) {
        parts.push_back(
            resize(b, b.slice(channels, at, lanes), unit.getElementType()));
        // A unit may have more channels than a part of a vector.
        if (static_cast<int64_t>(parts.size()) < perUnit)
          continue;
        result[i / vectors].push_back(b.concat(parts));
        parts.clear();
      }
  return result;
}
