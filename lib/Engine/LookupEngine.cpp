//===- LookupEngine.cpp - 16-entry tables of subset sums ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One-bit weights, four input channels at a time: their four bits are an index
// 0..15, one byte an output channel, into the table of the 16 subset sums of
// the pixel's four codes. With 1- or 2-bit codes there are 16 or 256 such
// tables, all constant: the pixel's four codes pick one. Sums stay in bytes
// until they could overflow, then in 16 bits: `even` gathers the byte pairs as
// they are (the lower byte plus 256 times the upper, modulo 2^16), `odd` the
// upper bytes, so that the lower ones are `even - 256 odd` in the end.
//
//   weights  [block][kernel position][chunk of 8][vector][byte: two indices]
//   channel c of a vector of V is in byte 2*(c mod V/2) + c / (V/2)
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class LookupEngine : public TiledEngine {
public:
  LookupEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Lookup, target) {}

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
  int64_t getVectorChannels() const override { return target.vectorBytes; }
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
    int64_t half = getVectorChannels() / 2, outputs = shape.getGroupOutputs();
    int64_t inputs = shape.getGroupInputs();
    SmallVector<int64_t> digits =
        getOuterDigits(shape, vectors, getVectorChannels() * 8);
    WeightDims dims(shape);
    appendDigit(digits, dims.output, 1, std::min(half, outputs), 16);
    appendDigit(digits, dims.output, half, outputs > half ? 2 : 1, 8);
    appendDigit(digits, dims.input, 1, std::min<int64_t>(4, inputs), 1);
    appendDigit(digits, dims.input, 4, inputs > 4 ? 2 : 1, 4);
    return DigitsAttr::get(context, getWeightBytes(shape, vectors), 1, 0, 1,
                           digits);
  }

  SmallVector<Value> createSums(KernelBuilder &b, int64_t pixels,
                                int64_t vectors) const override {
    Value zero = b.splat(int64_t(0), getPairs(b));
    return SmallVector<Value>(2 * pixels * vectors, zero);
  }

  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels, int64_t vectors,
           const ProductShape &shape, VectorType unit) const override;
  bool hasNarrowSums() const override { return true; }

private:
  VectorType getPairs(KernelBuilder &b) const {
    return b.vectorOf(getVectorChannels() / 2, b.getI16Type());
  }
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
  auto module = b.getInsertionBlock()
                    ->getParentOp()
                    ->getParentOfType<ModuleOp>();
  std::string name = "dorefa_subset_sums_u" + std::to_string(bits);
  int64_t numTables = int64_t(1) << (4 * bits);
  auto type = MemRefType::get({numTables * 16}, b.getI8Type());
  if (!module.lookupSymbol(name)) {
    SmallVector<int8_t> entries;
    for (int64_t codes = 0; codes < numTables; ++codes)
      for (int64_t subset = 0; subset < 16; ++subset) {
        int64_t sum = 0;
        for (int64_t i = 0; i < 4; ++i)
          if (subset >> i & 1)
            sum += codes >> (i * bits) & ((1 << bits) - 1);
        entries.push_back(sum);
      }
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    memref::GlobalOp::create(
        b, name, b.getStringAttr("private"), type,
        DenseElementsAttr::get(
            RankedTensorType::get({numTables * 16}, b.getI8Type()),
            ArrayRef<int8_t>(entries)),
        /*constant=*/true, b.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(b, type, name);
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
      Value packed = b.loadVector(run.weights, b.add(base, v * lanes), bytes);
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

  SmallVector<Value> result;
  Value eight = b.splat(int64_t(8), getPairs(b));
  for (auto [i, sum] : llvm::enumerate(byteSums)) {
    Value pairs = b.bitcast(sum, getPairs(b));
    result.push_back(arith::AddIOp::create(b, sums[2 * i], pairs));
    result.push_back(arith::AddIOp::create(
        b, sums[2 * i + 1], arith::ShRUIOp::create(b, pairs, eight)));
  }
  return result;
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

SmallVector<SmallVector<Value>>
LookupEngine::emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels,
                       int64_t vectors, const ProductShape &,
                       VectorType unit) const {
  SmallVector<SmallVector<Value>> result(pixels);
  Value eight = b.splat(int64_t(8), getPairs(b));
  int64_t half = getVectorChannels() / 2;
  int64_t lanes = std::min(half, unit.getNumElements());
  for (int64_t i = 0; i < pixels * vectors; ++i) {
    Value even = sums[2 * i], odd = sums[2 * i + 1];
    Value lower = arith::SubIOp::create(
        b, even, arith::ShLIOp::create(b, odd, eight));
    SmallVector<Value> parts;
    for (Value pairs : {lower, odd})
      for (int64_t at = 0; at < half; at += lanes) {
        Value part = b.slice(pairs, at, lanes);
        if (!unit.getElementType().isInteger(16))
          part = arith::ExtUIOp::create(
              b, b.vectorOf(lanes, unit.getElementType()), part);
        parts.push_back(part);
      }
    // A unit of more channels than half a vector has all of them.
    if (lanes < unit.getNumElements())
      parts = {b.concat(parts)};
    llvm::append_range(result[i / vectors], parts);
  }
  return result;
}

std::unique_ptr<Engine>
mlir::dorefa::createLookupEngine(const TargetFeatures &target) {
  return std::make_unique<LookupEngine>(target);
}
