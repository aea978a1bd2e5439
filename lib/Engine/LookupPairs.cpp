//===- LookupPairs.cpp - look-ups that serve two pixels ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A sum of four one-bit codes fits half a byte: with the codes of two pixels as
// a table's number, an entry holds the sums of both. Numbers of pairs are made of
// the stored ones in front of a run, on the stack, which costs little beside its
// look-ups and leaves it open which pixels are pairs. Behind it the run is one of
// pairs in place of pixels.
//
//   number (16 bits)   16 * (codes of the first + 16 * codes of the second)
//   entry              sum of the first + 16 * sum of the second
//
// Three look-ups fit half a byte. Their sum is added to a byte as it is, modulo
// 256, and its upper half to another, so that the first pixel's sum is the
// difference in the end. The last of an odd number of pixels is a pair of which
// the second has no codes, and no sum.
//
//===----------------------------------------------------------------------===//

#include "LookupEngine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Chunks whose look-ups are a whole number of sums of three.
static constexpr int64_t groupChunks = 3;
/// Most chunks that pairs have numbers of at a time: two kilobytes.
static constexpr int64_t numberedChunks = 512;

bool LookupEngine::readsPairs(const ProductShape &shape, int64_t vectors,
                              int64_t pixels) const {
  // Three indices and a sum, sums of bytes, a table and a mask. Where there are
  // wider vectors, or `tbl`, bits are counted in planes.
  bool fits = (4 + pixels) * vectors + 2 <= target.numRegisters;
  return shape.inputCode.getBits() == 1 && pixels > 1 && fits &&
         target.shuffle == TargetFeatures::Shuffle::PShufB &&
         target.vectorBytes == 32;
}

Value LookupEngine::getPairTables(KernelBuilder &b) const {
  SmallVector<int8_t> entries;
  for (unsigned codes = 0; codes < 256; ++codes)
    for (unsigned subset = 0; subset < 16; ++subset)
      entries.push_back(llvm::popcount(codes & subset) +
                        16 * llvm::popcount(codes >> 4 & subset));
  return b.getConstantBytes("dorefa_subset_sums_u1_pairs", entries);
}

/// A vector of bytes with the lower halves of its bytes, or the upper ones, in
/// place of the others, which become 0.
static Value moveHalves(KernelBuilder &b, Value vector, bool up) {
  auto type = cast<VectorType>(vector.getType());
  VectorType pairs = b.vectorOf(type.getNumElements() / 2, b.getI16Type());
  Value four = b.splat(int64_t(4), pairs), numbers = b.bitcast(vector, pairs);
  Value moved = up ? Value(arith::ShLIOp::create(b, numbers, four))
                   : Value(arith::ShRUIOp::create(b, numbers, four));
  return arith::AndIOp::create(b, b.bitcast(moved, type),
                               b.splat(int64_t(up ? -16 : 15), type));
}

RunOperands LookupEngine::emitPairNumbers(KernelBuilder &b,
                                          const RunOperands &run, Value first,
                                          int64_t numChunks,
                                          int64_t chunkBytes) const {
  int64_t pixels = run.pixels.size(), bytes = numChunks * chunkBytes;
  int64_t pairBytes = llvm::alignTo(bytes, 64);
  Value start = b.mul(first, chunkBytes);
  RunOperands pairs = run;
  pairs.pixels.clear();
  pairs.numChunks = numChunks;
  for (int64_t pixel = 0; pixel < pixels; pixel += 2)
    pairs.pixels.push_back(b.index(pixel / 2 * pairBytes));
  pairs.input = b.createStackBytes(pairs.pixels.size() * pairBytes);
  auto emitNumbers = [&](Value at, int64_t size) {
    VectorType type = b.vectorOf(size / 2, b.getI16Type());
    Value from = b.add(start, at);
    for (auto [i, to] : llvm::enumerate(pairs.pixels)) {
      Value numbers =
          b.loadVector(run.input, b.add(run.pixels[2 * i], from), type);
      if (int64_t(2 * i + 1) < pixels) {
        Value second =
            b.loadVector(run.input, b.add(run.pixels[2 * i + 1], from), type);
        second =
            arith::ShLIOp::create(b, second, b.splat(int64_t(4), type));
        numbers = arith::OrIOp::create(b, numbers, second);
      }
      b.storeVector(numbers, pairs.input, b.add(to, at));
    }
  };
  int64_t whole = bytes / 32;
  if (whole > 0)
    b.loop(whole, [&](Value i) { emitNumbers(b.mul(i, 32), 32); });
  for (int64_t at = 32 * whole, size = 16; at < bytes; size /= 2)
    if (size <= bytes - at) {
      emitNumbers(b.index(at), size);
      at += size;
    }
  return pairs;
}

SmallVector<Value> LookupEngine::emitPairs(KernelBuilder &b, ValueRange sums,
                                           const RunOperands &run,
                                           int64_t vectors,
                                           const ProductShape &shape) const {
  int64_t chunkBytes = getInputChunkBytes(shape);
  return loopSegments(
      b, run.numChunks, numberedChunks, sums,
      [&](Value first, int64_t count, ValueRange before) {
        RunOperands pairs = emitPairNumbers(b, run, first, count, chunkBytes);
        pairs.weightOffset =
            b.add(run.weightOffset,
                  b.mul(first, getWeightChunkBytes(shape, vectors)));
        return emitProducts(b, before, pairs, run.pixels.size(), vectors,
                            shape);
      });
}

SmallVector<Value>
LookupEngine::emitPairLookups(KernelBuilder &b, ValueRange sums,
                              const Segment &chunks, int64_t first,
                              int64_t count) const {
  int64_t vectors = chunks.vectors, firstChunk = first / 2;
  SmallVector<Value> indices, after(sums);
  for (int64_t i = firstChunk; 2 * i < first + count; ++i)
    llvm::append_range(indices, emitIndices(b, chunks, b.add(chunks.first, i),
                                            /*isAgain=*/2 * i < first));
  for (int64_t pixel = 0; pixel < chunks.numPixels; pixel += 2) {
    SmallVector<Value> found(vectors);
    for (int64_t i = first; i < first + count; ++i) {
      Value table =
          emitTable(b, chunks, b.add(chunks.first, i / 2), pixel / 2, i % 2);
      for (int64_t v = 0; v < vectors; ++v) {
        Value added =
            emitShuffle(b, table, indices[(i - 2 * firstChunk) * vectors + v]);
        found[v] = found[v] ? Value(arith::AddIOp::create(b, found[v], added))
                            : added;
      }
    }
    for (int64_t v = 0; v < vectors; ++v) {
      Value *sum = &after[pixel * vectors + v];
      *sum = arith::AddIOp::create(b, *sum, found[v]);
      if (pixel + 1 < chunks.numPixels)
        sum[vectors] = arith::AddIOp::create(
            b, sum[vectors], moveHalves(b, found[v], /*up=*/false));
    }
  }
  return after;
}

SmallVector<Value>
LookupEngine::emitPairChunks(KernelBuilder &b, ValueRange sums,
                             const Segment &chunks) const {
  int64_t lookups = 2 * chunks.numChunks, perSum = lookups % 3 == 0 ? 3 : 2;
  SmallVector<Value> state(sums);
  for (int64_t first = 0; first < lookups; first += perSum)
    state = emitPairLookups(b, state, chunks, first, perSum);
  return state;
}

SmallVector<Value>
LookupEngine::emitPairSegment(KernelBuilder &b, ValueRange sums,
                              const Segment &segment) const {
  int64_t vectors = segment.vectors, pixels = segment.numPixels;
  int64_t groups = segment.numChunks / groupChunks;
  auto emitChunks = [&](Value place, int64_t count, ValueRange before) {
    Segment chunks = segment;
    chunks.first = b.add(segment.first, place);
    chunks.numChunks = count;
    return emitPairChunks(b, before, chunks);
  };
  SmallVector<Value> narrow(
      pixels * vectors, b.splat(int64_t(0), b.bytes(getVectorChannels())));
  if (groups > 0)
    narrow = b.loop(groups, narrow, [&](Value i, ValueRange before) {
      return emitChunks(b.mul(i, groupChunks), groupChunks, before);
    });
  if (int64_t rest = segment.numChunks % groupChunks)
    narrow = emitChunks(b.index(groups * groupChunks), rest, narrow);
  for (int64_t pixel = 0; pixel + 1 < pixels; pixel += 2)
    for (int64_t v = 0; v < vectors; ++v) {
      Value &first = narrow[pixel * vectors + v];
      Value second = narrow[(pixel + 1) * vectors + v];
      first = arith::SubIOp::create(b, first,
                                    moveHalves(b, second, /*up=*/true));
    }
  SmallVector<Value> wide = widen(b, sums, narrow);
  // Else registers keep them through the next plane's loop, which needs all.
  if (segment.shape.weightCode.getBits() > 1)
    for (Value &sum : wide)
      sum = pin(b, sum);
  return wide;
}
