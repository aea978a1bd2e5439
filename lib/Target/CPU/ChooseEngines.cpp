//===- ChooseEngines.cpp - choose engine and tile of each layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For each layer, of the engines that are legal for all its products, the one
// with the least time; the direct engine is always legal, so there is one. A
// forced engine wins wherever it is legal. Tiles are chosen afterwards, for the
// first product, the rows of the result, and the engines that read it. Times
// are predicted, or measured ones of a file where it has the layer. With these
// an engine also pays for what it makes slower: blocks of 64 channels, where it
// wants tables to be written, may not be the fastest for the layer in front.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/MeasuredTimes.h"
#include "dorefa/Target/CPU/Passes.h"
#include "dorefa/Target/CPU/ScheduleCandidates.h"
#include "dorefa/Target/CPU/TargetRequest.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_CHOOSEENGINES
#include "dorefa/Target/CPU/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

namespace {
struct MeasuredSchedule {
  ScheduleAttr schedule;
  double time;
};

struct ChooseEnginesPass
    : public mlir::dorefa::impl::ChooseEnginesBase<ChooseEnginesPass> {
  using ChooseEnginesBase::ChooseEnginesBase;

  LogicalResult initialize(MLIRContext *context) override {
    Location location = UnknownLoc::get(context);
    FailureOr<TargetFeatures> machine =
        findTargetFeatures({target, triple, cpu, features}, location);
    if (failed(machine))
      return failure();
    FailureOr<ScheduleCandidates> found =
        ScheduleCandidates::get(engine, tile, *machine, location);
    if (failed(found))
      return failure();
    candidates = *found;
    measured = MeasuredTimes();
    return times.empty() ? success() : readTimes(location);
  }

  void runOnOperation() override {
    SmallVector<LayerOp> layers;
    getOperation().walk([&](LayerOp layer) {
      if (!layer.getProducts().empty())
        layers.push_back(layer);
    });
    keepsPrediction = isPredictionBetter(layers);
    kinds.clear();
    // Readers come first, as blocks must fit their engines.
    for (LayerOp layer : llvm::reverse(layers))
      if (failed(chooseKind(layer)))
        return signalPassFailure();
    // Tiles depend on the engines of those that read their results.
    for (LayerOp layer : layers)
      if (!layer.getScheduleAttr())
        layer.setScheduleAttr(chooseTile(layer));
    for (LayerOp layer : layers)
      noteTime(layer);
  }

private:
  LogicalResult readTimes(Location location);
  bool isPredictionBetter(ArrayRef<LayerOp> layers);
  void noteTime(LayerOp layer);
  LogicalResult chooseKind(LayerOp layer);
  ScheduleAttr chooseTile(LayerOp layer);
  std::optional<MeasuredSchedule> findFastest(LayerOp layer,
                                              ArrayRef<EngineKind> engines,
                                              int64_t blockChannels,
                                              bool paysForBlocks = false);
  double getBlockCost(LayerOp layer, EngineKind kind);

  std::optional<ScheduleCandidates> candidates;
  /// What is known of the network's layers.
  MeasuredTimes measured;
  bool keepsPrediction = false;
  DenseMap<Operation *, EngineKind> kinds;
};
} // namespace

LogicalResult ChooseEnginesPass::readTimes(Location location) {
  llvm::Expected<TimesFile> file = TimesFile::read(times);
  if (!file)
    return emitError(location) << llvm::toString(file.takeError());
  auto found = file->sections.find(section);
  if (found != file->sections.end())
    measured = std::move(found->second.times);
  return success();
}

/// Whether the network became no faster by the times of its layers.
bool ChooseEnginesPass::isPredictionBetter(ArrayRef<LayerOp> layers) {
  if (measured.networks.empty())
    return false;
  SmallVector<std::string> keys;
  for (LayerOp layer : layers)
    keys.push_back(getLayerKey(layer));
  return measured.isPredictionBetter(getNetworkKey(keys, engine, tile));
}

/// For the report.
void ChooseEnginesPass::noteTime(LayerOp layer) {
  if (measured.layers.empty())
    return;
  if (std::optional<double> time =
          measured.find(getLayerKey(layer), layer.getScheduleAttr()))
    layer->setAttr("dorefa.measured_ns", Builder(layer).getF64FloatAttr(*time));
}

/// Of the schedules of some engines that were measured, the fastest, if any
/// was.
std::optional<MeasuredSchedule>
ChooseEnginesPass::findFastest(LayerOp layer, ArrayRef<EngineKind> engines,
                               int64_t blockChannels, bool paysForBlocks) {
  std::optional<MeasuredSchedule> fastest;
  if (measured.layers.empty() || keepsPrediction)
    return fastest;
  std::string key = getLayerKey(layer);
  for (EngineKind kind : engines) {
    double cost = paysForBlocks ? getBlockCost(layer, kind) : 0;
    for (const PredictedSchedule &tile :
         candidates->getAllTiles(layer, kind, blockChannels)) {
      std::optional<double> time = measured.find(key, tile.schedule);
      if (time && (!fastest || *time + cost < fastest->time))
        fastest = {tile.schedule, *time + cost};
    }
  }
  return fastest;
}

/// What the layers in front of a layer take longer if their blocks must fit an
/// engine of its.
double ChooseEnginesPass::getBlockCost(LayerOp layer, EngineKind kind) {
  double cost = 0;
  for (Value input : layer.getInputs()) {
    auto writer = input.getDefiningOp<LayerOp>();
    if (!writer || writer.getProducts().empty() || writer.getScheduleAttr())
      continue;
    SmallVector<EngineKind> engines = candidates->getEngines(writer);
    int64_t others = getBlockChannels(writer, kinds);
    auto free = findFastest(writer, engines, others);
    auto bound = findFastest(writer, engines,
                             std::max(others, getReadBlockChannels(kind)));
    if (free && bound)
      cost += bound->time - free->time;
  }
  return cost;
}

LogicalResult ChooseEnginesPass::chooseKind(LayerOp layer) {
  if (ScheduleAttr schedule = layer.getScheduleAttr()) {
    if (!candidates->isLegal(schedule.getEngine(), layer))
      return layer.emitOpError() << "the engine of " << schedule
                                 << " cannot compute this layer on the target";
    kinds[layer] = schedule.getEngine();
    return success();
  }
  SmallVector<EngineKind> engines = candidates->getEngines(layer);
  if (auto fastest = findFastest(layer, engines, getBlockChannels(layer, kinds),
                                 /*paysForBlocks=*/true)) {
    kinds[layer] = fastest->schedule.getEngine();
    return success();
  }
  kinds[layer] = candidates->predictEngine(layer);
  return success();
}

ScheduleAttr ChooseEnginesPass::chooseTile(LayerOp layer) {
  EngineKind kind = kinds.lookup(layer);
  int64_t blockChannels = getBlockChannels(layer, kinds);
  if (auto fastest = findFastest(layer, kind, blockChannels))
    return fastest->schedule;
  return candidates->predict(layer, kind, blockChannels).schedule;
}
