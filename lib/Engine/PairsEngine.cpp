//===- PairsEngine.cpp - bytes by sums of two products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The bytes engine on x86 without VNNI. vpmaddubsw multiplies unsigned codes by
// signed weights and gives sums of two products in 16 bits, which saturate. By
// the widths of codes and weights
//
// - such sums of many chunks fit 16 bits: they are added up there, and widened
//   (by vpmaddwd with ones) as late as the widths allow;
// - or of two chunks, or one;
// - or not even one pair does: codes, in a ring of input rows, and weights, when
//   they are loaded, become 16-bit words, whose products vpmaddwd adds in pairs.
//
//   weights  [block][kernel position][chunk of 4][vector][16 output channels][4]
//   of words [block][kernel position][chunk of 4][vector][half][16][2]
//
//===----------------------------------------------------------------------===//

#include "BytesEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

/// So many chunks and more are added up in a loop of their own; of fewer, so many
/// at most without one.
static constexpr int64_t loopChunks = 8, unrolledChunks = 2;

namespace {
class PairsEngine : public BytesEngine {
public:
  using BytesEngine::BytesEngine;

  int64_t getInputChunkBytes(const ProductShape &shape) const override {
    return readsRing(shape) ? 8 : 4;
  }
  bool readsRing(const ProductShape &shape) const override {
    return getPairChunks(shape) == 0;
  }
  void emitInputChunks(KernelBuilder &b, Value from, Value fromOffset, Value to,
                       Value toOffset, int64_t count) const override;
  int64_t getChunksAtOnce() const override { return target.vectorBytes / 4; }
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override {
    return BytesEngine::getWeightLayout(context, shape, vectors,
                                        readsRing(shape) ? 2 : 4);
  }
  CodeWidths getRatedWidths(const ProductShape &shape) const override;
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

private:
  /// Chunks whose pairs of products, added up, fit 16 bits.
  int64_t getPairChunks(const ProductShape &shape) const;
  /// Of a chunk's weights of all output channels of a tile, a register.
  Value loadRegister(KernelBuilder &b, const RunOperands &run, Value chunk,
                     int64_t vectors, int64_t index) const;
  /// The pairs of products of a pixel's chunk and a register of weights.
  Value emitPairs(KernelBuilder &b, Value codes, Value weights) const;
  Value loadCodes(KernelBuilder &b, const RunOperands &run, Value pixel,
                  Value chunk) const;
  /// `sums` with those of chunks added, whose pairs fit 16 bits: of many, in a
  /// loop, or of one or two.
  SmallVector<Value> emitLoop(KernelBuilder &b, ValueRange sums,
                              const RunOperands &run, Value first,
                              int64_t count, int64_t vectors) const;
  SmallVector<Value> emitUnrolled(KernelBuilder &b, ValueRange sums,
                                  const RunOperands &run, Value first,
                                  int64_t count, int64_t vectors) const;
  SmallVector<Value> emitWords(KernelBuilder &b, ValueRange sums,
                               const RunOperands &run, int64_t vectors) const;

  VectorType getPairs(KernelBuilder &b) const {
    return b.vectorOf(2 * getLanes(), b.getI16Type());
  }
};
} // namespace

int64_t PairsEngine::getPairChunks(const ProductShape &shape) const {
  int64_t weight = readsSignedWeights(shape)
                       ? 128
                       : (int64_t(1) << shape.weightCode.getBits()) - 1;
  int64_t code = (int64_t(1) << shape.inputCode.getBits()) - 1;
  return 32767 / (2 * weight * code);
}

CodeWidths PairsEngine::getRatedWidths(const ProductShape &shape) const {
  int64_t chunks = getPairChunks(shape);
  if (chunks >= loopChunks)
    return {4, 4};
  return chunks >= 2 ? CodeWidths{6, 6}
                     : chunks == 1 ? CodeWidths{7, 7} : CodeWidths{8, 8};
}

void PairsEngine::emitInputChunks(KernelBuilder &b, Value from,
                                  Value fromOffset, Value to, Value toOffset,
                                  int64_t count) const {
  int64_t channels = count * getChunkChannels();
  Value codes = b.loadVector(from, fromOffset, b.bytes(channels));
  Value words = arith::ExtUIOp::create(
      b, b.vectorOf(channels, b.getI16Type()), codes);
  b.storeVector(words, to, toOffset);
}

SmallVector<Value> PairsEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                        const RunOperands &run,
                                        int64_t vectors,
                                        const ProductShape &shape) const {
  int64_t most = getPairChunks(shape);
  if (most == 0)
    return emitWords(b, sums, run, vectors);
  if (most < loopChunks)
    most = std::min(most, unrolledChunks);
  return loopSegments(
      b, run.numChunks, most, sums,
      [&](Value first, int64_t count, ValueRange before) {
        return count <= unrolledChunks
                   ? emitUnrolled(b, before, run, first, count, vectors)
                   : emitLoop(b, before, run, first, count, vectors);
      });
}

Value PairsEngine::loadRegister(KernelBuilder &b, const RunOperands &run,
                                Value chunk, int64_t vectors,
                                int64_t index) const {
  int64_t bytes = 4 * getLanes();
  Value base = b.add(run.weightOffset,
                     b.mul(chunk, vectors * 16 * getChunkChannels()));
  return loadWeights(b, run, b.add(base, index * bytes), b.bytes(bytes));
}

Value PairsEngine::loadCodes(KernelBuilder &b, const RunOperands &run,
                             Value pixel, Value chunk) const {
  Value at = b.add(pixel, b.mul(chunk, getChunkChannels()));
  return b.bitcast(loadSplat(b, run.input, at, b.words(getLanes())),
                   b.bytes(4 * getLanes()));
}

Value PairsEngine::emitPairs(KernelBuilder &b, Value codes,
                             Value weights) const {
  return b.intrinsic(getLanes() == 16 ? "llvm.x86.avx512.pmaddubs.w.512"
                                      : "llvm.x86.avx2.pmadd.ub.sw",
                     getPairs(b), {codes, weights});
}

SmallVector<Value> PairsEngine::emitLoop(KernelBuilder &b, ValueRange sums,
                                         const RunOperands &run, Value first,
                                         int64_t count,
                                         int64_t vectors) const {
  SmallVector<Value> zeros(sums.size(), b.splat(int64_t(0), getPairs(b)));
  auto body = [&](Value i, ValueRange before) {
    SmallVector<Value> after;
    Value chunk = b.add(first, i);
    SmallVector<Value> weights;
    for (int64_t v = 0; v < vectors * getParts(); ++v)
      weights.push_back(loadRegister(b, run, chunk, vectors, v));
    for (Value pixel : run.pixels) {
      Value codes = loadCodes(b, run, pixel, chunk);
      for (Value weight : weights)
        after.push_back(arith::AddIOp::create(b, before[after.size()],
                                              emitPairs(b, codes, weight)));
    }
    return after;
  };
  Value ones = b.splat(int64_t(1), getPairs(b));
  SmallVector<Value> result;
  for (auto [sum, pairs] : llvm::zip_equal(sums, b.loop(count, zeros, body)))
    result.push_back(emitDot2(b, sum, pairs, ones));
  return result;
}

SmallVector<Value> PairsEngine::emitUnrolled(KernelBuilder &b, ValueRange sums,
                                             const RunOperands &run,
                                             Value first, int64_t count,
                                             int64_t vectors) const {
  int64_t pixels = run.pixels.size(), registers = vectors * getParts();
  auto loadPixel = [&](int64_t p) {
    SmallVector<Value> codes;
    for (int64_t i = 0; i < count; ++i)
      codes.push_back(loadCodes(b, run, run.pixels[p], b.add(first, i)));
    return codes;
  };
  auto loadVector = [&](int64_t v) {
    SmallVector<Value> weights;
    for (int64_t i = 0; i < count; ++i)
      weights.push_back(loadRegister(b, run, b.add(first, i), vectors, v));
    return weights;
  };
  Value ones = b.splat(int64_t(1), getPairs(b));
  SmallVector<Value> result(sums);
  auto add = [&](int64_t p, int64_t v, ValueRange codes, ValueRange weights) {
    Value pairs = emitPairs(b, codes[0], weights[0]);
    for (int64_t i = 1; i < count; ++i)
      pairs = arith::AddIOp::create(b, pairs,
                                    emitPairs(b, codes[i], weights[i]));
    Value &sum = result[p * registers + v];
    sum = pin(b, emitDot2(b, sum, pairs, ones));
  };
  // The fewer operands are held, the others come one by one.
  bool holdsWeights = registers <= pixels;
  SmallVector<SmallVector<Value>> held;
  for (int64_t i = 0; i < std::min(registers, pixels); ++i)
    held.push_back(holdsWeights ? loadVector(i) : loadPixel(i));
  for (int64_t i = 0; i < std::max(registers, pixels); ++i) {
    b.fence();
    SmallVector<Value> next = holdsWeights ? loadPixel(i) : loadVector(i);
    for (auto [j, other] : llvm::enumerate(held))
      if (holdsWeights)
        add(i, j, next, other);
      else
        add(j, i, other, next);
  }
  return result;
}

SmallVector<Value> PairsEngine::emitWords(KernelBuilder &b, ValueRange sums,
                                          const RunOperands &run,
                                          int64_t vectors) const {
  int64_t parts = getParts(), lanes = getLanes();
  return b.loop(run.numChunks, sums, [&](Value chunk, ValueRange before) {
    SmallVector<Value> after(before);
    Value base = b.add(run.weightOffset, b.mul(chunk, vectors * 64));
    for (int64_t half = 0; half < 2; ++half) {
      SmallVector<Value> weights;
      for (int64_t v = 0; v < vectors * parts; ++v) {
        int64_t at = v / parts * 64 + half * 32 + v % parts * lanes * 2;
        Value loaded =
            loadWeights(b, run, b.add(base, at), b.bytes(lanes * 2));
        weights.push_back(arith::ExtSIOp::create(b, getPairs(b), loaded));
      }
      Value *sum = after.begin();
      for (Value pixel : run.pixels) {
        Value at = b.add(b.add(pixel, b.mul(chunk, 8)), half * 4);
        Value codes = b.bitcast(
            loadSplat(b, run.input, at, b.words(lanes)), getPairs(b));
        for (Value weight : weights) {
          *sum = pin(b, emitDot2(b, *sum, codes, weight));
          ++sum;
        }
      }
    }
    return after;
  });
}

std::unique_ptr<Engine>
mlir::dorefa::createPairsEngine(const TargetFeatures &target) {
  return std::make_unique<PairsEngine>(target);
}
