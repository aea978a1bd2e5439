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
  int64_t getSumBytes(const ProductShape &, int64_t vectors) const override {
    return vectors * 64;
  }
  /// By default a sum is a 32-bit lane: for each pixel, for each vector, the
  /// registers that make up its 16 channels.
  SmallVector<Value> createSums(KernelBuilder &builder,
                                const ProductShape &shape, int64_t pixels,
                                int64_t vectors) const override;
  SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &builder, ValueRange sums, int64_t pixels,
           int64_t vectors, const ProductShape &shape,
           VectorType unit) const override;

  LayoutAttr getInputLayout(MLIRContext *context, const ProductShape &shape,
                            int64_t fill) const override;

protected:
  virtual Type getSumType(Builder &builder) const { return builder.getI32Type(); }
  virtual LayoutKind getLayoutKind(const ProductShape &) const {
    return LayoutKind::Elements;
  }

  /// Digits of everything but the lanes of a vector and the channels of a
  /// chunk: `vectorBits` from one vector to the next, `chunkBits` from one chunk
  /// to the next.
  SmallVector<int64_t> getOuterDigits(const ProductShape &shape,
                                      int64_t vectors, int64_t vectorBits,
                                      int64_t chunkBits) const;
  /// Bytes of all weights.
  int64_t getWeightBytes(const ProductShape &shape, int64_t vectors) const;

  /// A vector of weights.
  Value loadWeights(KernelBuilder &b, const RunOperands &run, Value offset,
                    VectorType type) const;
  /// A vector whose elements are all the number at `offset` of `buffer`.
  Value loadSplat(KernelBuilder &b, Value buffer, Value offset,
                  VectorType type) const;

  /// A run's chunks in segments of at most `limit`, of equal length where a
  /// divisor is near: `body` takes a segment's first chunk, their number and
  /// the state, and returns the new state.
  SmallVector<Value> loopSegments(
      KernelBuilder &b, int64_t numChunks, int64_t limit, ValueRange state,
      function_ref<SmallVector<Value>(Value, int64_t, ValueRange)> body) const;

  /// sum + the sums of two products of 16-bit lanes; of x86.
  Value emitDot2(KernelBuilder &b, Value sum, Value lhs, Value rhs) const;

  /// A sum, computed where it is written: else the order of instructions is the
  /// compiler's, which overlaps steps until registers do not suffice.
  Value pin(KernelBuilder &b, Value sum) const;

  /// 32-bit lanes of a register, at most 16.
  int64_t getLanes() const { return std::min(16u, target.vectorBytes / 4); }
  int64_t getParts() const { return 16 / getLanes(); }
};

/// Dimensions of weights as they are packed: O x I x kernel, with groups
/// G x O x I x kernel, and with blocks of input channels (getInputBlock)
/// ... x I/B x B x kernel.
struct WeightDims {
  WeightDims(const ProductShape &shape, bool hasInputBlocks = false)
      : output(shape.groups > 1 ? 1 : 0), input(output + 1),
        inBlock(hasInputBlocks ? input + 1 : input), kernel(inBlock + 1) {}
  int64_t output, input, inBlock, kernel;
};

/// Appends a digit unless it is always 0.
inline void appendDigit(SmallVectorImpl<int64_t> &digits, int64_t dim,
                        int64_t divisor, int64_t modulus, int64_t stride) {
  if (modulus > 1)
    digits.append({dim, divisor, modulus, stride});
}

std::unique_ptr<Engine> createBytesEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createPairsEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createMatricesEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createPlanesEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createLookupEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createLookup64Engine(const TargetFeatures &target);
std::unique_ptr<Engine> createQuadEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createFmaEngine(const TargetFeatures &target);
std::unique_ptr<Engine> createWinogradEngine(const TargetFeatures &target);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_TILEDENGINE_H
