//===- SquaresLayer.cpp - tiles of squares of output pixels ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The nest of engines that compute squares of 2 x 2 output pixels (Winograd.h):
//
//   for image, row of squares, block:       or, of a small image, block, row
//     (first of a row: the transformed patches of its squares)
//     for each tile of squares of the row:
//       for each product, each position:
//         a run over all channels, sums to memory
//       for each unit of channels, for each square:
//         the four sums, epilogue, pool, stores
//
//   patches  [product][square][position][channel], bytes or 16-bit words
//   sums     [product][position][square][vector][16 output channels]
//
// Products of one pixel's window that are added have the four pixels of a square
// as positions.
//
// Squares that would reach over the image's edge are moved back, as is the last
// tile of a row; what is computed twice has the same bits. Behind a pool, whose
// windows the squares are, there are none such.
//
//===----------------------------------------------------------------------===//

#include "SquaresLayer.h"
#include "dorefa/Engine/CostTable.h"
#include "dorefa/Engine/Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Channels that are transformed at a time.
static constexpr int64_t transformedChannels = 16;

/// Squares of a tile whose epilogues are no loop: from one, its constants would
/// be kept in registers through the loops of products, which where tiles are so
/// small have no spare ones.
static constexpr int64_t unrolledSquares = 4;

/// Between patches: powers of two apart, all would meet in one set of the
/// first-level cache.
static constexpr int64_t gapBytes = 64;

SquareTiling::SquareTiling(LayerOp layer, const Engine &engine) {
  ScheduleAttr schedule = layer.getScheduleAttr();
  vectors = schedule.getVectors();
  blockChannels = vectors * engine.getVectorChannels();
  SmallVector<int64_t> iteration = layer.getIterationShape();
  blocks = llvm::divideCeil(iteration[1], blockChannels);
  bool isPooled = layer.getPoolAttr() != nullptr;
  auto getSquares = [&](int64_t extent) {
    return isPooled ? extent / winograd::square
                    : llvm::divideCeil(extent, winograd::square);
  };
  rows = getSquares(iteration[2]);
  columns = getSquares(iteration[3]);
  tileSquares = std::min(schedule.getPixels(), columns);
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    SquareProduct product;
    product.shape = ProductShape::get(layer, i);
    product.isWindow = product.shape.getTaps() > 1;
    product.positions = engine.getRuns(product.shape);
    product.positionSumBytes =
        tileSquares * engine.getSumBytes(product.shape, vectors);
    product.positionBytes = engine.getPaddedInputs(product.shape) /
                            engine.getChunkChannels() *
                            engine.getInputChunkBytes(product.shape);
    product.operandBits = 8 * engine.getInputChunkBytes(product.shape) /
                          engine.getChunkChannels();
    product.offset = engine.getPatchOffset(product.shape);
    product.patchBytes = product.positions * product.positionBytes + gapBytes;
    product.rowBytes = columns * product.patchBytes;
    product.sumOffset = sumBytes;
    product.rowOffset = rowBytes;
    sumBytes += product.positions * product.positionSumBytes;
    rowBytes += product.rowBytes;
    products.push_back(product);
  }
  isWhole = iteration[0] == 1 &&
            rows * rowBytes <= CostTable::get(engine.target).wholePatchBytes;
}

namespace {
class SquaresNest {
public:
  SquaresNest(LayerNest &nest, const Engine &engine, WorkItems &items)
      : nest(nest), b(nest.b), items(items), engine(engine),
        tiling(nest.layer, engine) {}

  LogicalResult emit();

private:
  /// A row of squares, and where its patches lie.
  struct Row {
    Value image, row, patches;
  };
  /// The registers of sums of one unit of channels, for each pixel of a square.
  using PixelSums = SmallVector<SmallVector<Value>>;

  void emitPatches(const Row &row);
  /// Some channels of the patch of a square.
  void emitPatch(unsigned index, const Row &row, Value column, Value channel);
  void emitRow(const Row &row, Value block);
  void emitTile(const Row &row, Value block, Value column);
  void emitSums(unsigned index, const Row &row, Value block, Value column);
  PixelSums loadSums(const SquareProduct &product, Value square, int64_t unit);
  void emitSquare(const Row &row, Value column, Value square, int64_t unit,
                  Value channel, int64_t lanes);
  Value getPatches(Value row) {
    return b.add(b.mul(row, tiling.rowBytes), tiling.sumBytes);
  }
  /// The first output row, or column, of a square.
  Value getFirst(Value square, int64_t extent);

  LayerNest &nest;
  KernelBuilder &b;
  WorkItems &items;
  const Engine &engine;
  SquareTiling tiling;
};
} // namespace

LogicalResult SquaresNest::emit() {
  if (tiling.blockChannels % nest.unit != 0)
    return nest.layer.emitError()
           << "expected tiles of a multiple of " << nest.unit
           << " channels, as a result's layout wants them";
  if (tiling.isWhole) {
    b.loop(tiling.rows, [&](Value row) {
      emitPatches({b.index(0), row, getPatches(row)});
    });
    items.emit(b, {tiling.blocks, tiling.rows}, [&](ValueRange at, Value) {
      emitRow({b.index(0), at[1], getPatches(at[1])}, at[0]);
    });
    return success();
  }
  items.emit(
      b, {nest.images, tiling.rows, tiling.blocks},
      [&](ValueRange at, Value isFirst) {
        Row row{at[0], at[1], getPatches(b.index(0))};
        Value isNew = b.createOrFold<arith::CmpIOp>(
            arith::CmpIPredicate::eq, at[2], b.index(0));
        isNew = b.createOrFold<arith::OrIOp>(isNew, isFirst);
        {
          OpBuilder::InsertionGuard insertion(b);
          auto choice = scf::IfOp::create(b, isNew, /*withElseRegion=*/false);
          b.setInsertionPointToStart(choice.thenBlock());
          emitPatches(row);
        }
        emitRow(row, at[2]);
      });
  return success();
}

Value SquaresNest::getFirst(Value square, int64_t extent) {
  Value first = b.mul(square, winograd::square);
  if (nest.layer.getPoolAttr() || extent % winograd::square == 0)
    return first;
  return arith::MinUIOp::create(b, first,
                                b.index(extent - winograd::square));
}

//===----------------------------------------------------------------------===//
// Patches
//===----------------------------------------------------------------------===//

void SquaresNest::emitPatches(const Row &row) {
  b.loop(tiling.columns, [&](Value column) {
    for (auto [i, product] : llvm::enumerate(tiling.products)) {
      int64_t channels =
          engine.getPaddedInputs(product.shape) / transformedChannels;
      b.loop(channels, [&, i = i](Value channel) {
        emitPatch(i, row, column, b.mul(channel, transformedChannels));
      });
    }
  });
}

void SquaresNest::emitPatch(unsigned index, const Row &row, Value column,
                            Value channel) {
  const SquareProduct &product = tiling.products[index];
  ArrayRef<int64_t> strides = product.shape.strides, pads = product.shape.pads;
  const PackedImage &input = nest.inputs[index];
  Value y = b.mul(getFirst(row.row, nest.height), strides[0]);
  Value x = b.mul(getFirst(column, nest.width), strides[1]);
  Value from = input.getPixelOffset(b, row.image, b.add(y, -pads[0]),
                                    b.add(x, -pads[1]));
  from = b.add(from, channel);
  Value to = b.add(b.add(row.patches, product.rowOffset),
                   b.mul(column, product.patchBytes));
  to = b.add(to, b.mul(channel, product.operandBits / 8));
  auto load = [&](int64_t patchRow, int64_t patchColumn) -> Value {
    Value at = b.add(from, patchRow * strides[0] * input.getRowBytes() +
                               patchColumn * strides[1] * input.getPixelBytes());
    Value codes = b.loadVector(nest.buffers.inputs[index], at,
                               b.bytes(transformedChannels));
    if (product.operandBits == 8)
      return codes;
    return arith::ExtUIOp::create(
        b, b.vectorOf(transformedChannels, b.getI16Type()), codes);
  };
  auto store = [&](int64_t position, Value operands) {
    if (product.offset != 0 && position != winograd::positivePosition)
      operands = arith::AddIOp::create(
          b, operands,
          b.splat(product.offset, cast<VectorType>(operands.getType())));
    b.storeVector(operands, nest.buffers.scratch,
                  b.add(to, position * product.positionBytes));
  };
  if (product.isWindow)
    return winograd::emitInputTransform(b, load, store);
  for (int64_t pixel = 0; pixel < winograd::pixels; ++pixel)
    store(pixel, load(pixel / winograd::square, pixel % winograd::square));
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

void SquaresNest::emitRow(const Row &row, Value block) {
  b.loop(tiling.getTiles(), [&](Value tile) {
    Value column = b.mul(tile, tiling.tileSquares);
    if (tiling.columns % tiling.tileSquares != 0)
      column = arith::MinUIOp::create(
          b, column, b.index(tiling.columns - tiling.tileSquares));
    emitTile(row, block, column);
  });
}

void SquaresNest::emitSums(unsigned index, const Row &row, Value block,
                           Value column) {
  const SquareProduct &product = tiling.products[index];
  int64_t chunks =
      engine.getPaddedInputs(product.shape) / engine.getChunkChannels();
  int64_t startBytes = engine.getStartBytes(product.shape, tiling.vectors);
  int64_t planeBytes =
      startBytes +
      chunks * engine.getWeightChunkBytes(product.shape, tiling.vectors);
  Value weights =
      b.mul(block, engine.getPositions(product.shape) * planeBytes);
  Value patches = b.add(b.add(row.patches, product.rowOffset),
                        b.mul(column, product.patchBytes));
  b.loop(product.positions, [&](Value position) {
    RunOperands run;
    run.input = nest.buffers.scratch;
    run.weights = nest.buffers.weights[index];
    Value plane =
        b.add(weights, b.mul(position, product.isWindow ? planeBytes : 0));
    run.weightOffset = b.add(plane, startBytes);
    run.numChunks = chunks;
    Value first = b.add(patches, b.mul(position, product.positionBytes));
    for (int64_t square = 0; square < tiling.tileSquares; ++square)
      run.pixels.push_back(b.add(first, square * product.patchBytes));
    SmallVector<Value> sums = engine.createSums(
        b, product.shape, tiling.tileSquares, tiling.vectors);
    int64_t sumBytes = product.positionSumBytes / sums.size();
    if (startBytes > 0)
      for (auto [i, sum] : llvm::enumerate(sums))
        sum = b.loadVector(run.weights,
                           b.add(plane, i * sumBytes % startBytes),
                           cast<VectorType>(sum.getType()));
    sums = engine.emitRun(b, sums, run, tiling.vectors, product.shape);
    Value to =
        b.add(b.mul(position, product.positionSumBytes), product.sumOffset);
    for (auto [i, sum] : llvm::enumerate(sums))
      b.storeVector(sum, nest.buffers.scratch, b.add(to, i * sumBytes));
  });
}

void SquaresNest::emitTile(const Row &row, Value block, Value column) {
  for (unsigned i = 0; i < tiling.products.size(); ++i)
    emitSums(i, row, block, column);
  nest.emitUnits(tiling.products.front().shape, tiling.blockChannels,
                 /*group=*/b.index(0), block,
                 [&](int64_t unit, Value channel, int64_t lanes) {
                   auto emit = [&](Value square) {
                     emitSquare(row, column, square, unit, channel, lanes);
                   };
                   if (tiling.tileSquares > unrolledSquares)
                     return b.loop(tiling.tileSquares, emit);
                   for (int64_t i = 0; i < tiling.tileSquares; ++i)
                     emit(b.index(i));
                 });
}

SquaresNest::PixelSums SquaresNest::loadSums(const SquareProduct &product,
                                             Value square, int64_t unit) {
  // The registers of a unit's sums are those that a tile of one square has.
  SmallVector<Value> zeros =
      engine.createSums(b, product.shape, /*pixels=*/1, nest.unit / 16);
  int64_t unitBytes = engine.getSumBytes(product.shape, nest.unit / 16);
  Value first =
      b.add(b.mul(square, product.positionSumBytes / tiling.tileSquares),
            product.sumOffset + unit * unitBytes);
  PixelSums pixels(winograd::pixels);
  for (auto [i, zero] : llvm::enumerate(zeros)) {
    auto type = cast<VectorType>(zero.getType());
    int64_t offset = i * (unitBytes / zeros.size());
    auto load = [&](int64_t position) {
      return b.loadVector(
          nest.buffers.scratch,
          b.add(first, position * product.positionSumBytes + offset), type);
    };
    SmallVector<Value> sums;
    if (product.isWindow)
      sums = winograd::emitSumTransform(b, load);
    else
      for (int64_t pixel = 0; pixel < winograd::pixels; ++pixel)
        sums.push_back(load(pixel));
    for (auto [pixel, sum] : llvm::zip_equal(pixels, sums))
      pixel.push_back(sum);
  }
  return pixels;
}

void SquaresNest::emitSquare(const Row &row, Value column, Value square,
                             int64_t unit, Value channel, int64_t lanes) {
  SmallVector<PixelSums> sums;
  for (const SquareProduct &product : tiling.products)
    sums.push_back(loadSums(product, square, unit));
  auto getAccumulators = [&](int64_t pixel) {
    SmallVector<Value> accumulators;
    for (auto [i, product] : llvm::enumerate(tiling.products)) {
      accumulators.push_back(
          engine.emitSums(b, sums[i][pixel], /*pixels=*/1, nest.unit / 16,
                          product.shape, nest.getSumUnit(i))[0][0]);
    }
    return accumulators;
  };
  Value squareColumn = b.add(column, square);
  if (nest.layer.getPoolAttr()) {
    nest.emitPixel(row.image, row.row, squareColumn, channel, getAccumulators,
                   lanes);
    return;
  }
  Value y = getFirst(row.row, nest.height);
  Value x = getFirst(squareColumn, nest.width);
  for (int64_t pixel = 0; pixel < winograd::pixels; ++pixel)
    nest.emitPixel(
        row.image, b.add(y, pixel / winograd::square),
        b.add(x, pixel % winograd::square), channel,
        [&](int64_t) { return getAccumulators(pixel); }, lanes);
}

LogicalResult mlir::dorefa::emitSquaresLayer(LayerNest &nest, const Engine &engine,
                                             WorkItems &items) {
  return SquaresNest(nest, engine, items).emit();
}
