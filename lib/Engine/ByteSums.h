//===- ByteSums.h - engines that sum in bytes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Look-ups give one byte an output channel. Sums stay in bytes until they could
// overflow, then in 16 bits: `even` gathers the byte pairs as they are (the
// lower byte plus 256 times the upper, modulo 2^16), `odd` the upper bytes, so
// that the lower ones are `even - 256 odd` in the end. In a vector of V bytes
// channel c is in byte 2*(c mod V/2) + c / (V/2).
//
// Where sums may exceed 16 bits (`isWide`), those of a run are added to 32-bit
// ones, by the same trick: pairs of `even` and of `odd` as they are, and their
// upper halves. Channel c is then in byte 4*(c mod V/4) + c / (V/4).
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_ENGINE_BYTESUMS_H
#define DOREFA_LIB_ENGINE_BYTESUMS_H

#include "TiledEngine.h"

namespace mlir::dorefa {

class ByteSumsEngine : public TiledEngine {
public:
  using TiledEngine::TiledEngine;

  int64_t getVectorChannels() const override { return target.vectorBytes; }
  int64_t getSumBytes(const ProductShape &shape,
                      int64_t vectors) const override {
    return (isWide(shape) ? 4 : 2) * vectors * getVectorChannels();
  }
  /// For each pixel, for each vector: `even`, `odd`, or of wide sums `even` and
  /// `odd` of the lower bytes' sums and of the upper ones'.
  SmallVector<Value> createSums(KernelBuilder &b, const ProductShape &shape,
                                int64_t pixels,
                                int64_t vectors) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels, int64_t vectors,
           const ProductShape &shape, VectorType unit) const override;
  bool hasNarrowSums() const override { return true; }

protected:
  /// Whether sums may need more than 16 bits.
  static bool isWide(const ProductShape &shape) {
    return shape.getLargestSum() > 65535;
  }
  VectorType getPairs(KernelBuilder &b) const {
    return b.vectorOf(getVectorChannels() / 2, b.getI16Type());
  }
  VectorType getQuads(KernelBuilder &b) const {
    return b.words(getVectorChannels() / 4);
  }
  /// Zeros for sums of 16 bits.
  SmallVector<Value> createPairSums(KernelBuilder &b, int64_t count) const {
    return SmallVector<Value>(2 * count, b.splat(int64_t(0), getPairs(b)));
  }
  /// Digits of a vector's channels.
  void appendLaneDigits(SmallVectorImpl<int64_t> &digits,
                        const ProductShape &shape) const;
  /// `sums` with vectors of byte sums added; for each of them there is one of
  /// each of so many planes, of which plane i counts 2^i times.
  SmallVector<Value> widen(KernelBuilder &b, ValueRange sums,
                           ArrayRef<Value> byteSums,
                           int64_t numPlanes = 1) const;
  /// A product's `sums` with sums of 16 bits added.
  SmallVector<Value> addPairSums(KernelBuilder &b, ValueRange sums,
                                 ValueRange pairSums,
                                 const ProductShape &shape) const;

private:
  /// The sums of one vector, a vector for each half or quarter of its channels.
  SmallVector<Value> separate(KernelBuilder &b, ValueRange sums) const;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_BYTESUMS_H
