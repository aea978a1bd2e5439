//===- MatricesEngine.cpp - bytes as matrices of 2x8 ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The bytes engine where one instruction multiplies eight codes of two pixels
// by eight weights of two output channels: usmmla has unsigned codes and signed
// weights, and does twice the work of a dot product. A chunk is eight input
// channels, a sum has four lanes:
//
//   (pixel 0, channel 0) (pixel 0, channel 1) (pixel 1, channel 0) (1, 1)
//
//   weights  [block][kernel position][chunk][vector][16 output channels][8]
//
// A last pixel without a neighbour is taken twice, which costs what dot products
// would.
//
//===----------------------------------------------------------------------===//

#include "BytesEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Registers of 16 channels, two in each.
static constexpr int64_t channelPairs = 8;

namespace {
class MatricesEngine : public BytesEngine {
public:
  using BytesEngine::BytesEngine;

  int64_t getChunkChannels() const override { return 8; }
  bool readsSignedWeights(const ProductShape &shape) const override {
    return shape.weightCode.getBits() == 8;
  }
  /// For each pair of pixels, for each vector, its pairs of channels.
  SmallVector<Value> createSums(KernelBuilder &b, const ProductShape &,
                                int64_t pixels,
                                int64_t vectors) const override {
    Value zero = b.splat(int64_t(0), b.words(4));
    return SmallVector<Value>(
        llvm::divideCeil(pixels, 2) * vectors * channelPairs, zero);
  }
  /// A pixel may have a pair's sums for itself.
  int64_t getSumBytes(const ProductShape &, int64_t vectors) const override {
    return vectors * 128;
  }
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels, int64_t vectors,
           const ProductShape &shape, VectorType unit) const override;
};
} // namespace

SmallVector<Value> MatricesEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                           const RunOperands &run,
                                           int64_t vectors,
                                           const ProductShape &) const {
  int64_t registers = vectors * channelPairs, pixels = run.pixels.size();
  return b.loop(run.numChunks, sums, [&](Value chunk, ValueRange before) {
    SmallVector<Value> after(before), codes;
    Value codesAt = b.mul(chunk, 8);
    for (int64_t p = 0; p < pixels; p += 2) {
      VectorType eight = b.bytes(8);
      Value first = b.loadVector(run.input, b.add(run.pixels[p], codesAt), eight);
      Value second =
          p + 1 < pixels
              ? b.loadVector(run.input, b.add(run.pixels[p + 1], codesAt), eight)
              : first;
      codes.push_back(b.concat({first, second}));
    }
    Value base = b.add(run.weightOffset, b.mul(chunk, vectors * 128));
    for (int64_t r = 0; r < registers; ++r) {
      Value weights = loadWeights(b, run, b.add(base, r * 16), b.bytes(16));
      for (auto [pair, matrix] : llvm::enumerate(codes)) {
        Value &sum = after[pair * registers + r];
        sum = pin(b, b.intrinsic("llvm.aarch64.neon.usmmla", sum.getType(),
                                 {sum, matrix, weights}));
      }
    }
    return after;
  });
}

SmallVector<SmallVector<Value>>
MatricesEngine::emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels,
                         int64_t vectors, const ProductShape &,
                         VectorType unit) const {
  int64_t registers = vectors * channelPairs;
  int64_t perUnit = unit.getNumElements() / 2;
  SmallVector<SmallVector<Value>> result(pixels);
  for (int64_t p = 0; p < pixels; ++p)
    for (int64_t r = 0; r < registers; r += perUnit) {
      SmallVector<Value> lanes;
      for (Value sum : sums.slice(p / 2 * registers + r, perUnit))
        lanes.push_back(b.slice(sum, 2 * (p % 2), 2));
      result[p].push_back(b.concat(lanes));
    }
  return result;
}

std::unique_ptr<Engine>
mlir::dorefa::createMatricesEngine(const TargetFeatures &target) {
  return std::make_unique<MatricesEngine>(target);
}
