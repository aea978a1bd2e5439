//===- LookupEngine.cpp - 16-entry tables of subset sums ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One-bit weights, four input channels at a time: their four bits are an index
// 0..15, one byte an output channel, into the table of the 16 subset sums of
// the pixel's four codes. With 1- or 2-bit codes there are 16 or 256 such
// tables, all constant: the pixel's four codes pick one.
//
//   weights  [block][kernel position][chunk of 8][vector][byte: two indices]
//
//===----------------------------------------------------------------------===//

#include "ByteSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class LookupEngine : public ByteSumsEngine {
public:
  LookupEngine(const TargetFeatures &target)
      : ByteSumsEngine(EngineKind::Lookup, target) {}

  LayoutKind getLayoutKind() const override { return LayoutKind::Lookup; }
  bool isLegal(const ProductShape &shape) const override {
    if (shape.kind != ProductKind::Conv || !shape.inputCode ||
        !shape.weightCode || target.shuffle == TargetFeatures::Shuffle::None)
      return false;
    int64_t bits = shape.inputCode.getBits();
    if (shape.weightCode.getBits() != 1 || bits > 2)
      return false;
    int64_t most = shape.getTaps() * shape.getGroupInputs() * ((1 << bits) - 1);
    bool aligned = shape.groups == 1 || shape.getGroupInputs() % 4 == 0;
    return most <= 65535 && aligned;
  }
  int64_t getChunkChannels() const override { return 8; }
  int64_t getInputChunkBytes(const ProductShape &) const override { return 4; }
  int64_t getGroupBytes(const ProductShape &shape) const override {
    return shape.getGroupInputs() / 2;
  }
  int64_t getWeightChunkBytes(const ProductShape &,
                              int64_t vectors) const override {
    return vectors * getVectorChannels();
  }

  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override {
    int64_t inputs = shape.getGroupInputs();
    int64_t vectorBits = getVectorChannels() * 8;
    SmallVector<int64_t> digits =
        getOuterDigits(shape, vectors, vectorBits, vectors * vectorBits);
    WeightDims dims(shape);
    appendLaneDigits(digits, shape);
    appendDigit(digits, dims.input, 1, std::min<int64_t>(4, inputs), 1);
    appendDigit(digits, dims.input, 4, inputs > 4 ? 2 : 1, 4);
    return DigitsAttr::get(context, getWeightBytes(shape, vectors), 1, 0, 1,
                           digits);
  }

  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

private:
  /// The constant tables for codes of `bits` bits, one behind the other.
  Value getTables(KernelBuilder &b, int64_t bits) const;
  Value emitShuffle(KernelBuilder &b, Value table, Value indices) const;
  /// Byte sums of `count` chunks from `first` on, widened into `sums`.
  SmallVector<Value> emitSegment(KernelBuilder &b, ValueRange sums,
                                 const RunOperands &run, Value first,
                                 int64_t count, int64_t vectors,
                                 Value tables) const;
};
} // namespace

Value LookupEngine::getTables(KernelBuilder &b, int64_t bits) const {
  SmallVector<int8_t> entries;
  for (int64_t codes = 0; codes < int64_t(1) << (4 * bits); ++codes)
    for (int64_t subset = 0; subset < 16; ++subset) {
      int64_t sum = 0;
      for (int64_t i = 0; i < 4; ++i)
        if (subset >> i & 1)
          sum += codes >> (i * bits) & ((1 << bits) - 1);
      entries.push_back(sum);
    }
  return b.getConstantBytes("dorefa_subset_sums_u" + std::to_string(bits),
                            entries);
}

Value LookupEngine::emitShuffle(KernelBuilder &b, Value table,
                                Value indices) const {
  Type type = indices.getType();
  if (target.shuffle == TargetFeatures::Shuffle::Tbl)
    return b.intrinsic("llvm.aarch64.neon.tbl1", type, {table, indices});
  return b.intrinsic(getVectorChannels() == 64 ? "llvm.x86.avx512.pshuf.b.512"
                                               : "llvm.x86.avx2.pshuf.b",
                     type, {table, indices});
}

SmallVector<Value> LookupEngine::emitSegment(KernelBuilder &b, ValueRange sums,
                                             const RunOperands &run,
                                             Value first, int64_t count,
                                             int64_t vectors,
                                             Value tables) const {
  int64_t lanes = getVectorChannels(), pixels = run.pixels.size();
  VectorType bytes = b.bytes(lanes);
  Value low = b.splat(int64_t(15), bytes);
  Value four = b.splat(int64_t(4), getPairs(b));
  auto body = [&](Value i, ValueRange before) {
    SmallVector<Value> after(before);
    Value chunk = b.add(first, i);
    Value base =
        b.add(run.weightOffset, b.mul(chunk, vectors * lanes));
    SmallVector<Value> indices[2];
    for (int64_t v = 0; v < vectors; ++v) {
      Value packed = loadWeights(b, run, b.add(base, v * lanes), bytes);
      Value high = b.bitcast(
          arith::ShRUIOp::create(b, b.bitcast(packed, getPairs(b)), four),
          bytes);
      indices[0].push_back(arith::AndIOp::create(b, packed, low));
      indices[1].push_back(arith::AndIOp::create(b, high, low));
    }
    Value codes = b.mul(chunk, 4);
    for (int64_t h = 0; h < 2; ++h)
      for (int64_t p = 0; p < pixels; ++p) {
        Value at = b.loadScalar(run.input,
                                b.add(b.add(run.pixels[p], codes), 2 * h),
                                b.getI16Type());
        Value table = b.loadVector(
            tables, arith::IndexCastUIOp::create(b, b.getIndexType(), at),
            b.bytes(16));
        SmallVector<int64_t> repeat;
        for (int64_t lane = 0; lane < lanes; ++lane)
          repeat.push_back(lane % 16);
        table = vector::ShuffleOp::create(b, table, table, repeat);
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = after[p * vectors + v];
          sum = arith::AddIOp::create(b, sum,
                                      emitShuffle(b, table, indices[h][v]));
        }
      }
    return after;
  };
  SmallVector<Value> zeros(pixels * vectors, b.splat(int64_t(0), bytes));
  SmallVector<Value> byteSums = b.loop(count, zeros, body);

  return widen(b, sums, byteSums);
}

SmallVector<Value> LookupEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                         const RunOperands &run,
                                         int64_t vectors,
                                         const ProductShape &shape) const {
  int64_t bits = shape.inputCode.getBits();
  Value tables = getTables(b, bits);
  // Two look-ups a chunk, each of at most 4 codes.
  int64_t limit = 255 / (8 * ((1 << bits) - 1));
  int64_t segment = std::min(limit, run.numChunks);
  for (int64_t divisor = segment; divisor > limit / 2; --divisor)
    if (run.numChunks % divisor == 0) {
      segment = divisor;
      break;
    }
  auto body = [&](Value i, ValueRange state) {
    return emitSegment(b, state, run, b.mul(i, segment), segment, vectors,
                       tables);
  };
  SmallVector<Value> state = b.loop(run.numChunks / segment, sums, body);
  if (int64_t rest = run.numChunks % segment)
    state = emitSegment(b, state, run, b.index(run.numChunks - rest), rest,
                        vectors, tables);
  return state;
}

std::unique_ptr<Engine>
mlir::dorefa::createLookupEngine(const TargetFeatures &target) {
  return std::make_unique<LookupEngine>(target);
}
