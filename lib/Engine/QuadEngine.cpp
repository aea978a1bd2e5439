//===- QuadEngine.cpp - four built 16-entry tables a look-up ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Of 16 input channels' codes, four at a time, all subset sums make up four
// 16-entry tables, side by side in one vector. A vector of indices is 16 output
// channels by these four: the low bits of an index are four bits of a plane of
// weights, the high ones say which table. Sums stay in bytes until they could
// overflow; then one dot product adds the four bytes of a channel, weighed by
// 2^i for plane i of the weights, to a 32-bit sum.
//
// The tables are built once for a pixel, in a ring of input rows.
//
//   weights  [block][kernel position][chunk of 16][plane][vector][16][4: index]
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class QuadEngine : public TiledEngine {
public:
  QuadEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Quad, target) {}

  bool isLegal(const ProductShape &shape) const override {
    bool aligned = shape.groups == 1 || shape.getGroupInputs() % 16 == 0;
    // A table's largest entry fits a byte; 2^i is a signed byte.
    return shape.isOfCodes() && target.permuteBytes &&
           target.dot4 == TargetFeatures::Dot4::VNNI &&
           shape.inputCode.getBits() <= 6 && shape.weightCode.getBits() <= 7 &&
           aligned;
  }
  int64_t getChunkChannels() const override { return 16; }
  int64_t getInputChunkBytes(const ProductShape &) const override { return 64; }
  int64_t getWeightChunkBytes(const ProductShape &shape,
                              int64_t vectors) const override {
    return shape.weightCode.getBits() * vectors * 64;
  }
  bool readsRing(const ProductShape &) const override { return true; }
  void emitInputChunks(KernelBuilder &b, Value from, Value fromOffset, Value to,
                       Value toOffset, int64_t count) const override;
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override;
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

private:
  /// The sums of `count` chunks from `first` on, added to `sums`.
  SmallVector<Value> emitChunks(KernelBuilder &b, ValueRange sums,
                                const RunOperands &run, Value first,
                                int64_t count, int64_t vectors,
                                const ProductShape &shape) const;
};
} // namespace

DigitsAttr QuadEngine::getWeightLayout(MLIRContext *context,
                                       const ProductShape &shape,
                                       int64_t vectors) const {
  int64_t bits = shape.weightCode.getBits(), plane = vectors * 64 * 8;
  SmallVector<int64_t> digits =
      getOuterDigits(shape, vectors, 64 * 8, bits * plane);
  WeightDims dims(shape);
  int64_t inputs = shape.getGroupInputs();
  appendDigit(digits, dims.output, 1,
              std::min<int64_t>(16, shape.getGroupOutputs()), 32);
  appendDigit(digits, dims.input, 1, std::min<int64_t>(4, inputs), 1);
  appendDigit(digits, dims.input, 4,
              std::min<int64_t>(4, llvm::divideCeil(inputs, 4)), 8);
  int64_t tables[] = {0, 16, 32, 48};
  return DigitsAttr::get(context, getWeightBytes(shape, vectors), bits, 0,
                         plane, digits, tables);
}

void QuadEngine::emitInputChunks(KernelBuilder &b, Value from,
                                 Value fromOffset, Value to, Value toOffset,
                                 int64_t) const {
  VectorType bytes = b.bytes(64);
  Value codes = b.loadVector(from, fromOffset, b.bytes(16));
  SmallVector<int64_t> repeat;
  for (int64_t lane = 0; lane < 64; ++lane)
    repeat.push_back(lane % 16);
  codes = vector::ShuffleOp::create(b, codes, codes, repeat);
  // Entry e of table t is the sum of the codes 4t + i for which e has bit i.
  Value table;
  for (int64_t i = 0; i < 4; ++i) {
    SmallVector<int8_t> control;
    for (int64_t entry = 0; entry < 64; ++entry)
      control.push_back(entry >> i & 1 ? entry / 16 * 4 + i : -128);
    Value picked = b.intrinsic(
        "llvm.x86.avx512.pshuf.b.512", bytes,
        {codes, arith::ConstantOp::create(
                    b, DenseElementsAttr::get(bytes, ArrayRef(control)))});
    table = table ? Value(arith::AddIOp::create(b, table, picked)) : picked;
  }
  b.storeVector(table, to, toOffset);
}

SmallVector<Value> QuadEngine::emitChunks(KernelBuilder &b, ValueRange sums,
                                          const RunOperands &run, Value first,
                                          int64_t count, int64_t vectors,
                                          const ProductShape &shape) const {
  int64_t planes = shape.weightCode.getBits(), pixels = run.pixels.size();
  VectorType bytes = b.bytes(64);
  Value weights = b.add(run.weightOffset,
                        b.mul(first, getWeightChunkBytes(shape, vectors)));
  SmallVector<Value> result(sums);
  for (int64_t plane = 0; plane < planes; ++plane) {
    // A plane's loads of tables are its own: there are too many to hold.
    Value tables = b.hide(b.mul(first, 64));
    b.fence();
    SmallVector<Value> indices;
    for (int64_t chunk = 0; chunk < count; ++chunk)
      for (int64_t v = 0; v < vectors; ++v)
        indices.push_back(loadWeights(
            b, run,
            b.add(weights, ((chunk * planes + plane) * vectors + v) * 64),
            bytes));
    Value weight = b.splat(int64_t(1) << plane, bytes);
    for (int64_t p = 0; p < pixels; ++p) {
      b.fence();
      SmallVector<Value> narrow(vectors);
      for (int64_t chunk = 0; chunk < count; ++chunk) {
        Value table = b.loadVector(
            run.input, b.add(b.add(run.pixels[p], tables), chunk * 64), bytes);
        for (int64_t v = 0; v < vectors; ++v) {
          Value found = b.intrinsic("llvm.x86.avx512.permvar.qi.512", bytes,
                                    {table, indices[chunk * vectors + v]});
          narrow[v] = narrow[v]
                          ? Value(arith::AddIOp::create(b, narrow[v], found))
                          : found;
        }
      }
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = result[p * vectors + v];
        sum = b.intrinsic("llvm.x86.avx512.vpdpbusd.512", sum.getType(),
                          {sum, narrow[v], weight});
        sum = pin(b, sum);
      }
    }
  }
  return result;
}

/// Registers for sums of both kinds and indices.
static constexpr int64_t freeRegisters = 27;

SmallVector<Value> QuadEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                       const RunOperands &run, int64_t vectors,
                                       const ProductShape &shape) const {
  // Look-ups whose sum fits a byte; no more than keep the body short.
  int64_t most = 255 / (4 * ((1 << shape.inputCode.getBits()) - 1));
  most = std::min<int64_t>(most, std::max<int64_t>(
                                     8 / shape.weightCode.getBits(), 2));
  int64_t tile = vectors * run.pixels.size();
  most = std::min<int64_t>(most, (freeRegisters - tile) / vectors - 1);
  return loopSegments(
      b, run.numChunks, most, sums,
      [&](Value first, int64_t count, ValueRange before) {
        return emitChunks(b, before, run, first, count, vectors, shape);
      });
}

std::unique_ptr<Engine>
mlir::dorefa::createQuadEngine(const TargetFeatures &target) {
  return std::make_unique<QuadEngine>(target);
}
