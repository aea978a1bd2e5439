//===- SquaresLayer.h - tiles of squares of output pixels ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_SQUARESLAYER_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_SQUARESLAYER_H

#include "LayerLoops.h"

namespace mlir::dorefa {

/// Where the operands and sums of a product of squares lie.
struct SquareProduct {
  ProductShape shape;
  /// Whether it is the one of a 3 x 3 window, with the 16 positions of a
  /// transformed patch; else positions are the square's pixels.
  bool isWindow;
  int64_t positions;
  /// Bits of an operand in memory, and what is added to a transformed patch.
  int64_t operandBits, offset;
  /// Bytes of a tile's sums at a position, of a patch at a position and of all
  /// that a row of squares needs.
  int64_t positionSumBytes, positionBytes, patchBytes, rowBytes;
  /// Where this product's sums of a tile begin, and its patches of a row.
  int64_t sumOffset, rowOffset;
};

/// How a layer is cut into tiles of squares of 2 x 2 output pixels, and the
/// temporary memory of these: the sums of a tile, and behind them the patches of a
/// row of squares, or of all of a small image.
struct SquareTiling {
  SquareTiling(LayerOp layer, const Engine &engine);

  int64_t getTiles() const { return llvm::divideCeil(columns, tileSquares); }
  int64_t getScratchBytes() const {
    return sumBytes + (isWhole ? rows : 1) * rowBytes;
  }

  SmallVector<SquareProduct, 2> products;

  int64_t vectors, blockChannels, blocks;
  /// Squares of an image, and of a tile.
  int64_t rows, columns, tileSquares;
  /// Bytes of a tile's sums, and of the patches of a row, of all products.
  int64_t sumBytes = 0, rowBytes = 0;
  /// Whether there are patches of a whole image before the first block.
  bool isWhole;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_SQUARESLAYER_H
