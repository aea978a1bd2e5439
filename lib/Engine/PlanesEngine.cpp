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
// in every lane.
//
//   weights  [block][kernel position][chunk][half][plane][vector][16][32 bits]
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class PlanesEngine : public TiledEngine {
public:
  PlanesEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Planes, target) {}

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

  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override {
    int64_t weightPlanes = shape.weightCode.getBits();
    int64_t inputPlanes = shape.inputCode.getBits();
    int64_t perPixel = vectors * getParts(), lanes = getLanes();
    auto body = [&](Value chunk, ValueRange before) {
      SmallVector<Value> after(before);
      Value base = b.add(run.weightOffset,
                         b.mul(chunk, getWeightChunkBytes(shape, vectors)));
      Value codesAt = b.mul(chunk, getInputChunkBytes(shape));
      for (int64_t half = 0; half < 2; ++half)
        for (int64_t i = 0; i < weightPlanes; ++i) {
          // Each plane of weights loads the codes: there are too many to hold.
          Value codes = weightPlanes > 1 ? b.hide(codesAt) : codesAt;
          SmallVector<Value> weights;
          for (int64_t v = 0; v < perPixel; ++v) {
            int64_t at = ((half * weightPlanes + i) * perPixel + v) * lanes * 4;
            weights.push_back(
                loadWeights(b, run, b.add(base, at), b.words(lanes)));
          }
          for (auto [p, pixel] : llvm::enumerate(run.pixels))
            for (int64_t j = 0; j < inputPlanes; ++j) {
              Value offset = b.add(b.add(pixel, codes), j * 8 + half * 4);
              Value plane =
                  b.splat(b.loadScalar(run.input, offset, b.getI32Type()),
                          b.words(lanes));
              for (int64_t v = 0; v < perPixel; ++v) {
                Value &sum = after[p * perPixel + v];
                sum = emitCount(
                    b, sum, arith::AndIOp::create(b, weights[v], plane), i + j);
                sum = pin(b, sum);
              }
            }
        }
      return after;
    };
    return b.loop(run.numChunks, sums, body);
  }

private:
  /// sum + 2^weight * popcount(bits), lane by lane.
  Value emitCount(KernelBuilder &b, Value sum, Value bits,
                  int64_t weight) const {
    int64_t lanes = getLanes();
    // The constant is the signed operand of the dot product: at most 64.
    if (target.popcountBytes && target.dot4 == TargetFeatures::Dot4::VNNI &&
        weight <= 6 && !(target.popcountWords && weight == 0)) {
      VectorType bytes = b.bytes(lanes * 4);
      Value counts =
          math::CtPopOp::create(b, b.bitcast(bits, bytes));
      return b.intrinsic(lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                     : "llvm.x86.avx512.vpdpbusd.256",
                         sum.getType(),
                         {sum, counts, b.splat(int64_t(1) << weight, bytes)});
    }
    Value count = math::CtPopOp::create(b, bits);
    if (weight != 0)
      count = arith::ShLIOp::create(
          b, count, b.splat(weight, cast<VectorType>(count.getType())));
    return arith::AddIOp::create(b, sum, count);
  }
};
} // namespace

std::unique_ptr<Engine>
mlir::dorefa::createPlanesEngine(const TargetFeatures &target) {
  return std::make_unique<PlanesEngine>(target);
}
