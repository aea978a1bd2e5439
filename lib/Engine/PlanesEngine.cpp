//===- PlanesEngine.cpp - and + popcount ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The product of codes is a sum over pairs of bit-planes of
// 2^(i+j) popcount(and(weight plane i, activation plane j)) [DoReFa-Net, eq. 3].
// A chunk is 64 input channels, two 32-bit lanes' worth: a lane of a weight
// vector holds 32 bits of one output channel, a pixel's 32 bits are repeated
// in every lane. Without a popcount of vectors all pairs of planes go into one
// tree of carry-save adders for each sum.
//
//   weights  [block][kernel position][chunk][half][plane][vector][16][32 bits]
//
//===----------------------------------------------------------------------===//

#include "BitCount.h"
#include "TiledEngine.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Products that trees add up before they settle.
static constexpr int64_t stepProducts = 16;

namespace {
class PlanesEngine : public TiledEngine {
public:
  PlanesEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Planes, target),
        perSum(1 + getCarrySaveLevels(target)) {}

  LayoutKind getLayoutKind(const ProductShape &) const override {
    return LayoutKind::Planes;
  }
  bool isLegal(const ProductShape &shape) const override {
    bool aligned = shape.groups == 1 || shape.getGroupInputs() % 64 == 0;
    return shape.isOfCodes() && shape.inputCode.getBits() <= 8 &&
           shape.weightCode.getBits() <= 8 && aligned;
  }
  int64_t getChunkChannels() const override { return 64; }
  int64_t getInputChunkBytes(const ProductShape &shape) const override {
    return 8 * shape.inputCode.getBits();
  }
  int64_t getWeightChunkBytes(const ProductShape &shape,
                              int64_t vectors) const override {
    return 2 * shape.weightCode.getBits() * vectors * 64;
  }

  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override {
    int64_t bits = shape.weightCode.getBits(), plane = vectors * 64 * 8;
    // The vectors of a block lie inside a plane.
    SmallVector<int64_t> digits =
        getOuterDigits(shape, vectors, 64 * 8, 2 * bits * plane);
    WeightDims dims(shape);
    int64_t inputs = shape.getGroupInputs();
    appendDigit(digits, dims.output, 1,
                std::min<int64_t>(16, shape.getGroupOutputs()), 32);
    appendDigit(digits, dims.input, 1, std::min<int64_t>(32, inputs), 1);
    appendDigit(digits, dims.input, 32, inputs > 32 ? 2 : 1, bits * plane);
    return DigitsAttr::get(context, getWeightBytes(shape, vectors), bits, 0,
                           plane, digits);
  }

  int64_t getSumBytes(const ProductShape &shape,
                      int64_t vectors) const override {
    return TiledEngine::getSumBytes(shape, vectors) * perSum;
  }
  SmallVector<Value> createSums(KernelBuilder &b, const ProductShape &shape,
                                int64_t pixels,
                                int64_t vectors) const override {
    return TiledEngine::createSums(b, shape, pixels, vectors * perSum);
  }
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels, int64_t vectors,
           const ProductShape &shape, VectorType unit) const override;

private:
  /// Vectors of a block that one part of the kernel computes.
  struct Part {
    int64_t first, end;
    int64_t perPixel; ///< of the block
  };
  /// Adds the products of one chunk to the trees of a part.
  void emitChunk(KernelBuilder &b, MutableArrayRef<CarrySaveTree> trees,
                 const RunOperands &run, Value chunk, const Part &part,
                 const ProductShape &shape) const;
  SmallVector<Value> emitChunks(KernelBuilder &b, ValueRange sums,
                                const RunOperands &run, Value first,
                                int64_t count, int64_t vectors,
                                const ProductShape &shape) const;

  /// Values of a sum, which is the state of a tree.
  const int64_t perSum;
};
} // namespace

void PlanesEngine::emitChunk(KernelBuilder &b,
                             MutableArrayRef<CarrySaveTree> trees,
                             const RunOperands &run, Value chunk,
                             const Part &part,
                             const ProductShape &shape) const {
  int64_t weightPlanes = shape.weightCode.getBits(), lanes = getLanes();
  int64_t inputPlanes = shape.inputCode.getBits();
  // Trees add in pairs.
  int64_t together = perSum > 1 ? 2 : 1;
  Value base = b.add(run.weightOffset,
                     b.mul(chunk, 2 * weightPlanes * part.perPixel * lanes * 4));
  Value codesAt = b.mul(chunk, getInputChunkBytes(shape));
  for (int64_t half = 0; half < 2; half += together)
    for (int64_t i = 0; i < weightPlanes; ++i) {
      // Each plane of weights loads the codes: there are too many to hold.
      bool isAgain = weightPlanes > 1 || part.end - part.first < part.perPixel;
      Value codes = isAgain ? b.hide(codesAt) : codesAt;
      SmallVector<SmallVector<Value, 2>> weights(part.perPixel);
      for (int64_t v = part.first; v < part.end; ++v)
        for (int64_t h = half; h < half + together; ++h) {
          int64_t at = ((h * weightPlanes + i) * part.perPixel + v) * lanes * 4;
          weights[v].push_back(
              loadWeights(b, run, b.add(base, at), b.words(lanes)));
        }
      for (auto [p, pixel] : llvm::enumerate(run.pixels))
        for (int64_t j = 0; j < inputPlanes; ++j) {
          SmallVector<Value, 2> planes;
          for (int64_t h = half; h < half + together; ++h) {
            Value offset = b.add(b.add(pixel, codes), j * 8 + h * 4);
            planes.push_back(loadSplat(b, run.input, offset, b.words(lanes)));
          }
          for (int64_t v = part.first; v < part.end; ++v)
            trees[p * part.perPixel + v].addProducts(weights[v], planes, i + j);
        }
    }
}

SmallVector<Value>
PlanesEngine::emitChunks(KernelBuilder &b, ValueRange sums,
                         const RunOperands &run, Value first, int64_t count,
                         int64_t vectors, const ProductShape &shape) const {
  SmallVector<Value> state(sums);
  auto pinned = [&](Value value) { return pin(b, value); };
  SmallVector<CarrySaveTree> trees;
  for (size_t i = 0; i < state.size(); i += perSum)
    trees.emplace_back(b, target,
                       MutableArrayRef<Value>(state).slice(i, perSum), pinned);
  // What waits in trees needs registers: those of one vector at a time.
  int64_t perPixel = vectors * getParts();
  int64_t width = perSum > 1 ? 1 : perPixel;
  for (int64_t v = 0; v < perPixel; v += width) {
    for (int64_t chunk = 0; chunk < count; ++chunk)
      emitChunk(b, trees, run, b.add(first, chunk), {v, v + width, perPixel},
                shape);
    for (CarrySaveTree &tree : trees)
      tree.settle();
  }
  return state;
}

SmallVector<Value> PlanesEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                         const RunOperands &run,
                                         int64_t vectors,
                                         const ProductShape &shape) const {
  // What waits in a tree at a step's end is taken in for more than it would cost
  // in the next, so a step of few planes has several chunks.
  int64_t products = shape.weightCode.getBits() * shape.inputCode.getBits();
  int64_t count = perSum > 1 ? llvm::divideCeil(stepProducts, 2 * products) : 1;
  if (run.numChunks < 2 * count)
    count = run.numChunks;
  int64_t steps = run.numChunks / count, rest = run.numChunks % count;
  SmallVector<Value> state =
      b.loop(steps, sums, [&](Value step, ValueRange before) {
        return emitChunks(b, before, run, b.mul(step, count), count, vectors,
                          shape);
      });
  return rest == 0 ? state
                   : emitChunks(b, state, run, b.index(steps * count), rest,
                                vectors, shape);
}

SmallVector<SmallVector<Value>>
PlanesEngine::emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels,
                       int64_t vectors, const ProductShape &shape,
                       VectorType unit) const {
  SmallVector<Value> totals, state(sums);
  auto pinned = [&](Value value) { return pin(b, value); };
  for (size_t i = 0; i < state.size(); i += perSum)
    totals.push_back(
        CarrySaveTree(b, target,
                      MutableArrayRef<Value>(state).slice(i, perSum), pinned)
            .getTotal());
  return TiledEngine::emitSums(b, totals, pixels, vectors, shape, unit);
}

std::unique_ptr<Engine>
mlir::dorefa::createPlanesEngine(const TargetFeatures &target) {
  return std::make_unique<PlanesEngine>(target);
}
