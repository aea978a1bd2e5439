//===- LookupEngine.h - 16-entry tables of subset sums ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The `lookup` engine: see LookupEngine.cpp, and LookupPairs.cpp for look-ups
// that serve two pixels.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_ENGINE_LOOKUPENGINE_H
#define DOREFA_LIB_ENGINE_LOOKUPENGINE_H

#include "ByteSums.h"

namespace mlir::dorefa {

class LookupEngine : public ByteSumsEngine {
public:
  LookupEngine(const TargetFeatures &target)
      : ByteSumsEngine(EngineKind::Lookup, target) {}

  LayoutKind getLayoutKind(const ProductShape &shape) const override {
    return readsRing(shape) ? LayoutKind::Elements : LayoutKind::Lookup;
  }
  bool isLegal(const ProductShape &shape) const override {
    bool aligned = shape.groups == 1 || shape.getGroupInputs() % 4 == 0;
    // A table's largest entry fits a byte, and a chunk's sum 16 bits.
    return shape.isOfCodes() &&
           target.shuffle != TargetFeatures::Shuffle::None &&
           shape.inputCode.getBits() <= 6 && shape.weightCode.getBits() <= 7 &&
           aligned;
  }
  int64_t getChunkChannels() const override { return 8; }
  int64_t getInputChunkBytes(const ProductShape &shape) const override {
    return readsRing(shape) ? 32 : 4;
  }
  int64_t getGroupBytes(const ProductShape &shape) const override {
    return shape.getGroupInputs() * getInputChunkBytes(shape) / 8;
  }
  int64_t getWeightChunkBytes(const ProductShape &shape,
                              int64_t vectors) const override {
    return shape.weightCode.getBits() * vectors * getVectorChannels();
  }
  bool readsRing(const ProductShape &shape) const override {
    return shape.inputCode.getBits() > 2;
  }
  void emitInputChunks(KernelBuilder &b, Value from, Value fromOffset, Value to,
                       Value toOffset, int64_t count) const override;
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override;
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

private:
  /// Look-ups whose sum fits a byte.
  static int64_t getByteLookups(const ProductShape &shape) {
    return 255 / (4 * ((1 << shape.inputCode.getBits()) - 1));
  }
  /// Chunks of a run, and where its operands lie; some planes of weights.
  struct Segment {
    /// Vectors of indices, of a half chunk.
    int64_t getColumns() const { return numPlanes * vectors; }

    /// Whether the run is one of pairs of pixels.
    bool isOfPairs() const {
      return numPixels > static_cast<int64_t>(run.pixels.size());
    }

    const RunOperands &run;
    const ProductShape &shape;
    int64_t numPixels;
    int64_t vectors, plane, numPlanes;
    Value tables; ///< the constant ones, or null
    Value first;
    int64_t numChunks;
  };

  /// The constant tables for codes of `bits` bits, one behind the other.
  Value getTables(KernelBuilder &b, int64_t bits) const;
  Value emitShuffle(KernelBuilder &b, Value table, Value indices) const;
  /// Of a chunk of a segment, the indices: of each half, of each vector, of each
  /// plane. `isAgain`: their bytes have been asked for.
  SmallVector<Value> emitIndices(KernelBuilder &b, const Segment &segment,
                                 Value chunk, bool isAgain = false) const;
  /// Of a chunk of a segment, the table of a pixel's half.
  Value emitTable(KernelBuilder &b, const Segment &segment, Value chunk,
                  int64_t pixel, int64_t half) const;
  /// Whether each look-up serves two of a tile's pixels.
  bool readsPairs(const ProductShape &shape, int64_t vectors,
                  int64_t pixels) const;
  /// The constant tables of two pixels' one-bit codes.
  Value getPairTables(KernelBuilder &b) const;
  /// Planes of weights that look up in the same loaded tables.
  int64_t getSharedPlanes(const ProductShape &shape, int64_t vectors,
                          int64_t pixels) const;
  /// A product's sums with those of a run added.
  SmallVector<Value> emitProducts(KernelBuilder &b, ValueRange sums,
                                  const RunOperands &run, int64_t numPixels,
                                  int64_t vectors,
                                  const ProductShape &shape) const;
  /// The sums of 16 bits with the look-ups of some chunks in all planes added.
  SmallVector<Value> emitPlanes(KernelBuilder &b, ValueRange sums,
                                const Segment &chunks,
                                int64_t sharedPlanes) const;
  /// The sums of 16 bits with a segment's look-ups added.
  SmallVector<Value> emitSegment(KernelBuilder &b, ValueRange sums,
                                 const Segment &segment) const;
  SmallVector<Value> emitLoop(KernelBuilder &b, ValueRange sums,
                              const Segment &segment) const;
  SmallVector<Value> emitUnrolled(KernelBuilder &b, ValueRange sums,
                                  const Segment &segment) const;
  /// A run as one of pairs of pixels, from chunk `first` on.
  RunOperands emitPairNumbers(KernelBuilder &b, const RunOperands &run,
                              Value first, int64_t numChunks,
                              int64_t chunkBytes) const;
  SmallVector<Value> emitPairs(KernelBuilder &b, ValueRange sums,
                               const RunOperands &run, int64_t vectors,
                               const ProductShape &shape) const;
  /// The sums of bytes with some look-ups of chunks added, or all: of a pair's
  /// first pixel with 16 times that of the second, and of the second.
  SmallVector<Value> emitPairLookups(KernelBuilder &b, ValueRange sums,
                                     const Segment &chunks, int64_t first,
                                     int64_t count) const;
  SmallVector<Value> emitPairChunks(KernelBuilder &b, ValueRange sums,
                                    const Segment &chunks) const;
  SmallVector<Value> emitPairSegment(KernelBuilder &b, ValueRange sums,
                                     const Segment &segment) const;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_LOOKUPENGINE_H
