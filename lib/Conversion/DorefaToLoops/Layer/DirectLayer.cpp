//===- DirectLayer.cpp - products by plain loops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Depthwise convolutions and sums go along a row with a unit of channels, whose
// weights and parameters are loaded once, a few pixels at a time. All else that
// no engine takes, and layers without products, go over the channels at each
// pixel.
//
//===----------------------------------------------------------------------===//

#include "DirectProduct.h"
#include "LayerLoops.h"

using namespace mlir;
using namespace mlir::dorefa;

using TileBody = function_ref<void(Value image, Value y, Value x,
                                   int64_t pixels, Value channel)>;

/// `pixels` pixels of a row at a time, then what is left of it.
static void overRow(LayerNest &nest, int64_t pixels,
                    function_ref<void(Value, int64_t)> body) {
  KernelBuilder &b = nest.b;
  int64_t tiles = nest.pooledWidth / pixels;
  if (tiles > 0)
    b.loop(tiles, [&](Value tile) { body(b.mul(tile, pixels), pixels); });
  if (int64_t left = nest.pooledWidth % pixels)
    body(b.index(tiles * pixels), left);
}

static void overUnits(LayerNest &nest, function_ref<void(Value)> body) {
  KernelBuilder &b = nest.b;
  b.loop(llvm::divideCeil(nest.channels, nest.unit),
         [&](Value unit) { body(b.mul(unit, nest.unit)); });
}

/// for image, row, pixel, unit of channels.
static void overPixels(LayerNest &nest, WorkItems &items, TileBody body) {
  auto emitRow = [&](ValueRange row, Value) {
    overRow(nest, /*pixels=*/1, [&](Value x, int64_t pixels) {
      overUnits(nest, [&](Value channel) {
        nest.epilogue.loadParameters(nest.b, channel);
        body(row[0], row[1], x, pixels, channel);
      });
    });
  };
  items.emit(nest.b, {nest.images, nest.pooledHeight}, emitRow);
}

/// for image, row, unit of channels, `pixels` pixels.
static void overChannels(LayerNest &nest, WorkItems &items, int64_t pixels,
                         function_ref<void(Value)> loadUnit, TileBody body) {
  auto emitRow = [&](ValueRange row, Value) {
    overUnits(nest, [&](Value channel) {
      nest.epilogue.loadParameters(nest.b, channel);
      loadUnit(channel);
      overRow(nest, pixels, [&](Value x, int64_t count) {
        body(row[0], row[1], x, count, channel);
      });
    });
  };
  items.emit(nest.b, {nest.images, nest.pooledHeight}, emitRow);
}

LogicalResult mlir::dorefa::emitDirectLayer(LayerNest &nest,
                                            WorkItems &items) {
  SmallVector<DirectProduct, 0> products;
  for (unsigned i = 0; i < nest.layer.getProducts().size(); ++i)
    products.emplace_back(nest, i);
  int64_t poolSize = nest.getPoolSize();
  auto emitTile = [&](Value image, Value y, Value x, int64_t pixels,
                      Value channel) {
    KernelBuilder &b = nest.b;
    SmallVector<std::pair<Value, Value>> positions;
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      for (int64_t place = 0; place < poolSize; ++place)
        positions.push_back(nest.getPosition(y, b.add(x, pixel), place));
    SmallVector<SmallVector<Value>> sums;
    for (DirectProduct &product : products)
      sums.push_back(product.emit(image, positions, channel));
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      nest.emitPixel(image, y, b.add(x, pixel), channel, [&](int64_t place) {
        return llvm::map_to_vector(sums, [&](ArrayRef<Value> ofProduct) {
          return ofProduct[pixel * poolSize + place];
        });
      }, nest.unit);
  };
  if (!llvm::all_of(products, [](const DirectProduct &product) {
        return product.isChannelwise();
      })) {
    overPixels(nest, items, emitTile);
    return success();
  }
  // Sums of this many pixels hide each other's latency, in the registers of any
  // target.
  constexpr int64_t sumsInFlight = 4;
  int64_t tilePixels = std::max<int64_t>(1, sumsInFlight / poolSize);
  auto loadWindows = [&](Value channel) {
    for (DirectProduct &product : products)
      product.loadWindow(channel, tilePixels * poolSize);
  };
  overChannels(nest, items, tilePixels, loadWindows, emitTile);
  return success();
}

LogicalResult mlir::dorefa::emitPixelwiseLayer(LayerNest &nest,
                                               WorkItems &items) {
  overPixels(nest, items,
             [&](Value image, Value y, Value x, int64_t, Value channel) {
               nest.emitPixel(image, y, x, channel, [](int64_t) {
                 return SmallVector<Value>();
               }, nest.unit);
             });
  return success();
}
