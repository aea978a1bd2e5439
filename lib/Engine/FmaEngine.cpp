//===- FmaEngine.cpp - binary32 products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each sum is one chain of fused multiply-adds in the order of the contraction
// (kernel positions, then input channels), so lanes are output channels only.
//
//   weights  [block][kernel position][input channel][vector][16]
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class FmaEngine : public TiledEngine {
public:
  FmaEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Fma, target) {}

  bool isLegal(const ProductShape &shape) const override {
    return shape.kind == ProductKind::Conv && !shape.inputCode &&
           !shape.weightCode;
  }
  Type getSumType(Builder &builder) const override {
    return builder.getF32Type();
  }
  int64_t getChunkChannels() const override { return 1; }
  int64_t getInputChunkBytes(const ProductShape &) const override { return 4; }
  int64_t getWeightChunkBytes(const ProductShape &,
                              int64_t vectors) const override {
    return vectors * 64;
  }

  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override {
    SmallVector<int64_t> digits = getOuterDigits(shape, vectors, 64 * 8, vectors * 64 * 8);
    appendDigit(digits, WeightDims(shape).output, 1,
                std::min<int64_t>(16, shape.getGroupOutputs()), 32);
    return DigitsAttr::get(context, getWeightBytes(shape, vectors), 32, 0, 1,
                           digits);
  }

  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &) const override {
    int64_t perPixel = vectors * getParts(), lanes = getLanes();
    VectorType type = b.vectorOf(lanes, b.getF32Type());
    auto body = [&](Value chunk, ValueRange before) {
      SmallVector<Value> after(before);
      Value base = b.add(run.weightOffset, b.mul(chunk, vectors * 64));
      auto loadWeight = [&](int64_t v) {
        return loadWeights(b, run, b.add(base, v * lanes * 4), type);
      };
      auto loadPixel = [&](int64_t p) {
        Value offset = b.add(run.pixels[p], b.mul(chunk, 4));
        return loadSplat(b, run.input, offset, type);
      };
      auto add = [&](int64_t p, int64_t v, Value x, Value weight) {
        Value &sum = after[p * perPixel + v];
        sum = math::FmaOp::create(b, x, weight, sum);
      };
      // The fewer operands are held, the others come one by one.
      int64_t pixels = run.pixels.size();
      SmallVector<Value> held;
      if (perPixel <= pixels) {
        for (int64_t v = 0; v < perPixel; ++v)
          held.push_back(loadWeight(v));
        for (int64_t p = 0; p < pixels; ++p) {
          Value x = loadPixel(p);
          for (int64_t v = 0; v < perPixel; ++v)
            add(p, v, x, held[v]);
        }
        return after;
      }
      for (int64_t p = 0; p < pixels; ++p)
        held.push_back(loadPixel(p));
      for (int64_t v = 0; v < perPixel; ++v) {
        b.fence();
        Value weight = loadWeight(v);
        for (int64_t p = 0; p < pixels; ++p)
          add(p, v, held[p], weight);
      }
      return after;
    };
    return b.loop(run.numChunks, sums, body);
  }
};
} // namespace

std::unique_ptr<Engine>
mlir::dorefa::createFmaEngine(const TargetFeatures &target) {
  return std::make_unique<FmaEngine>(target);
}
