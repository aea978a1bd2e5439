//===- ScheduleCandidates.cpp - engines and tiles of a layer ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/ScheduleCandidates.h"
#include "LayoutPlan.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Channels that tables of 64 entries are written by.
static constexpr int64_t tableChannels = 64;

static SmallVector<ProductShape, 2> getProductShapes(LayerOp layer) {
  SmallVector<ProductShape, 2> shapes;
  for (unsigned i = 0; i < layer.getProducts().size(); ++i)
    shapes.push_back(ProductShape::get(layer, i));
  return shapes;
}

/// What tiles of a layer must cover.
static ResultShape getResultShape(LayerOp layer) {
  ResultShape result;
  if (WindowAttr pool = layer.getPoolAttr())
    result.poolSize = llvm::product_of(pool.getKernel());
  ArrayRef<int64_t> shape = shapeOf(layer.getOutputs()[0]);
  if (shape.size() > 2)
    result.width = shape.back();
  if (shape.size() > 3)
    result.height = shape[2];
  return result;
}

int64_t dorefa::getReadBlockChannels(EngineKind kind) {
  return kind == EngineKind::Lookup64 ? tableChannels : 1;
}

int64_t
dorefa::getBlockChannels(LayerOp layer,
                         const DenseMap<Operation *, EngineKind> &kinds) {
  int64_t channels = 1;
  if (!canWrite(layer, LayoutKind::Lookup64))
    return channels;
  for (Value output : layer.getOutputs())
    for (OpOperand &use : output.getUses()) {
      auto reader = dyn_cast<LayerOp>(use.getOwner());
      auto kind = kinds.find(use.getOwner());
      if (reader && kind != kinds.end() &&
          use.getOperandNumber() < reader.getInputs().size())
        channels = std::max(channels, getReadBlockChannels(kind->second));
    }
  return channels;
}

FailureOr<ScheduleCandidates>
ScheduleCandidates::get(StringRef engine, StringRef tile,
                        const TargetFeatures &machine, Location location) {
  ScheduleCandidates candidates(machine);
  if ((!tile.empty() && failed(candidates.parseTile(tile, location))) ||
      (!engine.empty() && failed(candidates.parseEngine(engine, location))))
    return failure();
  return candidates;
}

LogicalResult ScheduleCandidates::parseEngine(StringRef engine,
                                              Location location) {
  forced = symbolizeEngineKind(engine);
  if (!forced)
    return emitError(location)
           << "unknown engine '" << engine
           << "': expected lookup, lookup64, quad, planes, bytes, winograd or "
              "direct";
  // Reals are computed by one engine, whatever a user says.
  if (forced == EngineKind::Fma)
    return emitError(location)
           << "unsupported engine 'fma' for codes: expected lookup, "
              "lookup64, quad, planes, bytes, winograd or direct";
  return success();
}

LogicalResult ScheduleCandidates::parseTile(StringRef tile, Location location) {
  SmallVector<StringRef> words;
  tile.split(words, 'x');
  SmallVector<int64_t> sizes;
  for (StringRef word : words) {
    int64_t size = 0;
    if (word.getAsInteger(10, size) || size < 1 || size > 64)
      break;
    sizes.push_back(size);
  }
  if (sizes.size() != words.size() || sizes.size() < 2 || sizes.size() > 3)
    return emitError(location)
           << "invalid tile '" << tile
           << "': expected vectors x pixels or vectors x pixels x passes, such "
              "as 4x2 or 4x2x3, each from 1 to 64";
  forcedTile = {sizes[0], sizes[1], sizes.size() > 2 ? sizes[2] : 0};
  return success();
}

bool ScheduleCandidates::isLegal(EngineKind kind, LayerOp layer) const {
  if (kind == EngineKind::Direct)
    return true;
  std::unique_ptr<Engine> engine = Engine::create(kind, machine);
  if (!engine->canCompute(layer))
    return false;
  for (auto [i, shape] : llvm::enumerate(getProductShapes(layer))) {
    // Engines sum in 32 bits.
    if (layer.getAccumulator(i).getType().isInteger(64))
      return false;
    // What becomes a signed number is a constant.
    DenseIntElementsAttr constant;
    Value weights = layer.getWeightOf(i);
    if (weights && shape.weightCode && engine->readsSignedWeights(shape) &&
        !matchPattern(weights, m_Constant(&constant)))
      return false;
  }
  return true;
}

SmallVector<EngineKind> ScheduleCandidates::getEngines(LayerOp layer) const {
  if (forced && isLegal(*forced, layer))
    return {*forced};
  SmallVector<EngineKind> kinds;
  for (EngineKind kind :
       {EngineKind::Direct, EngineKind::Lookup64, EngineKind::Quad,
        EngineKind::Lookup, EngineKind::Planes, EngineKind::Bytes,
        EngineKind::Winograd, EngineKind::Fma})
    if (isLegal(kind, layer))
      kinds.push_back(kind);
  return kinds;
}

SmallVector<PredictedSchedule>
ScheduleCandidates::getAllTiles(LayerOp layer, EngineKind kind,
                                int64_t blockChannels) const {
  SmallVector<ProductShape, 2> products = getProductShapes(layer);
  ResultShape result = getResultShape(layer);
  result.blockChannels = blockChannels;
  // A pass takes rows of the window, where passes are of use to the engine.
  ArrayRef<int64_t> kernel = products.front().kernel;
  bool hasPasses = products.size() == 1 &&
                   CostTable::get(machine).passWeightBytes.count(kind);
  int64_t rows = kernel.size() > 1 && hasPasses ? kernel[0] : 1;
  SmallVector<PredictedSchedule> tiles;
  for (int64_t passes = 1; passes <= rows; ++passes) {
    TileSize tile = forcedTile;
    if (tile.passes == 0)
      tile.passes = passes;
    else if (passes > 1)
      break;
    tiles.append(predictSchedules(layer.getContext(), kind, products, result,
                                  tile, machine));
  }
  return tiles;
}

SmallVector<PredictedSchedule>
ScheduleCandidates::getTilesForReaders(LayerOp layer, EngineKind kind) const {
  SmallVector<PredictedSchedule> tiles =
      getAllTiles(layer, kind, /*blockChannels=*/1);
  bool mayWriteTables = false;
  for (Value output : layer.getOutputs())
    for (Operation *reader : output.getUsers())
      if (auto other = dyn_cast<LayerOp>(reader))
        mayWriteTables |=
            llvm::is_contained(getEngines(other), EngineKind::Lookup64);
  if (mayWriteTables)
    tiles.append(getAllTiles(layer, kind, tableChannels));
  return tiles;
}

PredictedSchedule ScheduleCandidates::predict(LayerOp layer, EngineKind kind,
                                              int64_t blockChannels) const {
  ResultShape result = getResultShape(layer);
  result.blockChannels = blockChannels;
  return predictSchedule(layer.getContext(), kind, getProductShapes(layer),
                         result, forcedTile, machine);
}

EngineKind ScheduleCandidates::predictEngine(LayerOp layer) const {
  std::optional<EngineKind> best;
  double leastCost = 0;
  for (EngineKind kind : getEngines(layer)) {
    double cost = predict(layer, kind, /*blockChannels=*/1).getCost();
    if (best && cost >= leastCost)
      continue;
    best = kind;
    leastCost = cost;
  }
  return *best;
}

double ScheduleCandidates::predictCycles(LayerOp layer) const {
  ScheduleAttr schedule = layer.getScheduleAttr();
  for (int64_t blockChannels : {int64_t(1), tableChannels})
    for (const PredictedSchedule &tile :
         getAllTiles(layer, schedule.getEngine(), blockChannels))
      if (tile.schedule == schedule)
        return tile.cycles;
  // A tile of a user's.
  TileSize tile = {schedule.getVectors(), schedule.getPixels(),
                   schedule.getPasses()};
  return predictSchedule(layer.getContext(), schedule.getEngine(),
                         getProductShapes(layer), getResultShape(layer), tile,
                         machine)
      .cycles;
}

bool ScheduleCandidates::fitsBlocks(ScheduleAttr schedule,
                                    int64_t blockChannels) const {
  std::unique_ptr<Engine> engine =
      Engine::create(schedule.getEngine(), machine);
  return !engine ||
         schedule.getVectors() %
                 llvm::divideCeil(blockChannels, engine->getVectorChannels()) ==
             0;
}
