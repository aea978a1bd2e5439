//===- Engine.h - ways to compute a product ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An engine computes the product of a packed layer: the sums, over the window
// and the channels of a group, of stored activation times stored weight, for a
// register tile of output channels by output pixels.
//
//   for each block of output channels        (vectors x getVectorChannels())
//     for each tile of output pixels
//       for each run                          (contiguous in both operands)
//         emitRun: chunks of getChunkChannels() input channels
//       emitSums
//
// It decides the order of activations and weights in memory; the nest around
// it (LayerLoops) and the epilogue behind it are the same for all.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_ENGINE_H
#define DOREFA_ENGINE_ENGINE_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Engine/KernelBuilder.h"
#include "dorefa/Target/CPU/TargetFeatures.h"

namespace mlir::dorefa {

/// The largest number that a code is stored as; the least code is stored as 0.
inline int64_t getLargestStored(CodeAttr code) {
  return int64_t(code.getMax()) - code.getMin();
}

/// What an engine needs to know of one product of a layer.
struct ProductShape {
  ProductKind kind = ProductKind::Conv;
  CodeAttr inputCode, weightCode; ///< null for reals
  int64_t groups = 1;
  int64_t inputChannels = 0, outputChannels = 0; ///< of all groups
  SmallVector<int64_t> inputSpatial, outputSpatial;
  SmallVector<int64_t> kernel, strides, pads, dilations;
  bool channelsFirst = false;

  static ProductShape get(LayerOp layer, unsigned product);

  int64_t getGroupInputs() const { return inputChannels / groups; }
  int64_t getGroupOutputs() const { return outputChannels / groups; }
  int64_t getTaps() const { return llvm::product_of(kernel); }
  /// Multiply-adds of one image.
  int64_t getMultiplyAdds() const;
  /// Whether it is a sum of codes times codes.
  bool isOfCodes() const {
    return kind == ProductKind::Conv && inputCode && weightCode;
  }
  /// A bound of such sums, of numbers as they are stored: from 0 up.
  int64_t getLargestSum() const;
  bool isDepthwise() const {
    return groups > 1 && groups == inputChannels && groups == outputChannels;
  }
  /// Whether channels do not meet in a sum.
  bool isChannelwise() const {
    return kind == ProductKind::Sum || isDepthwise();
  }
};

/// The part of a tile's operands that one run reads.
struct RunOperands {
  Value input, weights;          ///< memref<bytes x i8>
  SmallVector<Value> pixels;     ///< byte offset into `input` of each pixel
  Value weightOffset;            ///< byte offset into `weights`
  int64_t numChunks = 0;
  /// Where weights are read once, and in order: how many bytes ahead they are
  /// asked for; else 0.
  int64_t bytesAhead = 0;
};

/// Bits of the codes of a product.
struct CodeWidths {
  int64_t weights = 0, inputs = 0;
};

class Engine {
public:
  Engine(EngineKind kind, const TargetFeatures &target)
      : kind(kind), target(target) {}
  virtual ~Engine() = default;

  static std::unique_ptr<Engine> create(EngineKind kind,
                                        const TargetFeatures &target);

  /// Whether this engine computes the product exactly on this target.
  virtual bool isLegal(const ProductShape &shape) const = 0;

  /// Whether it computes all products of a layer exactly on this target, in tiles
  /// as the layer's pool wants them.
  virtual bool canCompute(LayerOp layer) const;

  /// Whether a sum is of a position of a square of 2 x 2 output pixels
  /// (Winograd.h), and a tile's pixels are such squares; such a layer has a nest
  /// of its own. One product has a 3 x 3 window, others one of a pixel.
  virtual bool computesSquares() const { return false; }
  /// Positions that have weights of their own: those of the window, or of a square.
  virtual int64_t getPositions(const ProductShape &shape) const {
    return shape.getTaps();
  }
  /// How often a tile goes over the channels.
  virtual int64_t getRuns(const ProductShape &shape) const {
    return getPositions(shape);
  }

  /// Output channels in one vector, and input channels in one chunk.
  virtual int64_t getVectorChannels() const = 0;
  virtual int64_t getChunkChannels() const = 0;
  /// Bytes at the begin of a position's weights which are the sums, of 32 bits,
  /// that a run starts with; else those are zeros.
  virtual int64_t getStartBytes(const ProductShape &shape,
                                int64_t vectors) const {
    return 0;
  }
  /// What is added to a transformed patch where it may be negative.
  virtual int64_t getPatchOffset(const ProductShape &shape) const { return 0; }
  /// Input channels of a group with their padding.
  int64_t getPaddedInputs(const ProductShape &shape) const;
  /// Bytes of one chunk of a pixel as `emitRun` reads it, and of a block's
  /// weights for one chunk.
  virtual int64_t getInputChunkBytes(const ProductShape &shape) const = 0;
  virtual int64_t getWeightChunkBytes(const ProductShape &shape,
                                      int64_t vectors) const = 0;

  /// Where weights' input channels are counted as blocks of so many and those
  /// of a block, else 0.
  virtual int64_t getInputBlock() const { return 0; }

  /// Bytes from a group's first input channel to the next group's.
  virtual int64_t getGroupBytes(const ProductShape &shape) const = 0;

  /// The widths whose rates in a cost table are those of a product: its own, or
  /// others for which the engine does the same.
  virtual CodeWidths getRatedWidths(const ProductShape &shape) const {
    return {shape.weightCode.getBits(), shape.inputCode.getBits()};
  }

  /// The code that weights must have in memory: what `shape.weightCode` is
  /// shifted to (stored numbers stay unsigned; a signed code is read as such).
  virtual bool readsSignedWeights(const ProductShape &shape) const {
    return false;
  }
  virtual LayoutAttr getInputLayout(MLIRContext *context,
                                    const ProductShape &shape,
                                    int64_t fill) const = 0;
  virtual DigitsAttr getWeightLayout(MLIRContext *context,
                                     const ProductShape &shape,
                                     int64_t vectors) const = 0;

  /// Whether the input is brought, row by row, into a form of the engine's own,
  /// a ring of chunks of getInputChunkBytes that `emitRun` then reads.
  virtual bool readsRing(const ProductShape &shape) const { return false; }
  /// Brings chunks that lie behind each other from the layout into that form: one,
  /// or so many at once.
  virtual void emitInputChunks(KernelBuilder &builder, Value from,
                               Value fromOffset, Value to, Value toOffset,
                               int64_t count) const {}
  virtual int64_t getChunksAtOnce() const { return 1; }

  /// Bytes of a pixel's sums.
  virtual int64_t getSumBytes(const ProductShape &shape,
                              int64_t vectors) const = 0;
  /// The zeros a tile starts with.
  virtual SmallVector<Value> createSums(KernelBuilder &builder,
                                        const ProductShape &shape,
                                        int64_t pixels,
                                        int64_t vectors) const = 0;
  virtual SmallVector<Value> emitRun(KernelBuilder &builder, ValueRange sums,
                                     const RunOperands &run, int64_t vectors,
                                     const ProductShape &shape) const = 0;
  /// The finished sums: for each pixel, vectors of type `unit` in the order of
  /// channels. That is 16 or 64 channels of i32 or f32, or also half a vector
  /// of i16 where hasNarrowSums().
  virtual SmallVector<SmallVector<Value>>
  emitSums(KernelBuilder &builder, ValueRange sums, int64_t pixels,
           int64_t vectors, const ProductShape &shape,
           VectorType unit) const = 0;
  /// Whether sums that fit 16 bits need not be widened.
  virtual bool hasNarrowSums() const { return false; }

  const EngineKind kind;
  const TargetFeatures &target;
};

} // namespace mlir::dorefa

#endif // DOREFA_ENGINE_ENGINE_H
