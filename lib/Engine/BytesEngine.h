//===- BytesEngine.h - what engines of bytes share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A code is a byte, and so is a weight. How many are multiplied at once, and what
// becomes of the products, depends on the target: BytesEngine has dot products
// of four (or none), PairsEngine those of vpmaddubsw, MatricesEngine those of
// matrices.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_ENGINE_BYTESENGINE_H
#define DOREFA_LIB_ENGINE_BYTESENGINE_H

#include "TiledEngine.h"

namespace mlir::dorefa {

class BytesEngine : public TiledEngine {
public:
  BytesEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Bytes, target) {}

  bool isLegal(const ProductShape &shape) const override {
    return shape.isOfCodes() && shape.inputCode.getBits() <= 8 &&
           shape.weightCode.getBits() <= 8;
  }
  int64_t getChunkChannels() const override { return 4; }
  int64_t getInputChunkBytes(const ProductShape &) const override {
    return getChunkChannels();
  }
  int64_t getGroupBytes(const ProductShape &shape) const override {
    return shape.getGroupInputs() * getInputChunkBytes(shape) /
           getChunkChannels();
  }
  int64_t getWeightChunkBytes(const ProductShape &,
                              int64_t vectors) const override {
    return vectors * 16 * getChunkChannels();
  }
  /// The dot products of x86 take one signed operand, the weights: 8-bit ones do
  /// not fit as unsigned numbers.
  bool readsSignedWeights(const ProductShape &shape) const override {
    return shape.weightCode.getBits() == 8 &&
           target.dot4 != TargetFeatures::Dot4::UDot;
  }
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override;
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

protected:
  /// In a vector's weights of a chunk an output channel's, `channels` of the
  /// chunk side by side, and what is left of the chunk behind all of these.
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors, int64_t channels) const;

private:
  /// sum + the dot products of four unsigned codes and four weights a lane.
  Value emitDot4(KernelBuilder &b, Value sum, Value codes, Value weights,
                 const ProductShape &shape) const;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_BYTESENGINE_H
