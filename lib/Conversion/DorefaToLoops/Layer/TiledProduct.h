//===- TiledProduct.h - one product of a tiled layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where a tile finds its operands: the pixels under each row of the kernel, and
// the weights of its block. Engines that read the input in a form of their own
// get it from a ring of input rows, filled as the output rows proceed.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_TILEDPRODUCT_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_TILEDPRODUCT_H

#include "LayerLoops.h"

namespace mlir::dorefa {

/// The origin of a tile: its first output pixel behind the pool. Where tiles are
/// of images, of one pixel each, the first image.
struct Tile {
  Value image, group, block, y, x;
};

/// Rows of the kernel: from `first` up to, without, `end`.
struct KernelRows {
  Value first, end;
};

/// How a layer is cut into tiles.
struct Tiling {
  /// `forImages`: of a number that is known at run time alone.
  Tiling(LayerOp layer, const Engine &engine, bool forImages);

  /// Bytes of the sums that wait in memory: partial ones of a row of tiles, if
  /// there are several passes, or those of all products of a tile but the last.
  int64_t getSumBytes() const;

  int64_t vectors, blockChannels;
  /// Whether a tile's pixels are those of several images that have one each.
  /// A thread has a ring for one image alone, so these come one by one unless all
  /// rings are filled before.
  bool areImages;
  /// Pixels behind the pool, of a tile and of a row; or images, of a tile and of
  /// the layer.
  int64_t tilePixels, rowPixels;
  int64_t poolSize;
  /// Bytes of a tile's sums, of the product that has the most.
  int64_t tileSumBytes;
  int64_t passes, numProducts;
  int64_t getTiles() const { return llvm::divideCeil(rowPixels, tilePixels); }
};

/// The rows of input that an engine has brought into a form of its own.
struct InputRing {
  InputRing(LayerOp layer, unsigned index, const Engine &engine);

  int64_t getBytes() const { return rows * rowBytes; }

  int64_t pixelChunks, pixelBytes, rowBytes;
  /// Rows in the ring: those that one row of the result needs, or all of a small
  /// image.
  int64_t rows;
  bool isWhole = false;
  /// Rows that one row of the result needs; of these, the last ones, which the
  /// row before did not.
  int64_t neededRows, newRows;
  /// Whether rows lie between those that rows of the result need.
  bool skipsRows = false;
};

class TiledProduct {
public:
  TiledProduct(LayerNest &nest, const Engine &engine, const Tiling &tiling,
               unsigned index);

  const ProductShape &getShape() const { return shape; }
  /// Rows of the kernel.
  int64_t getKernelRows() const { return kernelRows; }

  /// The kernel's rows that lie inside the image for a row of the result; all
  /// of them unless those outside add nothing.
  KernelRows getRowsInside(Value y);
  /// `sums` and the products of a tile over some rows of the kernel.
  SmallVector<Value> emit(const Tile &tile, ValueRange sums,
                          const KernelRows &rows);
  /// Of finished sums, the units of channels of each pixel.
  SmallVector<SmallVector<Value>> emitUnits(ValueRange sums);

  bool readsRing() const { return ring.has_value(); }
  const std::optional<InputRing> &getRing() const { return ring; }
  /// Of a product that reads a ring: fills in the input rows that row `y` of the
  /// result needs and the row before did not, or (`isBefore`) the others; of a
  /// small image, all that any row needs. Others have nothing to do.
  void emitRing(Value image, Value y, bool isBefore);
  void emitWholeRing(Value image);
  /// Fills in all rows that an image of one pixel needs.
  void emitPixelRing(Value image);
  void setRing(Value buffer, int64_t offset, int64_t imageStride) {
    ringBuffer = buffer;
    ringOffset = b.index(offset);
    ringStride = imageStride;
  }

private:
  int64_t at(ArrayRef<int64_t> values, size_t fromEnd, int64_t absent) const {
    size_t rank = shape.kernel.size();
    return fromEnd <= rank ? values[rank - fromEnd] : absent;
  }
  /// Where the input of a tile's pixels lies under a row of the kernel.
  SmallVector<Value> getPixels(const Tile &tile, Value kernelRow);
  SmallVector<Value> emitRow(ValueRange sums, ArrayRef<Value> pixels,
                             Value weights, int64_t numChunks);
  /// Whether a block's weights are read once, or few times, and in order.
  bool isStreamed() const;
  /// Asks for a part of the next block's weights, so that all of them are there
  /// when this block's last tile is done.
  void prefetchNextBlock(const Tile &tile, Value blockWeights, Value kernelRow);
  /// The input row, counted from the border's first, under the first row of the
  /// kernel for row `y` of the result.
  Value getFirstInputRow(Value y);

  LayerNest &nest;
  KernelBuilder &b;
  const Engine &engine;
  const Tiling &tiling;
  unsigned index;
  ProductShape shape;
  const PackedImage &input;
  /// Brings `count` rows of the input from row `first` on, border included, into
  /// the ring.
  void emitRingRows(Value image, Value first, int64_t count);
  std::optional<InputRing> ring;
  Value ringBuffer, ringOffset;
  /// Bytes from the ring of an image to that of the next one.
  int64_t ringStride = 0;
  int64_t kernelRows, kernelColumns, rowStride, columnStride;
  int64_t rowDilation, columnDilation, rowPad, columnPad;
  int64_t chunks, chunkBytes, weightChunkBytes, blockWeightBytes;
};

/// Gives each product its ring, from an offset into a buffer on; whether all hold
/// whole images.
bool placeRings(MutableArrayRef<TiledProduct> products, Value buffer,
                int64_t offset, int64_t imageStride);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_TILEDPRODUCT_H
