//===- TiledEngine.h - what tiled engines share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the engines with register tiles have in common: vectors of 16 output
// channels in 32-bit sums (unless an engine has its own), and the order of
// weights outside of a chunk.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_ENGINE_TILEDENGINE_H
#define DOREFA_LIB_ENGINE_TILEDENGINE_H

#include "dorefa/Engine/Engine.h"

namespace mlir::dorefa {

/// Order of a block's weights: runs over kernel positions and chunks, then
/// vectors of output channels. The innermost digits are the engine's.
class TiledEngine : public Engine {
public:
  using Engine::Engine;

  int64_t getVectorChannels() const override { return 16; }
  int64_t getGroupBytes(const ProductShape &shape) const override {
    return shape.getGroupInputs() / getChunkChannels() *
           getInputChunkBytes(shape);
  }
  /// By default a sum is a 32-bit lane: for each pixel, for each vector, the
  /// registers that make up its 16 channels.
  SmallVector<Value> createSums(KernelBuilder &builder, int64_t pixels,
                                int64_t vectors) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &builder, ValueRange sums, int64_t pixels,
           int64_t vectors, const ProductShape &shape,
           VectorType unit) const override;

  LayoutAttr getInputLayout(MLIRContext *context, const ProductShape &shape,
                            int64_t fill) const override;

protected:
  virtual Type getSumType(Builder &builder) const { return builder.getI32Type(); }
  virtual LayoutKind getLayoutKind() const { return LayoutKind::Elements; }

  /// Digits of everything but the lanes of a vector and the channels of a
  /// chunk: `chunkBits` bits of weights for each chunk of a block.
  SmallVector<int64_t> getOuterDigits(const ProductShape &shape,
                                      int64_t vectors,
                                      int64_t vectorBits) const;
  /// Bytes of all weights.
  int64_t getWeightBytes(const ProductShape &shape, int64_t vectors) const;

  /// 32-bit lanes of a register, at most 16.
  int64_t getLanes() const { return std::min(16u, target.vectorBytes / 4); }
  int64_t getParts() const { return 16 / getLanes(); }
};

/// Dimensions of weights as they are packed: O x I x kernel, or with groups
/// G x O x I x kernel.
struct WeightDims {
  explicit WeightDims(const ProductShape &shape)
      : output(shape.groups > 1 ? 1 : 0), input(output + 1),
        kernel(output + 2) {}
  int64_t output, input, kernel;
};

/// Appends a digit unless it is always 0.
inline void appendDigit(SmallVectorImpl<int64_t> &digits, int64_t dim,
                        int64_t divisor, int64_t modulus, int64_t stride) {
  if (modulus > 1)
    digits.append({dim, divisor, modulus, stride});
}

std::unique_ptr<Engine> createBytesEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createPlanesEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createLookupEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createFmaEngine(const TargetFeatures &target);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_TILEDENGINE_H
