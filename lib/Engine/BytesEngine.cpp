//===- BytesEngine.cpp - four bytes a lane ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A chunk is four input channels: one 32-bit lane of a weight vector holds the
// four weights of one output channel, and the pixel's four codes are repeated
// in every lane. Where the target has no such dot product the lanes are taken
// apart by shifts.
//
//   weights  [block][kernel position][chunk][vector][16 output channels][4]
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class BytesEngine : public TiledEngine {
public:
  BytesEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Bytes, target) {}

  bool isLegal(const ProductShape &shape) const override {
    return shape.isOfCodes() && shape.inputCode.getBits() <= 8 &&
           shape.weightCode.getBits() <= 8;
  }
  int64_t getChunkChannels() const override { return 4; }
  int64_t getInputChunkBytes(const ProductShape &) const override { return 4; }
  int64_t getGroupBytes(const ProductShape &shape) const override {
    return shape.getGroupInputs();
  }
  int64_t getWeightChunkBytes(const ProductShape &,
                              int64_t vectors) const override {
    return vectors * 64;
  }
  /// The x86 dot products take one signed operand, the weights: 8-bit ones do
  /// not fit as unsigned numbers.
  bool readsSignedWeights(const ProductShape &shape) const override {
    return shape.weightCode.getBits() == 8 &&
           target.dot4 != TargetFeatures::Dot4::UDot;
  }

  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override {
    SmallVector<int64_t> digits = getOuterDigits(shape, vectors, 64 * 8, vectors * 64 * 8);
    WeightDims dims(shape);
    appendDigit(digits, dims.output, 1,
                std::min<int64_t>(16, shape.getGroupOutputs()), 32);
    appendDigit(digits, dims.input, 1, std::min<int64_t>(4, shape.getGroupInputs()), 8);
    return DigitsAttr::get(context, getWeightBytes(shape, vectors),
                           shape.weightCode.getBits(), 0, 1, digits);
  }

  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override {
    int64_t parts = getParts(), lanes = getLanes();
    auto body = [&](Value chunk, ValueRange before) {
      SmallVector<Value> after(before);
      Value base = b.add(run.weightOffset, b.mul(chunk, vectors * 64));
      if (needsPairs(shape)) {
        emitPairs(b, after, run, base, chunk, shape);
        return after;
      }
      SmallVector<Value> weights;
      for (int64_t v = 0; v < vectors * parts; ++v)
        weights.push_back(loadWeights(
            b, run, b.add(base, v * lanes * 4), b.bytes(lanes * 4)));
      for (auto [p, pixel] : llvm::enumerate(run.pixels)) {
        Value codes = loadSplat(
            b, run.input, b.add(pixel, b.mul(chunk, 4)), b.words(lanes));
        for (int64_t v = 0; v < vectors * parts; ++v) {
          Value &sum = after[p * vectors * parts + v];
          sum = emitDot4(b, sum, codes, weights[v], shape);
          // Without a dot product there are more temporaries than registers.
          if (target.dot4 == TargetFeatures::Dot4::None)
            sum = pin(b, sum);
        }
      }
      return after;
    };
    return b.loop(run.numChunks, sums, body);
  }

private:
  /// Whether sums of two products of bytes do not fit the 16 bits that the
  /// target gives them.
  bool needsPairs(const ProductShape &shape) const {
    int64_t most = readsSignedWeights(shape)
                       ? 128
                       : (int64_t(1) << shape.weightCode.getBits()) - 1;
    most *= 2 * ((int64_t(1) << shape.inputCode.getBits()) - 1);
    return target.dot4 == TargetFeatures::Dot4::MaddUBS && most > 32767;
  }
  /// A chunk in 16-bit products: bytes 0 and 2 of a lane, and bytes 1 and 3.
  void emitPairs(KernelBuilder &b, MutableArrayRef<Value> sums,
                 const RunOperands &run, Value base, Value chunk,
                 const ProductShape &shape) const;
  /// sum + the dot products of four unsigned codes and four weights a lane.
  Value emitDot4(KernelBuilder &b, Value sum, Value codes, Value weights,
                 const ProductShape &shape) const;
};
} // namespace

void BytesEngine::emitPairs(KernelBuilder &b, MutableArrayRef<Value> sums,
                            const RunOperands &run, Value base, Value chunk,
                            const ProductShape &shape) const {
  int64_t lanes = getLanes(), pixels = run.pixels.size();
  int64_t perPixel = sums.size() / pixels;
  VectorType pairs = b.vectorOf(lanes * 2, b.getI16Type());
  Value eight = b.splat(int64_t(8), pairs), low = b.splat(int64_t(255), pairs);
  StringRef multiply = lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512"
                                   : "llvm.x86.avx2.pmadd.wd";
  auto upper = [&](Value bytes) -> Value {
    if (readsSignedWeights(shape))
      return arith::ShRSIOp::create(b, bytes, eight);
    return arith::ShRUIOp::create(b, bytes, eight);
  };
  for (int64_t v = 0; v < perPixel; ++v) {
    b.fence();
    Value weights = b.bitcast(
        loadWeights(b, run, b.add(base, v * lanes * 4), b.bytes(lanes * 4)),
        pairs);
    Value even = upper(arith::ShLIOp::create(b, weights, eight));
    Value odd = upper(weights);
    // Codes are taken apart again for each vector: there are few registers.
    Value codesAt = b.hide(b.mul(chunk, 4));
    for (int64_t p = 0; p < pixels; ++p) {
      Value codes = b.bitcast(
          b.splat(b.loadScalar(run.input, b.add(run.pixels[p], codesAt),
                               b.getI32Type()),
                  b.words(lanes)),
          pairs);
      Value &sum = sums[p * perPixel + v];
      Value dots = b.intrinsic(multiply, sum.getType(),
                               {arith::AndIOp::create(b, codes, low), even});
      sum = arith::AddIOp::create(b, sum, dots);
      dots = b.intrinsic(multiply, sum.getType(),
                         {arith::ShRUIOp::create(b, codes, eight), odd});
      sum = pin(b, arith::AddIOp::create(b, sum, dots));
    }
  }
}

Value BytesEngine::emitDot4(KernelBuilder &b, Value sum, Value codes,
                            Value weights, const ProductShape &shape) const {
  int64_t lanes = getLanes();
  Type result = sum.getType();
  Value x = b.bitcast(codes, b.bytes(lanes * 4));
  switch (target.dot4) {
  case TargetFeatures::Dot4::VNNI:
    return b.intrinsic(lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                   : "llvm.x86.avx512.vpdpbusd.256",
                       result, {sum, x, weights});
  case TargetFeatures::Dot4::MaddUBS: {
    Type pairs = b.vectorOf(lanes * 2, b.getI16Type());
    Value ones = b.splat(int64_t(1), b.vectorOf(lanes * 2, b.getI16Type()));
    bool wide = lanes == 16;
    Value sums = b.intrinsic(wide ? "llvm.x86.avx512.pmaddubs.w.512"
                                  : "llvm.x86.avx2.pmadd.ub.sw",
                             pairs, {x, weights});
    Value dots = b.intrinsic(wide ? "llvm.x86.avx512.pmaddw.d.512"
                                  : "llvm.x86.avx2.pmadd.wd",
                             result, {sums, ones});
    return arith::AddIOp::create(b, sum, dots);
  }
  case TargetFeatures::Dot4::UDot:
    return b.intrinsic("llvm.aarch64.neon.udot", result, {sum, x, weights});
  case TargetFeatures::Dot4::None:
    break;
  }
  // Byte by byte in 32-bit lanes.
  auto words = cast<VectorType>(result);
  Value w = b.bitcast(weights, words);
  Value top = b.splat(int64_t(24), words);
  for (int64_t i = 0; i < 4; ++i) {
    Value up = b.splat(24 - 8 * i, words);
    Value code = arith::ShRUIOp::create(
        b, arith::ShLIOp::create(b, codes, up), top);
    Value shifted = arith::ShLIOp::create(b, w, up);
    Value weight = readsSignedWeights(shape)
                       ? Value(arith::ShRSIOp::create(b, shifted, top))
                       : Value(arith::ShRUIOp::create(b, shifted, top));
    sum = arith::AddIOp::create(b, sum,
                                arith::MulIOp::create(b, code, weight));
  }
  return sum;
}

std::unique_ptr<Engine>
mlir::dorefa::createBytesEngine(const TargetFeatures &target) {
  return std::make_unique<BytesEngine>(target);
}
