//===- TiledLayer.cpp - products in register tiles ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// for group, for block of output channels, for image, for row, for tile of
// pixels:
//   for each product: for kernel position: one run of the engine
//   for each unit of channels, for each pixel: epilogue, pool, stores
//
// The last tile of a row is moved back so that all tiles have one size; what
// two tiles compute twice has the same bits.
//
//===----------------------------------------------------------------------===//

#include "LayerLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class TiledNest {
public:
  TiledNest(LayerNest &nest, const TargetFeatures &target)
      : nest(nest), b(nest.b), schedule(nest.layer.getScheduleAttr()),
        engine(Engine::create(schedule.getEngine(), target)) {
    for (unsigned i = 0; i < nest.layer.getProducts().size(); ++i)
      shapes.push_back(ProductShape::get(nest.layer, i));
    vectors = schedule.getVectors();
    blockChannels = vectors * engine->getVectorChannels();
    tilePixels = std::min(
        std::max<int64_t>(schedule.getPixels() / nest.getPoolSize(), 1),
        nest.pooledWidth);
  }

  LogicalResult emit();

private:
  /// One tile: the origin of its output pixels.
  struct Tile {
    Value image, group, block, y, x;
  };
  using Units = SmallVector<SmallVector<Value>>;

  void emitTile(const Tile &tile);
  Units emitProduct(unsigned index, const Tile &tile);
  void emitEpilogue(const Tile &tile, ArrayRef<Units> products);

  LayerNest &nest;
  KernelBuilder &b;
  ScheduleAttr schedule;
  std::unique_ptr<Engine> engine;
  SmallVector<ProductShape, 2> shapes;
  int64_t vectors, blockChannels, tilePixels;
};
} // namespace

LogicalResult TiledNest::emit() {
  const ProductShape &shape = shapes.front();
  for (const ProductShape &product : shapes)
    if (!engine->isLegal(product))
      return nest.layer.emitError()
             << "the " << stringifyEngineKind(schedule.getEngine())
             << " engine cannot compute this product on the target";
  bool wholeUnits =
      shape.groups == 1 || shape.getGroupOutputs() % nest.unit == 0;
  nest.emitChannelPadding(wholeUnits
                              ? llvm::alignTo(shape.outputChannels, nest.unit)
                              : shape.outputChannels);
  int64_t blocks = llvm::divideCeil(shape.getGroupOutputs(), blockChannels);
  int64_t tiles = llvm::divideCeil(nest.pooledWidth, tilePixels);
  b.loop(shape.groups, [&](Value group) {
    b.loop(blocks, [&](Value block) {
      b.loop(nest.images, [&](Value image) {
        b.loop(nest.pooledHeight, [&](Value y) {
          b.loop(tiles, [&](Value index) {
            Value x = b.mul(index, tilePixels);
            if (nest.pooledWidth % tilePixels != 0)
              x = arith::MinUIOp::create(
                  b, x, b.index(nest.pooledWidth - tilePixels));
            emitTile({image, group, block, y, x});
          });
        });
      });
    });
  });
  return success();
}

void TiledNest::emitTile(const Tile &tile) {
  SmallVector<Units> products;
  for (unsigned i = 0; i < shapes.size(); ++i)
    products.push_back(emitProduct(i, tile));
  emitEpilogue(tile, products);
}

TiledNest::Units TiledNest::emitProduct(unsigned index, const Tile &tile) {
  const ProductShape &shape = shapes[index];
  const PackedImage &input = nest.inputs[index];
  size_t rank = shape.kernel.size();
  auto at = [&](ArrayRef<int64_t> values, size_t fromEnd, int64_t absent) {
    return fromEnd <= rank ? values[rank - fromEnd] : absent;
  };
  int64_t kernelRows = at(shape.kernel, 2, 1), kernelColumns = at(shape.kernel, 1, 1);
  int64_t rowStride = at(shape.strides, 2, 1), columnStride = at(shape.strides, 1, 1);
  int64_t rowDilation = at(shape.dilations, 2, 1), columnDilation = at(shape.dilations, 1, 1);
  // The begins are the first `rank` pads.
  int64_t rowPad = at(shape.pads, 2, 0), columnPad = at(shape.pads, 1, 0);
  int64_t pixelBytes = input.getPixelBytes(), rowBytes = input.getRowBytes();
  int64_t chunks = engine->getPaddedInputs(shape) / engine->getChunkChannels();
  int64_t chunkBytes = engine->getInputChunkBytes(shape);
  int64_t weightChunkBytes = engine->getWeightChunkBytes(shape, vectors);

  // The tile's pixels, relative to its first one.
  SmallVector<int64_t> relative;
  for (int64_t pixel = 0; pixel < tilePixels; ++pixel)
    for (int64_t place = 0; place < nest.getPoolSize(); ++place) {
      int64_t row = place / nest.poolColumns;
      int64_t column = pixel * nest.poolColumns + place % nest.poolColumns;
      relative.push_back(row * rowStride * rowBytes +
                         column * columnStride * pixelBytes);
    }
  auto [y, x] = nest.getPosition(tile.y, tile.x, 0);
  Value origin = input.getPixelOffset(
      b, tile.image, b.add(b.mul(y, rowStride), -rowPad),
      b.add(b.mul(x, columnStride), -columnPad));
  origin = b.add(origin, b.mul(tile.group, engine->getGroupBytes(shape)));
  int64_t blocks = llvm::divideCeil(shape.getGroupOutputs(), blockChannels);
  Value weights =
      b.mul(b.add(b.mul(tile.group, blocks), tile.block),
            shape.getTaps() * chunks * weightChunkBytes);

  auto run = [&](ValueRange sums, Value inputOffset, Value weightOffset,
                 int64_t numChunks) {
    RunOperands operands{nest.buffers.inputs[index],
                         nest.buffers.weights[index],
                         {},
                         weightOffset,
                         numChunks};
    for (int64_t offset : relative)
      operands.pixels.push_back(b.add(inputOffset, offset));
    return engine->emitRun(b, sums, operands, vectors, shape);
  };
  // Neighbouring kernel positions of a row are contiguous unless something
  // lies between them.
  bool contiguousRow = !shape.channelsFirst && columnDilation == 1 &&
                       shape.groups == 1 && pixelBytes == chunks * chunkBytes;
  auto rows = [&](ValueRange sums, Value inputOffset, Value weightOffset,
                  int64_t numChunks) {
    int64_t tapBytes = numChunks * weightChunkBytes;
    return b.loop(kernelRows, sums, [&](Value row, ValueRange before) {
      Value rowInput = b.add(inputOffset, b.mul(row, rowDilation * rowBytes));
      Value rowWeights =
          b.add(weightOffset, b.mul(row, kernelColumns * tapBytes));
      if (contiguousRow)
        return run(before, rowInput, rowWeights, kernelColumns * numChunks);
      return b.loop(kernelColumns, before,
                    [&](Value column, ValueRange state) {
        return run(state,
                   b.add(rowInput, b.mul(column, columnDilation * pixelBytes)),
                   b.add(rowWeights, b.mul(column, tapBytes)), numChunks);
      });
    });
  };
  SmallVector<Value> sums =
      engine->createSums(b, relative.size(), vectors);
  if (shape.channelsFirst)
    sums = b.loop(chunks, sums, [&](Value chunk, ValueRange before) {
      return rows(before, b.add(origin, b.mul(chunk, chunkBytes)),
                  b.add(weights, b.mul(chunk, shape.getTaps() *
                                                  weightChunkBytes)),
                  1);
    });
  else
    sums = rows(sums, origin, weights, chunks);
  // Engines give sums of 32 bits; a wider accumulator is for what follows.
  Type sum = nest.layer.getAccumulator(index).getType();
  VectorType unit =
      b.vectorOf(nest.unit, sum.isInteger(64) ? Type(b.getI32Type()) : sum);
  return engine->emitSums(b, sums, relative.size(), vectors, shape, unit);
}

void TiledNest::emitEpilogue(const Tile &tile, ArrayRef<Units> products) {
  const ProductShape &shape = shapes.front();
  int64_t outputs = shape.getGroupOutputs();
  int64_t units = llvm::divideCeil(outputs, nest.unit);
  int64_t perBlock = blockChannels / nest.unit;
  int64_t blocks = llvm::divideCeil(outputs, blockChannels);
  for (int64_t unit = 0; unit < perBlock; ++unit) {
    if (blocks == 1 && unit >= units)
      break;
    auto emit = [&](int64_t lanes) {
      Value channel = b.add(b.add(b.mul(tile.group, outputs),
                                  b.mul(tile.block, blockChannels)),
                            unit * nest.unit);
      nest.epilogue.loadParameters(b, channel);
      for (int64_t pixel = 0; pixel < tilePixels; ++pixel)
        nest.emitPixel(
            tile.image, tile.y, b.add(tile.x, pixel), channel,
            [&](int64_t place) {
              SmallVector<Value> accumulators;
              for (const Units &product : products)
                accumulators.push_back(
                    product[pixel * nest.getPoolSize() + place][unit]);
              return accumulators;
            },
            lanes);
    };
    // Behind a group's last channel lie the next group's.
    int64_t lastLanes = nest.unit;
    if (shape.groups > 1 && outputs % nest.unit != 0)
      lastLanes = outputs % nest.unit;
    // Units of the last block: it may have fewer, and a shorter last one.
    int64_t lastUnits = units - (blocks - 1) * perBlock;
    if (blocks == 1) {
      emit(unit == lastUnits - 1 ? lastLanes : nest.unit);
      continue;
    }
    bool shorter = unit == lastUnits - 1 && lastLanes != nest.unit;
    if (unit < lastUnits && !shorter) {
      emit(nest.unit);
      continue;
    }
    Value inLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                         tile.block, b.index(blocks - 1));
    auto choice = scf::IfOp::create(b, inLast, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard insertion(b);
    if (shorter) {
      b.setInsertionPointToStart(choice.thenBlock());
      emit(lastLanes);
    }
    b.setInsertionPointToStart(choice.elseBlock());
    emit(nest.unit);
  }
}

LogicalResult mlir::dorefa::emitTiledLayer(LayerNest &nest,
                                           const TargetFeatures &target) {
  return TiledNest(nest, target).emit();
}
