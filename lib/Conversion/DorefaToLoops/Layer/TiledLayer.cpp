//===- TiledLayer.cpp - products in register tiles ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A row of tiles is a block of output channels at one row of the result. Where
// the input is read as it is, all rows of a block come before the next block,
// so that its weights stay close; where it goes through a ring that does not hold
// all of it, all blocks of a row do, so that it is brought into the ring once.
//
//   for group, block, image, row:      or image, row, group, block:  ring
//     for each pass but the last:
//       for tile:  sums from memory, its kernel rows, sums to memory
//     for tile:
//       the last pass's kernel rows, of each product
//       for each unit of channels, for each pixel: epilogue, pool, stores
//
// Where an image has one pixel, as in a matrix product, the pixels of a tile are
// those of several images, so that these read the weights of a block once. How
// many images there are may be known at run time alone: tiles become smaller
// towards the last ones then.
//
//   for group, block:
//     for each size of tiles, half of the one before:
//       for tile:  the kernel rows, of each product; epilogue, stores
//
// Threads share the rows of tiles, numbered in this order, so that each reads as
// few weights as possible; each has a ring of its own, which it fills at the first
// of its rows of tiles and when the row of the result changes.
//
// The last tile of a row is moved back so that all tiles have one size; what
// two tiles compute twice has the same bits, and sums lie in memory apart.
//
//===----------------------------------------------------------------------===//

#include "TiledProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class TiledNest {
public:
  TiledNest(LayerNest &nest, const Engine &engine, WorkItems &items)
      : nest(nest), b(nest.b), items(items), engine(engine),
        tiling(nest.layer, engine,
               /*forImages=*/nest.buffers.images != nullptr) {
    for (unsigned i = 0; i < nest.layer.getProducts().size(); ++i)
      products.emplace_back(nest, engine, tiling, i);
    blocks = llvm::divideCeil(getShape().getGroupOutputs(),
                              tiling.blockChannels);
  }

  LogicalResult emit();

private:
  using Units = SmallVector<SmallVector<Value>>;

  const ProductShape &getShape() const { return products.front().getShape(); }
  void emitRows();
  void emitImages();
  void emitImagesAtRunTime();
  void emitRingedRows();
  /// Fills the rings for a row of tiles, as far as they are not yet.
  void emitRings(const Tile &row, Value isFirst);
  void emitRowOfTiles(const Tile &row);
  void emitTile(const Tile &tile, Value index, const KernelRows &inside);
  void emitPass(const Tile &row, Value pass, const KernelRows &inside);
  /// The kernel rows of a pass.
  KernelRows getRowsOfPass(Value pass, const KernelRows &inside);
  void overTiles(const Tile &row, function_ref<void(const Tile &, Value)> body);
  SmallVector<Value> createSums(const TiledProduct &product) {
    return engine.createSums(b, product.getShape(),
                             tiling.tilePixels * tiling.poolSize,
                             tiling.vectors);
  }
  /// The partial sums of tile number `index`.
  SmallVector<Value> loadSums(const TiledProduct &product, Value index);
  void storeSums(ValueRange sums, Value index);
  void emitEpilogue(const Tile &tile, ArrayRef<Units> sums);

  LayerNest &nest;
  KernelBuilder &b;
  WorkItems &items;
  const Engine &engine;
  Tiling tiling;
  SmallVector<TiledProduct, 0> products;
  int64_t blocks;
};
} // namespace

LogicalResult TiledNest::emit() {
  if (tiling.blockChannels % nest.unit != 0)
    return nest.layer.emitError()
           << "expected tiles of a multiple of " << nest.unit
           << " channels, as a result's layout wants them";
  if (nest.buffers.images) {
    placeRings(products, nest.buffers.rings, /*offset=*/0,
               nest.buffers.ringStride);
    emitImagesAtRunTime();
    return success();
  }
  bool readsRing = llvm::any_of(
      products, [](const TiledProduct &product) { return product.readsRing(); });
  bool areWhole = placeRings(products, nest.buffers.scratch,
                             tiling.getSumBytes(), /*imageStride=*/0);
  if (readsRing && !(areWhole && nest.images == 1)) {
    emitRingedRows();
    return success();
  }
  if (readsRing)
    for (TiledProduct &product : products)
      product.emitWholeRing(b.index(0));
  if (tiling.areImages)
    emitImages();
  else
    emitRows();
  return success();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void TiledNest::emitRows() {
  auto emitItem = [&](ValueRange at, Value) {
    emitRowOfTiles({at[2], at[0], at[1], at[3], Value()});
  };
  items.emit(b, {getShape().groups, blocks, nest.images, nest.pooledHeight},
             emitItem);
}

void TiledNest::emitImages() {
  auto emitItem = [&](ValueRange at, Value) {
    Value image = b.mul(at[2], tiling.tilePixels);
    if (tiling.rowPixels % tiling.tilePixels != 0)
      image = arith::MinUIOp::create(
          b, image, b.index(tiling.rowPixels - tiling.tilePixels));
    Tile tile{image, at[0], at[1], b.index(0), b.index(0)};
    emitTile(tile, b.index(0), products.front().getRowsInside(tile.y));
  };
  items.emit(b, {getShape().groups, blocks, tiling.getTiles()}, emitItem);
}

void TiledNest::emitImagesAtRunTime() {
  struct Tiles {
    int64_t images;
    Value first, count;
  };
  SmallVector<Tiles> sizes;
  Value first = b.index(0);
  for (int64_t size = nest.layer.getScheduleAttr().getPixels(); size > 0;
       size = size == 1 ? 0 : llvm::divideCeil(size, 2)) {
    Value rest = arith::SubIOp::create(b, nest.buffers.images, first);
    Value count = b.createOrFold<arith::DivUIOp>(rest, b.index(size));
    sizes.push_back({size, first, count});
    first = b.add(first, b.mul(count, size));
  }
  auto emitItem = [&](ValueRange at, Value) {
    for (const Tiles &tiles : sizes) {
      tiling.tilePixels = tiles.images;
      b.loop(b.index(0), tiles.count, {}, [&](Value index, ValueRange) {
        Value image = b.add(tiles.first, b.mul(index, tiles.images));
        Tile tile{image, at[0], at[1], b.index(0), b.index(0)};
        emitTile(tile, b.index(0), products.front().getRowsInside(tile.y));
        return SmallVector<Value>();
      });
    }
  };
  items.emit(b, {getShape().groups, blocks}, emitItem);
}

void TiledNest::emitRingedRows() {
  auto emitItem = [&](ValueRange at, Value isFirst) {
    Tile row{at[0], at[2], at[3], at[1], Value()};
    emitRings(row, isFirst);
    emitRowOfTiles(row);
  };
  items.emit(b, {nest.images, nest.pooledHeight, getShape().groups, blocks},
             emitItem);
}

void TiledNest::emitRings(const Tile &row, Value isFirst) {
  auto isZero = [&](Value index) -> Value {
    return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, index,
                                         b.index(0));
  };
  auto emitIf = [&](Value condition, bool isBefore) {
    condition = b.createOrFold<arith::OrIOp>(condition, isFirst);
    OpBuilder::InsertionGuard insertion(b);
    auto choice = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
    b.setInsertionPointToStart(choice.thenBlock());
    for (TiledProduct &product : products)
      product.emitRing(row.image, row.y, isBefore);
  };
  emitIf(isZero(row.y), /*isBefore=*/true);
  emitIf(b.createOrFold<arith::AndIOp>(isZero(row.group), isZero(row.block)),
         /*isBefore=*/false);
}

void TiledNest::overTiles(const Tile &row,
                          function_ref<void(const Tile &, Value)> body) {
  b.loop(tiling.getTiles(), [&](Value index) {
    Tile tile = row;
    tile.x = b.mul(index, tiling.tilePixels);
    if (tiling.rowPixels % tiling.tilePixels != 0)
      tile.x = arith::MinUIOp::create(
          b, tile.x, b.index(tiling.rowPixels - tiling.tilePixels));
    body(tile, index);
  });
}

void TiledNest::emitRowOfTiles(const Tile &row) {
  KernelRows inside = products.front().getRowsInside(row.y);
  Value last = b.index(tiling.passes - 1);
  if (tiling.passes > 1)
    b.loop(b.index(0), last, {}, [&](Value pass, ValueRange) {
      emitPass(row, pass, inside);
      return SmallVector<Value>();
    });
  overTiles(row, [&](const Tile &tile, Value index) {
    emitTile(tile, index, inside);
  });
}

void TiledNest::emitTile(const Tile &tile, Value index,
                         const KernelRows &inside) {
  SmallVector<Value> sums;
  Value last = b.index(tiling.passes - 1);
  for (auto [i, product] : llvm::enumerate(products)) {
    if (i > 0)
      storeSums(sums, b.index(i - 1));
    KernelRows rows = i == 0 ? inside : product.getRowsInside(tile.y);
    sums = tiling.passes == 1
               ? product.emit(tile, createSums(product), rows)
               : product.emit(tile, loadSums(product, index),
                              getRowsOfPass(last, inside));
  }
  // Known to be the stored ones, the sums would stay in registers through the
  // loops of the other products.
  SmallVector<Units> units;
  for (auto [i, product] : llvm::enumerate(products))
    units.push_back(product.emitUnits(
        i + 1 == products.size() ? sums
                                 : loadSums(product, b.hide(b.index(i)))));
  emitEpilogue(tile, units);
}

KernelRows TiledNest::getRowsOfPass(Value pass, const KernelRows &inside) {
  int64_t perPass =
      llvm::divideCeil(products.front().getKernelRows(), tiling.passes);
  Value first = b.mul(pass, perPass);
  return {b.createOrFold<arith::MaxSIOp>(inside.first, first),
          b.createOrFold<arith::MinSIOp>(inside.end, b.add(first, perPass))};
}

void TiledNest::emitPass(const Tile &row, Value pass,
                         const KernelRows &inside) {
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, pass,
                                        b.index(0));
  KernelRows rows = getRowsOfPass(pass, inside);
  overTiles(row, [&](const Tile &tile, Value index) {
    TiledProduct &product = products.front();
    SmallVector<Value> zeros = createSums(product);
    auto choice = scf::IfOp::create(b, ValueRange(zeros).getTypes(), isFirst,
                                    /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard insertion(b);
      b.setInsertionPointToStart(choice.thenBlock());
      scf::YieldOp::create(b, zeros);
      b.setInsertionPointToStart(choice.elseBlock());
      scf::YieldOp::create(b, loadSums(product, index));
    }
    storeSums(product.emit(tile, choice.getResults(), rows), index);
  });
}

//===----------------------------------------------------------------------===//
// Sums in memory
//===----------------------------------------------------------------------===//

static int64_t getVectorBytes(Value vector) {
  auto type = cast<VectorType>(vector.getType());
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

SmallVector<Value> TiledNest::loadSums(const TiledProduct &product,
                                       Value index) {
  Value offset = b.mul(index, tiling.tileSumBytes);
  SmallVector<Value> sums = createSums(product);
  for (Value &sum : sums) {
    int64_t bytes = getVectorBytes(sum);
    sum = b.loadVector(nest.buffers.scratch, offset, cast<VectorType>(sum.getType()));
    offset = b.add(offset, bytes);
  }
  return sums;
}

void TiledNest::storeSums(ValueRange sums, Value index) {
  Value offset = b.mul(index, tiling.tileSumBytes);
  for (Value sum : sums) {
    b.storeVector(sum, nest.buffers.scratch, offset);
    offset = b.add(offset, getVectorBytes(sum));
  }
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void TiledNest::emitEpilogue(const Tile &tile, ArrayRef<Units> sums) {
  auto emitUnit = [&](int64_t unit, Value channel, int64_t lanes) {
    for (int64_t pixel = 0; pixel < tiling.tilePixels; ++pixel)
      nest.emitPixel(
          b.add(tile.image, tiling.areImages ? pixel : 0), tile.y,
          b.add(tile.x, tiling.areImages ? 0 : pixel), channel,
          [&](int64_t place) {
            SmallVector<Value> accumulators;
            for (const Units &product : sums)
              accumulators.push_back(
                  product[pixel * tiling.poolSize + place][unit]);
            return accumulators;
          },
          lanes);
  };
  nest.emitUnits(getShape(), tiling.blockChannels, tile.group, tile.block,
                 emitUnit);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

LogicalResult mlir::dorefa::emitTiledLayer(LayerNest &nest, const Engine &engine,
                                           WorkItems &items) {
  return TiledNest(nest, engine, items).emit();
}
