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
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_ENGINE_BYTESUMS_H
#define DOREFA_LIB_ENGINE_BYTESUMS_H

#include "TiledEngine.h"

namespace mlir::dorefa {

class ByteSumsEngine : public TiledEngine {
public:
  using TiledEngine::TiledEngine;

  int64_t getVectorChannels() const override { return target.vectorBytes; }
  int64_t getSumBytes(int64_t vectors) const override {
    return 2 * vectors * getVectorChannels();
  }
  /// For each pixel, for each vector: `even`, `odd`.
  SmallVector<Value> createSums(KernelBuilder &b, int64_t pixels,
                                int64_t vectors) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &b, ValueRange sums, int64_t pixels, int64_t vectors,
           const ProductShape &shape, VectorType unit) const override;
  bool hasNarrowSums() const override { return true; }

protected:
  VectorType getPairs(KernelBuilder &b) const {
    return b.vectorOf(getVectorChannels() / 2, b.getI16Type());
  }
  /// Digits of a vector's channels.
  void appendLaneDigits(SmallVectorImpl<int64_t> &digits,
                        const ProductShape &shape) const;
  /// `sums` with vectors of byte sums added.
  SmallVector<Value> widen(KernelBuilder &b, ValueRange sums,
                           ArrayRef<Value> byteSums) const;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_BYTESUMS_H
