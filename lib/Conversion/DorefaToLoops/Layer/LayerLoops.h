//===- LayerLoops.h - loop nests of layers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The loop nests that a layer may get, and what they share. Nests differ in how
// they find accumulators; from there on all evaluate the epilogue for a unit of
// channels at each place of a pool window, pool in registers and store once.
//
//   image, row, column, unit of channels:       (threads share images and rows)
//     for each place of the pool window:
//       accumulators -> epilogue -> codes, combined with those before
//     store
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_LAYERLOOPS_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_LAYERLOOPS_H

#include "Epilogue.h"
#include "PixelAccess.h"
#include "dorefa/Engine/Engine.h"

namespace mlir::dorefa {

/// What the nests of one layer share: its tensors as images, the order in
/// which a tile's positions are pooled, and the epilogue with its stores.
class LayerNest {
public:
  LayerNest(LayerOp layer, const LayerBuffers &buffers,
            const TargetFeatures &target, KernelBuilder &b);

  /// Clears the padded channels that the nests leave alone.
  void emitChannelPadding();

  LayerOp layer;
  const LayerBuffers &buffers;
  const TargetFeatures &target;
  KernelBuilder &b;
  /// Channels that the epilogue computes at a time.
  int64_t unit;
  EpilogueEmitter epilogue;
  SmallVector<PackedImage> inputs, outputs;
  /// Iteration space of the epilogue, and of the results behind the pool.
  int64_t images, channels, height, width, pooledHeight, pooledWidth;
  int64_t poolRows = 1, poolColumns = 1;

  /// Whether an image has one pixel to compute, as in a matrix product.
  bool isOnePixel() const { return height * width == 1; }
  int64_t getPoolSize() const { return poolRows * poolColumns; }

  /// The position (row, column) of the w-th place of a pool window at output
  /// pixel (y, x).
  std::pair<Value, Value> getPosition(Value y, Value x, int64_t place);

  /// Evaluates the epilogue for the unit of channels from `channel` on at the pool
  /// window of output pixel (y, x) of `image`, and stores the results.
  /// `accumulators(place)` gives one vector a product for each place.
  /// Parameters of these channels must be loaded. Of the unit's channels the
  /// first `lanes` are there, and stored.
  void emitPixel(Value image, Value y, Value x, Value channel,
                 function_ref<SmallVector<Value>(int64_t)> accumulators,
                 int64_t lanes);

  /// The type of a unit of a product's sums.
  VectorType getSumUnit(unsigned index);

  /// Calls `body` for each unit of channels of a block of a product, in the order
  /// of channels: with the unit's number in the block, its first channel, whose
  /// parameters are loaded, and how many of its lanes are there.
  void emitUnits(const ProductShape &shape, int64_t blockChannels, Value group,
                 Value block,
                 function_ref<void(int64_t, Value, int64_t)> body);

private:
  /// The channels, with padded ones, that the nests write.
  int64_t getWrittenChannels();
  /// The first `lanes` channels of a unit; the others are anything.
  Value loadResidual(unsigned index, Value image, Value y, Value x,
                     Value channel, int64_t lanes);
  Value combine(unsigned output, Value lhs, Value rhs);
};

/// An error for operands that do not lie as the layer's engine and tile read
/// them.
LogicalResult checkTiledOperands(LayerOp layer, const Engine &engine);

/// Products by an engine, in register tiles.
LogicalResult emitTiledLayer(LayerNest &nest, const Engine &engine,
                             WorkItems &items);
/// Products by an engine, in tiles of squares of output pixels.
LogicalResult emitSquaresLayer(LayerNest &nest, const Engine &engine,
                               WorkItems &items);
/// Products by a plain loop over the window: depthwise convolutions, sums, and
/// whatever no engine takes.
LogicalResult emitDirectLayer(LayerNest &nest, WorkItems &items);
/// No product: an epilogue over packed residuals, and possibly a pool.
LogicalResult emitPixelwiseLayer(LayerNest &nest, WorkItems &items);
/// No product, and row-major tensors: lanes are pixels of one channel.
LogicalResult emitRowMajorLayer(LayerOp layer, const LayerBuffers &buffers,
                                const TargetFeatures &target, WorkItems &items,
                                KernelBuilder &b);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_LAYERLOOPS_H
