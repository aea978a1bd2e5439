//===- LookupEngine.cpp - 16-entry tables of subset sums ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Four input channels at a time: four bits of a plane of their weights are an
// index 0..15, one byte an output channel, into the table of the 16 subset sums
// of the pixel's four codes. With 1- or 2-bit codes there are 16 or 256 such
// tables, all constant: the pixel's four codes pick one. For wider ones they are
// built once for a pixel, in a ring of input rows.
//
// The wider the codes, the fewer look-ups fit a sum of bytes: with 1, 2, 3, ...
// bits 63, 21, 9, 4, 2, 1. Where registers suffice for the bytes of two planes of
// weights, these look up in the same loaded tables; else planes come one after
// the other. The highest come first; before the next ones, what the run has
// summed so far is doubled for each of them.
//
// Look-ups in tables of one-bit codes may serve two pixels: LookupPairs.cpp.
//
//   weights  [block][kernel position][chunk of 8][plane][vector]
//            [byte: two indices]
//
//===----------------------------------------------------------------------===//

#include "LookupEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;

DigitsAttr LookupEngine::getWeightLayout(MLIRContext *context,
                                         const ProductShape &shape,
                                         int64_t vectors) const {
  int64_t inputs = shape.getGroupInputs(), bits = shape.weightCode.getBits();
  int64_t vectorBits = getVectorChannels() * 8, plane = vectors * vectorBits;
  SmallVector<int64_t> digits =
      getOuterDigits(shape, vectors, vectorBits, bits * plane);
  WeightDims dims(shape);
  appendLaneDigits(digits, shape);
  appendDigit(digits, dims.input, 1, std::min<int64_t>(4, inputs), 1);
  appendDigit(digits, dims.input, 4, inputs > 4 ? 2 : 1, 4);
  return DigitsAttr::get(context, getWeightBytes(shape, vectors), bits, 0,
                         bits > 1 ? plane : 1, digits);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

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
  auto type = cast<VectorType>(indices.getType());
  if (target.shuffle == TargetFeatures::Shuffle::Tbl)
    return b.intrinsic("llvm.aarch64.neon.tbl1", type, {table, indices});
  return b.intrinsic(type.getNumElements() == 64 ? "llvm.x86.avx512.pshuf.b.512"
                                                 : "llvm.x86.avx2.pshuf.b",
                     type, {table, indices});
}

static Value repeat(KernelBuilder &b, Value vector, int64_t lanes) {
  int64_t count = cast<VectorType>(vector.getType()).getNumElements();
  if (count == lanes)
    return vector;
  SmallVector<int64_t> positions;
  for (int64_t lane = 0; lane < lanes; ++lane)
    positions.push_back(lane % count);
  return vector::ShuffleOp::create(b, vector, vector, positions);
}

void LookupEngine::emitInputChunks(KernelBuilder &b, Value from,
                                   Value fromOffset, Value to, Value toOffset,
                                   int64_t) const {
  // Both tables of a chunk, or one after the other.
  int64_t lanes = std::min<int64_t>(getVectorChannels(), 32);
  VectorType bytes = b.bytes(lanes);
  Value codes =
      repeat(b, b.loadVector(from, fromOffset, b.bytes(8)), lanes);
  for (int64_t at = 0; at < 32; at += lanes) {
    // Entry e of table t is the sum of the codes 4t + i for which e has bit i.
    Value table;
    for (int64_t i = 0; i < 4; ++i) {
      SmallVector<int8_t> control;
      for (int64_t entry = at; entry < at + lanes; ++entry)
        control.push_back(entry >> i & 1 ? entry / 16 * 4 + i : -128);
      Value picked = emitShuffle(
          b, codes,
          arith::ConstantOp::create(
              b, DenseElementsAttr::get(bytes, ArrayRef(control))));
      table = table ? Value(arith::AddIOp::create(b, table, picked)) : picked;
    }
    b.storeVector(table, to, b.add(toOffset, at));
  }
}

Value LookupEngine::emitTable(KernelBuilder &b, const Segment &segment,
                              Value chunk, int64_t pixel, int64_t half) const {
  const RunOperands &run = segment.run;
  int64_t chunkBytes = getInputChunkBytes(segment.shape);
  Value at = b.add(b.add(run.pixels[pixel], b.mul(chunk, chunkBytes)),
                   half * chunkBytes / 2);
  Value table;
  if (segment.tables) {
    Value number = b.loadScalar(run.input, at, b.getI16Type());
    table = b.loadVector(
        segment.tables,
        arith::IndexCastUIOp::create(b, b.getIndexType(), number),
        b.bytes(16));
  } else {
    table = b.loadVector(run.input, at, b.bytes(16));
  }
  return repeat(b, table, getVectorChannels());
}

//===----------------------------------------------------------------------===//
// Look-ups
//===----------------------------------------------------------------------===//

SmallVector<Value> LookupEngine::emitIndices(KernelBuilder &b,
                                             const Segment &segment,
                                             Value chunk, bool isAgain) const {
  int64_t lanes = getVectorChannels(), vectors = segment.vectors;
  VectorType bytes = b.bytes(lanes);
  Value low = b.splat(int64_t(15), bytes);
  Value four = b.splat(int64_t(4), getPairs(b));
  Value base =
      b.add(b.add(segment.run.weightOffset,
                  b.mul(chunk, getWeightChunkBytes(segment.shape, vectors))),
            segment.plane * vectors * lanes);
  SmallVector<Value> first, second;
  for (int64_t v = 0; v < vectors; ++v)
    for (int64_t plane = 0; plane < segment.numPlanes; ++plane) {
      Value at = b.add(base, (plane * vectors + v) * lanes);
      Value packed = isAgain ? b.loadVector(segment.run.weights, at, bytes)
                             : loadWeights(b, segment.run, at, bytes);
      Value high = b.bitcast(
          arith::ShRUIOp::create(b, b.bitcast(packed, getPairs(b)), four),
          bytes);
      first.push_back(arith::AndIOp::create(b, packed, low));
      second.push_back(arith::AndIOp::create(b, high, low));
    }
  llvm::append_range(first, second);
  return first;
}

/// Registers of a loop over chunks: indices, of one half at a time or of both,
/// sums of bytes and what a look-up needs.
static int64_t getLoopRegisters(int64_t halves, int64_t pixels,
                                int64_t columns) {
  return (halves + pixels) * columns + 3;
}

SmallVector<Value> LookupEngine::emitLoop(KernelBuilder &b, ValueRange sums,
                                          const Segment &segment) const {
  int64_t columns = segment.getColumns(), pixels = segment.run.pixels.size();
  bool fits = getLoopRegisters(2, pixels, columns) <= target.numRegisters;
  auto body = [&](Value i, ValueRange before) {
    SmallVector<Value> after(before);
    Value chunk = b.add(segment.first, i);
    SmallVector<Value> indices = emitIndices(b, segment, chunk);
    for (int64_t half = 0; half < 2; ++half) {
      // Registers hold the indices of one half at a time.
      if (half > 0 && !fits) {
        b.fence();
        indices = emitIndices(b, segment, chunk, /*isAgain=*/true);
      }
      for (int64_t p = 0; p < pixels; ++p) {
        Value table = emitTable(b, segment, chunk, p, half);
        for (int64_t c = 0; c < columns; ++c) {
          Value &sum = after[p * columns + c];
          sum = arith::AddIOp::create(
              b, sum, emitShuffle(b, table, indices[half * columns + c]));
        }
      }
    }
    return after;
  };
  SmallVector<Value> zeros(
      pixels * columns, b.splat(int64_t(0), b.bytes(getVectorChannels())));
  return widen(b, sums, b.loop(segment.numChunks, zeros, body),
               segment.numPlanes);
}

SmallVector<Value> LookupEngine::emitUnrolled(KernelBuilder &b, ValueRange sums,
                                              const Segment &segment) const {
  int64_t vectors = segment.vectors, pixels = segment.run.pixels.size();
  int64_t perByte = getByteLookups(segment.shape);
  SmallVector<Value> indices;
  for (int64_t i = 0; i < segment.numChunks; ++i)
    llvm::append_range(indices,
                       emitIndices(b, segment, b.add(segment.first, i)));
  SmallVector<Value> result(sums);
  for (int64_t p = 0; p < pixels; ++p) {
    b.fence();
    MutableArrayRef<Value> wide =
        MutableArrayRef(result).slice(2 * p * vectors, 2 * vectors);
    SmallVector<Value> narrow(vectors);
    for (int64_t i = 0; i < 2 * segment.numChunks; ++i) {
      Value table =
          emitTable(b, segment, b.add(segment.first, i / 2), p, i % 2);
      for (int64_t v = 0; v < vectors; ++v) {
        Value found = emitShuffle(b, table, indices[i * vectors + v]);
        narrow[v] =
            narrow[v] ? Value(arith::AddIOp::create(b, narrow[v], found)) : found;
      }
      if ((i + 1) % perByte != 0 && i + 1 < 2 * segment.numChunks)
        continue;
      llvm::copy(widen(b, wide, narrow), wide.begin());
      narrow.assign(vectors, Value());
    }
    for (Value &sum : wide)
      sum = pin(b, sum);
  }
  return result;
}

SmallVector<Value> LookupEngine::emitSegment(KernelBuilder &b, ValueRange sums,
                                             const Segment &segment) const {
  int64_t pixels = segment.run.pixels.size();
  if (segment.isOfPairs())
    return emitPairSegment(b, sums, segment);
  // Indices, sums and what a look-up needs.
  int64_t registers =
      2 * segment.vectors * (segment.numChunks + pixels) + segment.vectors + 2;
  bool fits = registers <= target.numRegisters;
  // A sum of bytes may be that of a single look-up.
  bool isSingle = getByteLookups(segment.shape) < 2;
  return isSingle || (fits && !segment.tables)
             ? emitUnrolled(b, sums, segment)
             : emitLoop(b, sums, segment);
}

int64_t LookupEngine::getSharedPlanes(const ProductShape &shape,
                                      int64_t vectors, int64_t pixels) const {
  bool fits = getLoopRegisters(1, pixels, 2 * vectors) <= target.numRegisters;
  // Of wider codes so few look-ups fit a byte that it costs more to widen the
  // sums of two planes than loads of tables do.
  return fits && !readsRing(shape) ? 2 : 1;
}

SmallVector<Value> LookupEngine::emitPlanes(KernelBuilder &b, ValueRange sums,
                                            const Segment &chunks,
                                            int64_t sharedPlanes) const {
  int64_t planes = chunks.shape.weightCode.getBits();
  int64_t perByte = std::max<int64_t>(1, getByteLookups(chunks.shape) / 2);
  SmallVector<Value> state(sums);
  for (int64_t rest = planes; rest > 0;) {
    // What is no multiple comes first.
    int64_t numPlanes = rest % sharedPlanes == 0 ? sharedPlanes : 1;
    for (int64_t i = 0; rest < planes && i < numPlanes; ++i)
      for (Value &sum : state)
        sum = arith::AddIOp::create(b, sum, sum);
    rest -= numPlanes;
    state = loopSegments(b, chunks.numChunks, perByte, state,
                         [&](Value i, int64_t count, ValueRange before) {
                           Segment segment = chunks;
                           segment.plane = rest;
                           segment.numPlanes = numPlanes;
                           segment.first = b.add(chunks.first, i);
                           segment.numChunks = count;
                           return emitSegment(b, before, segment);
                         });
  }
  return state;
}

SmallVector<Value> LookupEngine::emitProducts(KernelBuilder &b, ValueRange sums,
                                              const RunOperands &run,
                                              int64_t numPixels,
                                              int64_t vectors,
                                              const ProductShape &shape) const {
  int64_t planes = shape.weightCode.getBits(), bits = shape.inputCode.getBits();
  Segment all{run,    shape,   numPixels, vectors,      /*plane=*/0,
              planes, Value(), Value(),   run.numChunks};
  // A pair's sums take the registers of two planes.
  int64_t shared = 1;
  if (!all.isOfPairs())
    shared = std::min(planes, getSharedPlanes(shape, vectors, numPixels));
  if (!readsRing(shape))
    all.tables = all.isOfPairs() ? getPairTables(b) : getTables(b, bits);
  auto emitChunks = [&](Value first, int64_t count, ValueRange before) {
    Segment chunks = all;
    chunks.first = first;
    chunks.numChunks = count;
    return emitPlanes(b, before, chunks, shared);
  };
  // Sums that are never doubled may be those of all runs.
  if (planes == shared && !isWide(shape))
    return emitChunks(b.index(0), run.numChunks, sums);
  // Chunks whose sum fits 16 bits.
  int64_t most = 65535 / (8 * ((1 << bits) - 1) * ((1 << planes) - 1));
  return loopSegments(
      b, run.numChunks, most, sums,
      [&](Value first, int64_t count, ValueRange before) {
        SmallVector<Value> zeros = createPairSums(b, numPixels * vectors);
        return addPairSums(b, before, emitChunks(first, count, zeros), shape);
      });
}

SmallVector<Value> LookupEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                         const RunOperands &run,
                                         int64_t vectors,
                                         const ProductShape &shape) const {
  int64_t pixels = run.pixels.size();
  return readsPairs(shape, vectors, pixels)
             ? emitPairs(b, sums, run, vectors, shape)
             : emitProducts(b, sums, run, pixels, vectors, shape);
}

std::unique_ptr<Engine>
mlir::dorefa::createLookupEngine(const TargetFeatures &target) {
  return std::make_unique<LookupEngine>(target);
}
