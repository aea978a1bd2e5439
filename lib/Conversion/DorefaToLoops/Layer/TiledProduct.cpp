//===- TiledProduct.cpp - one product of a tiled layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Neighbouring kernel positions of a row are one run where their pixels lie
// behind each other. Kernel rows outside of the image are left out where the
// border holds zeros.
//
// The ring holds R input rows, row r of the image in place r mod R:
//
//   before the first row of the result    R - newRows rows
//   for each row                          the newRows behind them
//
//===----------------------------------------------------------------------===//

#include "TiledProduct.h"
#include "dorefa/Engine/CostTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Tiling
//===----------------------------------------------------------------------===//

/// Whether an engine reads an input of the layer from a ring.
static bool readsAnyRing(LayerOp layer, const Engine &engine) {
  for (unsigned i = 0; i < layer.getProducts().size(); ++i)
    if (engine.readsRing(ProductShape::get(layer, i)))
      return true;
  return false;
}

Tiling::Tiling(LayerOp layer, const Engine &engine, bool forImages) {
  ScheduleAttr schedule = layer.getScheduleAttr();
  WindowAttr pool = layer.getPoolAttr();
  poolSize = pool ? llvm::product_of(pool.getKernel()) : 1;
  ArrayRef<int64_t> result = shapeOf(layer.getOutputs().front());
  vectors = schedule.getVectors();
  blockChannels = vectors * engine.getVectorChannels();
  SmallVector<int64_t> iteration = layer.getIterationShape();
  areImages = (forImages || !readsAnyRing(layer, engine)) &&
              llvm::product_of(ArrayRef(iteration).drop_front(2)) == 1;
  rowPixels = areImages           ? result.front()
              : result.size() > 2 ? result.back()
                                  : 1;
  tilePixels = std::max<int64_t>(schedule.getPixels() / poolSize, 1);
  int64_t mostPixels = tilePixels;
  // Tiles of about one size compute less twice than whole ones and a rest.
  int64_t tiles = llvm::divideCeil(rowPixels, tilePixels);
  tilePixels = areImages ? llvm::divideCeil(rowPixels, tiles)
                         : std::min(tilePixels, rowPixels);
  // A second product has sums of its own.
  ProductShape shape = ProductShape::get(layer, 0);
  int64_t rows = shape.kernel.size() > 1 ? shape.kernel.front() : 1;
  bool single = layer.getProducts().size() == 1 && !shape.channelsFirst;
  numProducts = layer.getProducts().size();
  tileSumBytes = 0;
  for (int64_t i = 0; i < numProducts; ++i)
    tileSumBytes = std::max(
        tileSumBytes, (areImages ? mostPixels : tilePixels) * poolSize *
                          engine.getSumBytes(ProductShape::get(layer, i),
                                             vectors));
  passes = single && !areImages ? std::min(schedule.getPasses(), rows) : 1;
}

int64_t Tiling::getSumBytes() const {
  return (passes > 1 ? getTiles() : numProducts - 1) * tileSumBytes;
}

InputRing::InputRing(LayerOp layer, unsigned index, const Engine &engine) {
  ProductShape shape = ProductShape::get(layer, index);
  RankedTensorType input = typeOf(layer.getInputs()[index]);
  auto layout = cast<LayoutAttr>(input.getEncoding());
  pixelChunks = layout.getChannels() / engine.getChunkChannels();
  pixelBytes = pixelChunks * engine.getInputChunkBytes(shape);
  rowBytes = pixelBytes;
  if (!shape.kernel.empty())
    rowBytes *= layout.getPaddedSpatial(input.getShape()).back();
  rows = neededRows = newRows = 1;
  if (shape.kernel.size() < 2)
    return;
  WindowAttr pool = layer.getPoolAttr();
  int64_t poolRows = pool ? pool.getKernel()[0] : 1;
  int64_t step = (pool ? pool.getStrides()[0] : 1) * shape.strides[0];
  neededRows = (poolRows - 1) * shape.strides[0] +
         (shape.kernel[0] - 1) * shape.dilations[0] + 1;
  newRows = std::min(step, neededRows);
  skipsRows = neededRows < step;
  int64_t height = layout.getPaddedSpatial(input.getShape()).front();
  isWhole =
      height * rowBytes <= CostTable::get(engine.target).wholeRingBytes;
  rows = isWhole ? height : neededRows;
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

TiledProduct::TiledProduct(LayerNest &nest, const Engine &engine,
                           const Tiling &tiling, unsigned index)
    : nest(nest), b(nest.b), engine(engine), tiling(tiling), index(index),
      shape(ProductShape::get(nest.layer, index)), input(nest.inputs[index]) {
  kernelRows = at(shape.kernel, 2, 1);
  kernelColumns = at(shape.kernel, 1, 1);
  rowStride = at(shape.strides, 2, 1);
  columnStride = at(shape.strides, 1, 1);
  rowDilation = at(shape.dilations, 2, 1);
  columnDilation = at(shape.dilations, 1, 1);
  // The begins are the first `rank` pads.
  rowPad = at(shape.pads, 2, 0);
  columnPad = at(shape.pads, 1, 0);
  chunks = engine.getPaddedInputs(shape) / engine.getChunkChannels();
  chunkBytes = engine.getInputChunkBytes(shape);
  weightChunkBytes = engine.getWeightChunkBytes(shape, tiling.vectors);
  blockWeightBytes = shape.getTaps() * chunks * weightChunkBytes;
  if (engine.readsRing(shape))
    ring.emplace(nest.layer, index, engine);
}

Value TiledProduct::getFirstInputRow(Value y) {
  auto [row, column] = nest.getPosition(y, b.index(0), 0);
  return b.add(b.mul(row, rowStride), input.top - rowPad);
}

SmallVector<Value> TiledProduct::getPixels(const Tile &tile, Value kernelRow) {
  auto [y, x] = nest.getPosition(tile.y, tile.x, 0);
  int64_t pixelBytes = ring ? ring->pixelBytes : input.getPixelBytes();
  Value group = b.mul(tile.group, engine.getGroupBytes(shape));
  Value inputRow = b.mul(kernelRow, rowDilation);
  SmallVector<Value> rows; // where the tile's first pixel lies, by pool row
  if (ring) {
    Value first = b.add(getFirstInputRow(tile.y), inputRow);
    Value column = b.add(b.mul(x, columnStride), input.left - columnPad);
    Value start = b.add(b.add(ringOffset, group), b.mul(column, pixelBytes));
    start = b.add(start, b.mul(tile.image, ringStride));
    for (int64_t row = 0; row < nest.poolRows; ++row) {
      Value place = arith::RemUIOp::create(b, b.add(first, row * rowStride),
                                           b.index(ring->rows));
      rows.push_back(b.add(start, b.mul(place, ring->rowBytes)));
    }
  } else {
    Value origin = input.getPixelOffset(
        b, tile.image, b.add(b.mul(y, rowStride), -rowPad),
        b.add(b.mul(x, columnStride), -columnPad));
    origin = b.add(b.add(origin, group), b.mul(inputRow, input.getRowBytes()));
    for (int64_t row = 0; row < nest.poolRows; ++row)
      rows.push_back(b.add(origin, row * rowStride * input.getRowBytes()));
  }
  SmallVector<Value> pixels;
  if (tiling.areImages) {
    for (int64_t image = 0; image < tiling.tilePixels; ++image)
      pixels.push_back(b.add(
          rows.front(), image * (ring ? ringStride : input.getImageBytes())));
    return pixels;
  }
  for (int64_t pixel = 0; pixel < tiling.tilePixels; ++pixel)
    for (int64_t place = 0; place < tiling.poolSize; ++place) {
      int64_t column = pixel * nest.poolColumns + place % nest.poolColumns;
      pixels.push_back(b.add(rows[place / nest.poolColumns],
                             column * columnStride * pixelBytes));
    }
  return pixels;
}

KernelRows TiledProduct::getRowsInside(Value y) {
  KernelRows all{b.index(0), b.index(kernelRows)};
  if (shape.kernel.size() < 2 || rowDilation != 1 ||
      input.layout.getFill() != 0)
    return all;
  // A pool window has several rows: those outside for all of them are skipped.
  int64_t inside = shape.inputSpatial[0] + rowPad;
  int64_t last = (nest.height - nest.poolRows) * rowStride;
  if (rowPad <= (nest.poolRows - 1) * rowStride && inside - last >= kernelRows)
    return all;
  auto [first, column] = nest.getPosition(y, b.index(0), 0);
  Value top = b.mul(first, rowStride);
  Value zero = b.index(0);
  Value firstRow = arith::SubIOp::create(
      b, b.index(rowPad - (nest.poolRows - 1) * rowStride), top);
  Value endRow = arith::SubIOp::create(b, b.index(inside), top);
  return {arith::MaxSIOp::create(b, firstRow, zero),
          arith::MinSIOp::create(b, endRow, all.end)};
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

bool TiledProduct::isStreamed() const {
  return nest.isOnePixel() &&
         (nest.buffers.images ||
          (tiling.areImages ? tiling.getTiles() : nest.images) == 1);
}

void TiledProduct::prefetchNextBlock(const Tile &tile, Value blockWeights,
                                     Value kernelRow) {
  int64_t steps = tiling.getTiles() * nest.pooledHeight * kernelRows;
  int64_t lines = llvm::divideCeil(blockWeightBytes, steps * 64);
  // Few bytes are there at once, and one tile's are asked for on the way.
  if (isStreamed() || (ring && !ring->isWhole) ||
      blockWeightBytes < steps * 64)
    return;
  Value step = arith::DivUIOp::create(b, tiling.areImages ? tile.image : tile.x,
                                      b.index(tiling.tilePixels));
  step = b.add(b.mul(tile.y, tiling.getTiles()), step);
  step = b.add(b.mul(step, kernelRows), kernelRow);
  Value first = b.add(b.add(blockWeights, blockWeightBytes),
                      b.mul(step, lines * 64));
  b.loop(lines, [&](Value line) {
    b.prefetch(nest.buffers.weights[index], b.add(first, b.mul(line, 64)),
               /*first=*/false);
  });
}

SmallVector<Value> TiledProduct::emitRow(ValueRange sums,
                                         ArrayRef<Value> pixels, Value weights,
                                         int64_t numChunks) {
  int64_t bytesAhead = CostTable::get(engine.target).streamBytesAhead;
  auto run = [&](ValueRange before, int64_t inputOffset, Value column,
                 int64_t count) {
    RunOperands operands{ring ? ringBuffer : nest.buffers.inputs[index],
                         nest.buffers.weights[index],
                         {},
                         b.add(weights, b.mul(column, count * weightChunkBytes)),
                         count,
                         isStreamed() ? bytesAhead : 0};
    for (Value pixel : pixels)
      operands.pixels.push_back(b.add(pixel, b.mul(column, inputOffset)));
    return engine.emitRun(b, before, operands, tiling.vectors, shape);
  };
  int64_t pixelBytes = ring ? ring->pixelBytes : input.getPixelBytes();
  // Neighbouring kernel positions of a row are contiguous unless something
  // lies between them.
  bool contiguous = !shape.channelsFirst && columnDilation == 1 &&
                    shape.groups == 1 && pixelBytes == chunks * chunkBytes;
  if (contiguous)
    return run(sums, 0, b.index(0), kernelColumns * numChunks);
  return b.loop(kernelColumns, sums, [&](Value column, ValueRange before) {
    return run(before, columnDilation * pixelBytes, column, numChunks);
  });
}

SmallVector<Value> TiledProduct::emit(const Tile &tile, ValueRange sums,
                                      const KernelRows &rows) {
  int64_t blocks =
      llvm::divideCeil(shape.getGroupOutputs(), tiling.blockChannels);
  Value weights = b.mul(b.add(b.mul(tile.group, blocks), tile.block),
                        blockWeightBytes);
  auto overRows = [&](ValueRange before, Value inputOffset, Value weightOffset,
                      int64_t numChunks) {
    int64_t rowBytes = kernelColumns * numChunks * weightChunkBytes;
    return b.loop(rows.first, rows.end, before,
                  [&](Value row, ValueRange state) {
      prefetchNextBlock(tile, weights, row);
      SmallVector<Value> pixels = getPixels(tile, row);
      for (Value &pixel : pixels)
        pixel = b.add(pixel, inputOffset);
      return emitRow(state, pixels, b.add(weightOffset, b.mul(row, rowBytes)),
                     numChunks);
    });
  };
  if (!shape.channelsFirst)
    return overRows(sums, b.index(0), weights, chunks);
  return b.loop(chunks, sums, [&](Value chunk, ValueRange before) {
    Value chunkWeights =
        b.mul(chunk, shape.getTaps() * weightChunkBytes);
    return overRows(before, b.mul(chunk, chunkBytes),
                    b.add(weights, chunkWeights), 1);
  });
}

SmallVector<SmallVector<Value>> TiledProduct::emitUnits(ValueRange sums) {
  return engine.emitSums(b, sums, tiling.tilePixels * tiling.poolSize,
                         tiling.vectors, shape, nest.getSumUnit(index));
}

//===----------------------------------------------------------------------===//
// The ring
//===----------------------------------------------------------------------===//

bool mlir::dorefa::placeRings(MutableArrayRef<TiledProduct> products,
                              Value buffer, int64_t offset,
                              int64_t imageStride) {
  bool areWhole = true;
  for (TiledProduct &product : products) {
    if (!product.readsRing())
      continue;
    product.setRing(buffer, offset, imageStride);
    offset += product.getRing()->getBytes();
    areWhole &= product.getRing()->isWhole;
  }
  return areWhole;
}

void TiledProduct::emitRing(Value image, Value y, bool isBefore) {
  if (!ring)
    return;
  int64_t before = ring->neededRows - ring->newRows;
  int64_t count = isBefore ? before : ring->newRows;
  if (count == 0)
    return;
  emitRingRows(image, b.add(getFirstInputRow(y), isBefore ? 0 : before), count);
}

void TiledProduct::emitWholeRing(Value image) {
  if (!ring)
    return;
  if (!ring->skipsRows)
    return emitRingRows(image, b.index(0), ring->rows);
  b.loop(nest.pooledHeight, [&](Value y) {
    emitRingRows(image, getFirstInputRow(y), ring->neededRows);
  });
}

void TiledProduct::emitPixelRing(Value image) {
  if (ring && ring->isWhole)
    return emitWholeRing(image);
  emitRing(image, b.index(0), /*isBefore=*/true);
  emitRing(image, b.index(0), /*isBefore=*/false);
}

void TiledProduct::emitRingRows(Value image, Value first, int64_t count) {
  int64_t layoutChunkBytes = input.getPixelBytes() / ring->pixelChunks;
  Value imageRow = b.mul(image, input.paddedHeight);
  b.loop(count, [&](Value i) {
    Value row = b.add(first, i);
    Value from = b.mul(b.add(imageRow, row), input.getRowBytes());
    Value place =
        arith::RemUIOp::create(b, row, b.index(ring->rows));
    Value to = b.add(ringOffset, b.mul(place, ring->rowBytes));
    auto emitChunks = [&](Value chunk, int64_t count) {
      engine.emitInputChunks(b, nest.buffers.inputs[index],
                             b.add(from, b.mul(chunk, layoutChunkBytes)),
                             ringBuffer, b.add(to, b.mul(chunk, chunkBytes)),
                             count);
    };
    int64_t chunks = input.paddedWidth * ring->pixelChunks;
    int64_t atOnce = engine.getChunksAtOnce(), rest = chunks % atOnce;
    b.loop(chunks / atOnce,
           [&](Value i) { emitChunks(b.mul(i, atOnce), atOnce); });
    if (rest > 0)
      b.loop(rest, [&](Value i) { emitChunks(b.add(i, chunks - rest), 1); });
  });
}
