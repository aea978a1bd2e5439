//===- EngineCost.cpp - predicted time of products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A step is what a tile does with one chunk of input channels. Its time comes
// from the rate of the whole tile; a tile that must be narrower, as rows are
// short or pools keep pixels together, does as many steps with fewer sums, but
// not in less time than latencies allow.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/EngineCost.h"
#include "dorefa/Engine/DirectLayout.h"
#include "dorefa/Engine/Winograd.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

/// A batch that users have: tiles of more images are not better for that.
static constexpr int64_t fewImages = 4;

/// The squares of a result's pixels; the windows of a pool are such.
static ResultShape getSquares(ResultShape result) {
  if (result.poolSize == 1) {
    result.height = llvm::divideCeil(result.height, winograd::square);
    result.width = llvm::divideCeil(result.width, winograd::square);
  }
  result.poolSize = 1;
  return result;
}

/// Whether a tile's sums may be stored between rows of the window; those of two
/// products are not.
static bool hasPasses(const Engine &engine, ArrayRef<ProductShape> products) {
  return !engine.computesSquares() && products.size() == 1;
}

/// Multiply-adds a cycle of a whole tile, 0 if the rate is of other widths.
static double getRate(const TileRate &tile, const ProductShape &shape,
                      const Engine &engine) {
  // A pixel's product that is added to a window's goes along with it.
  bool isAdded = engine.computesSquares() && shape.getTaps() == 1;
  if (!shape.inputCode || isAdded)
    return tile.rate;
  auto [weightBits, inputBits] = engine.getRatedWidths(shape);
  if ((tile.weightBits != 0 && tile.weightBits != weightBits) ||
      (tile.inputBits != 0 && tile.inputBits != inputBits))
    return 0;
  double products = 1;
  if (tile.weightBits == 0 && (tile.engine == EngineKind::Quad ||
                               tile.engine == EngineKind::Lookup))
    products = weightBits;
  if (tile.weightBits == 0 && tile.engine == EngineKind::Planes)
    products = weightBits * inputBits;
  return tile.rate / products;
}

namespace {
/// The time of a layer in tiles of one size.
class TilePrediction {
public:
  TilePrediction(MLIRContext *context, const Engine &engine,
                 const CostTable &table, ArrayRef<ProductShape> products,
                 const ResultShape &result)
      : context(context), engine(engine), table(table), products(products),
        result(engine.computesSquares() ? getSquares(result) : result) {}

  /// No time if the tile is none for these products.
  std::optional<PredictedSchedule> predict(const TileRate &rate,
                                           const TileSize &forced) const;

private:
  /// The time of an image, where so many of one pixel share a tile.
  double getCycles(const TileRate &rate, int64_t vectors, int64_t pixels,
                   int64_t passes, int64_t images) const;
  double getStepCycles(const ProductShape &shape, const TileRate &rate,
                       int64_t sums) const;
  /// Cycles of building tables, transforming patches and the like for the whole
  /// input.
  double getRingCycles(const ProductShape &shape) const;
  /// Bytes of a block's weights.
  int64_t getBlockBytes(const ProductShape &shape, int64_t vectors) const {
    return engine.getPositions(shape) * engine.getPaddedInputs(shape) /
           engine.getChunkChannels() *
           engine.getWeightChunkBytes(shape, vectors);
  }
  int64_t choosePasses(int64_t vectors, int64_t tiles) const;
  /// Cycles in which memory has the weights of a layer of one pixel.
  double getStreamCycles(int64_t vectors) const;
  /// Images of a tile of a layer with one pixel.
  int64_t chooseImages(int64_t vectors) const;

  MLIRContext *context;
  const Engine &engine;
  const CostTable &table;
  ArrayRef<ProductShape> products;
  /// In pixels of tiles.
  ResultShape result;
};
} // namespace

double TilePrediction::getStepCycles(const ProductShape &shape,
                                     const TileRate &rate, int64_t sums) const {
  int64_t whole = rate.vectors * rate.pixels;
  double cycles = double(whole) * engine.getVectorChannels() *
                  engine.getChunkChannels() / getRate(rate, shape, engine);
  return cycles * std::max(sums, std::min(whole, table.latencySums)) / whole;
}

double TilePrediction::getRingCycles(const ProductShape &shape) const {
  if (engine.computesSquares())
    return table.patchChunkCycles * result.height * result.width *
           llvm::divideCeil(shape.inputChannels, 16);
  if (!engine.readsRing(shape))
    return 0;
  double rows = 1; // the part of them that windows read
  if (shape.kernel.size() > 1)
    rows = std::min(1.0, double((shape.kernel[0] - 1) * shape.dilations[0] + 1) /
                             shape.strides[0]);
  return table.ringChunkCycles * rows * llvm::product_of(shape.inputSpatial) *
         llvm::divideCeil(shape.inputChannels, 16);
}

int64_t TilePrediction::choosePasses(int64_t vectors, int64_t tiles) const {
  const ProductShape &shape = products.front();
  int64_t rows = shape.kernel.size() > 1 ? shape.kernel.front() : 1;
  auto near = table.passWeightBytes.find(engine.kind);
  if (tiles == 1 || near == table.passWeightBytes.end())
    return 1;
  return std::min<int64_t>(
      rows, llvm::divideCeil(getBlockBytes(shape, vectors), near->second));
}

double TilePrediction::getStreamCycles(int64_t vectors) const {
  if (result.width * result.height * result.poolSize > 1)
    return 0;
  double bytes = 0;
  for (const ProductShape &shape : products)
    bytes += double(getBlockBytes(shape, vectors)) * shape.groups *
             llvm::divideCeil(shape.getGroupOutputs(),
                              vectors * engine.getVectorChannels());
  // Few bytes stay in the cache from one image to the next.
  return bytes > table.wholeRingBytes ? bytes / 64 * table.streamLineCycles : 0;
}

int64_t TilePrediction::chooseImages(int64_t vectors) const {
  int64_t images = 1;
  for (const TileRate &rate : table.tiles)
    if (rate.engine == engine.kind && rate.vectors >= vectors &&
        llvm::all_of(products, [&](const ProductShape &shape) {
          return getRate(rate, shape, engine) != 0;
        }))
      images = std::max(images, rate.pixels);
  return images;
}

std::optional<PredictedSchedule>
TilePrediction::predict(const TileRate &rate, const TileSize &forced) const {
  const ProductShape &first = products.front();
  int64_t lanes = engine.getVectorChannels();
  int64_t step = llvm::divideCeil(result.blockChannels, lanes);
  int64_t total = llvm::divideCeil(first.getGroupOutputs(), lanes);
  int64_t vectors = forced.vectors > 0 ? forced.vectors
                                       : std::min(rate.vectors, total);
  vectors = llvm::alignTo(vectors, step);
  int64_t pixels = forced.pixels > 0 ? forced.pixels : rate.pixels;
  pixels = std::clamp<int64_t>(pixels / result.poolSize, 1, result.width);
  // The schedule of one image has several in a tile where there are more.
  bool isOnePixel = result.height * result.width * result.poolSize == 1 &&
                    !engine.computesSquares();
  int64_t images = !isOnePixel         ? 1
                   : forced.pixels > 0 ? forced.pixels
                                       : chooseImages(vectors);
  for (const ProductShape &shape : products)
    if (getRate(rate, shape, engine) == 0)
      return std::nullopt;
  int64_t passes = !hasPasses(engine, products) ? 1
                   : forced.passes > 0
                       ? forced.passes
                       : choosePasses(vectors,
                                      llvm::divideCeil(result.width, pixels));
  int64_t scheduledPixels = isOnePixel ? images : pixels * result.poolSize;
  return PredictedSchedule{
      ScheduleAttr::get(context, engine.kind, vectors, scheduledPixels, passes),
      getCycles(rate, vectors, pixels, passes, /*images=*/1),
      getCycles(rate, vectors, pixels, passes, std::min(images, fewImages))};
}

double TilePrediction::getCycles(const TileRate &rate, int64_t vectors,
                                 int64_t pixels, int64_t passes,
                                 int64_t images) const {
  const ProductShape &first = products.front();
  int64_t blocks = first.groups *
                   llvm::divideCeil(first.getGroupOutputs(),
                                    vectors * engine.getVectorChannels());
  int64_t sums = vectors * pixels * result.poolSize * images;
  double tiles = double(llvm::divideCeil(result.width, pixels)) *
                 result.height * blocks / images;
  // Between passes each sum is stored and loaded.
  double cycles = tiles * (table.tileCycles + 2.0 * (passes - 1) * sums);
  if (engine.computesSquares())
    cycles += tiles * sums * table.squareCycles;
  for (const ProductShape &shape : products) {
    int64_t steps = engine.getRuns(shape) * engine.getPaddedInputs(shape) /
                    engine.getChunkChannels();
    double tileCycles = steps * getStepCycles(shape, rate, sums);
    int64_t bytes = getBlockBytes(shape, vectors);
    if (bytes / passes > table.nearWeightBytes)
      tileCycles = std::max(tileCycles, bytes / 64 * table.lineCycles);
    cycles += getRingCycles(shape) + tiles * tileCycles;
  }
  // More sums than were measured do not fit the registers; fewer vectors share
  // less of what a pixel costs.
  if (sums > rate.vectors * rate.pixels)
    cycles *= 2;
  if (vectors < rate.vectors)
    cycles *= 1.5;
  // Neither hides all of the other.
  return std::hypot(cycles, getStreamCycles(vectors) / images);
}

/// Plain loops.
static double predictDirectCycles(const ProductShape &shape,
                                  const CostTable &table) {
  double rate = table.directRate;
  if (shape.isChannelwise())
    rate = table.directChannelwiseRate /
           (hasNarrowDirectSums(shape, /*weight=*/{}) ? 1 : 2); // by widths alone
  return shape.getMultiplyAdds() / rate;
}

/// Adds a schedule, or the lesser time of one that is there.
static void addSchedule(SmallVectorImpl<PredictedSchedule> &schedules,
                        const PredictedSchedule &added) {
  for (PredictedSchedule &known : schedules)
    if (known.schedule == added.schedule) {
      known.cycles = std::min(known.cycles, added.cycles);
      known.cyclesOfFew = std::min(known.cyclesOfFew, added.cyclesOfFew);
      return;
    }
  schedules.push_back(added);
}

SmallVector<PredictedSchedule> mlir::dorefa::predictSchedules(
    MLIRContext *context, EngineKind kind, ArrayRef<ProductShape> products,
    const ResultShape &result, const TileSize &forced,
    const TargetFeatures &target) {
  SmallVector<PredictedSchedule> schedules;
  PredictedSchedule plain{ScheduleAttr::get(context, kind, 1, 1, /*passes=*/1),
                          std::numeric_limits<double>::infinity()};
  const CostTable &table = CostTable::get(target);
  std::unique_ptr<Engine> engine = Engine::create(kind, target);
  if (!engine) {
    plain.cycles = 0;
    for (const ProductShape &shape : products)
      plain.cycles += predictDirectCycles(shape, table);
    plain.cyclesOfFew = plain.cycles;
    return {plain};
  }
  TilePrediction prediction(context, *engine, table, products, result);
  for (const TileRate &rate : table.tiles)
    if (rate.engine == kind)
      if (std::optional<PredictedSchedule> tile =
              prediction.predict(rate, forced))
        addSchedule(schedules, *tile);
  if (schedules.empty()) {
    // Without rates, which a user may ask for.
    int64_t step = llvm::divideCeil(result.blockChannels,
                                    engine->getVectorChannels());
    plain.schedule = ScheduleAttr::get(
        context, kind,
        llvm::alignTo(std::max<int64_t>(forced.vectors, 1), step),
        std::max<int64_t>(forced.pixels, 1),
        hasPasses(*engine, products) ? std::max<int64_t>(forced.passes, 1) : 1);
    schedules.push_back(plain);
  }
  return schedules;
}

PredictedSchedule mlir::dorefa::predictSchedule(
    MLIRContext *context, EngineKind kind, ArrayRef<ProductShape> products,
    const ResultShape &result, const TileSize &forced,
    const TargetFeatures &target) {
  SmallVector<PredictedSchedule> schedules =
      predictSchedules(context, kind, products, result, forced, target);
  return *llvm::min_element(schedules, [](const auto &a, const auto &b) {
    return a.getCost() < b.getCost();
  });
}
