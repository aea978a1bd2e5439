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

#include "BytesEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

DigitsAttr BytesEngine::getWeightLayout(MLIRContext *context,
                                        const ProductShape &shape,
                                        int64_t vectors,
                                        int64_t channels) const {
  int64_t chunk = getChunkChannels(), vectorBits = 16 * chunk * 8;
  SmallVector<int64_t> digits =
      getOuterDigits(shape, vectors, vectorBits, vectors * vectorBits);
  int64_t inputs = shape.getGroupInputs();
  WeightDims dims(shape);
  appendDigit(digits, dims.output, 1,
              std::min<int64_t>(16, shape.getGroupOutputs()), channels * 8);
  appendDigit(digits, dims.input, 1, std::min(channels, inputs), 8);
  if (channels < chunk)
    appendDigit(digits, dims.input, channels,
                std::min<int64_t>(chunk / channels,
                                  llvm::divideCeil(inputs, channels)),
                16 * channels * 8);
  return DigitsAttr::get(context, getWeightBytes(shape, vectors),
                         shape.weightCode.getBits(), 0, 1, digits);
}

DigitsAttr BytesEngine::getWeightLayout(MLIRContext *context,
                                        const ProductShape &shape,
                                        int64_t vectors) const {
  return getWeightLayout(context, shape, vectors, getChunkChannels());
}

SmallVector<Value> BytesEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                        const RunOperands &run,
                                        int64_t vectors,
                                        const ProductShape &shape) const {
  int64_t registers = vectors * getParts(), lanes = getLanes();
  auto body = [&](Value chunk, ValueRange before) {
    SmallVector<Value> after(before), weights;
    Value base = b.add(run.weightOffset, b.mul(chunk, vectors * 64));
    for (int64_t v = 0; v < registers; ++v)
      weights.push_back(loadWeights(b, run, b.add(base, v * lanes * 4),
                                    b.bytes(lanes * 4)));
    for (auto [p, pixel] : llvm::enumerate(run.pixels)) {
      Value codes = loadSplat(b, run.input, b.add(pixel, b.mul(chunk, 4)),
                              b.words(lanes));
      for (int64_t v = 0; v < registers; ++v) {
        Value &sum = after[p * registers + v];
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

Value BytesEngine::emitDot4(KernelBuilder &b, Value sum, Value codes,
                            Value weights, const ProductShape &shape) const {
  int64_t lanes = getLanes();
  Value x = b.bitcast(codes, b.bytes(lanes * 4));
  if (target.dot4 == TargetFeatures::Dot4::VNNI)
    return b.intrinsic(lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                   : "llvm.x86.avx512.vpdpbusd.256",
                       sum.getType(), {sum, x, weights});
  if (target.dot4 == TargetFeatures::Dot4::UDot)
    return b.intrinsic("llvm.aarch64.neon.udot", sum.getType(),
                       {sum, x, weights});
  // Byte by byte in 32-bit lanes.
  auto words = cast<VectorType>(sum.getType());
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
