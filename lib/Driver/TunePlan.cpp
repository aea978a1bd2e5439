//===- TunePlan.cpp - what is to be measured ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TunePlan.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Predictions are rarely further off than this, so what is predicted slower
/// will not be the fastest.
static constexpr double worstPrediction = 1.6;
/// Schedules of a layer that are measured at most.
static constexpr size_t mostSchedules = 8;

TunePlan::TunePlan(ModuleOp module, const ScheduleCandidates &candidates,
                   const MeasuredTimes &known)
    : candidates(candidates) {
  module.walk([&](LayerOp layer) {
    if (!layer.getProducts().empty() && !layer.getScheduleAttr())
      layers.push_back(layer);
  });
  Builder builder(module.getContext());
  for (auto [i, layer] : llvm::enumerate(layers)) {
    keys.push_back(getLayerKey(layer));
    findUnknown(i, known);
    layer->setLoc(FusedLoc::get({layer.getLoc()}, builder.getIndexAttr(i),
                                module.getContext()));
  }
  for (const auto &[key, schedules] : unknown)
    numSchedules += schedules.size();
  while (addRound())
    ;
}

/// The schedules of a layer that may be the fastest, whoever reads it.
void TunePlan::findUnknown(size_t layer, const MeasuredTimes &known) {
  if (best.count(keys[layer]))
    return;
  SmallVector<PredictedSchedule> all;
  for (EngineKind kind : candidates.getEngines(layers[layer]))
    all.append(candidates.getTilesForReaders(layers[layer], kind));
  llvm::stable_sort(all, [](const auto &a, const auto &b) {
    return a.getCost() < b.getCost();
  });
  SmallVector<ScheduleAttr> &few = best[keys[layer]];
  for (const PredictedSchedule &candidate : all) {
    if (candidate.getCost() > worstPrediction * all.front().getCost() ||
        few.size() == mostSchedules)
      break;
    if (!llvm::is_contained(few, candidate.schedule))
      few.push_back(candidate.schedule);
  }
  for (ScheduleAttr schedule : few)
    if (!known.find(keys[layer], schedule))
      unknown[keys[layer]].push_back(schedule);
}

const ScheduleAttr *
TunePlan::findFitting(size_t layer, ArrayRef<ScheduleAttr> schedules,
                      DenseMap<Operation *, EngineKind> &kinds) {
  int64_t blockChannels = getBlockChannels(layers[layer], kinds);
  auto *fitting = llvm::find_if(schedules, [&](ScheduleAttr schedule) {
    return candidates.fitsBlocks(schedule, blockChannels);
  });
  bool isFound = fitting != schedules.end();
  kinds[layers[layer]] =
      isFound ? fitting->getEngine() : candidates.predictEngine(layers[layer]);
  return isFound ? fitting : nullptr;
}

/// Readers come before what they read, since blocks must fit their engines.
bool TunePlan::addRound() {
  Round round(layers.size());
  DenseMap<Operation *, EngineKind> kinds;
  bool isUseful = false;
  for (size_t i = layers.size(); i-- > 0;) {
    SmallVector<ScheduleAttr> &schedules = unknown[keys[i]];
    const ScheduleAttr *next = findFitting(i, schedules, kinds);
    if (!next)
      continue;
    round[i] = *next;
    schedules.erase(next);
    isUseful = true;
  }
  if (isUseful)
    rounds.push_back(std::move(round));
  return isUseful;
}

TunePlan::Round TunePlan::getSecond(const Round &first,
                                    const MeasuredTimes &times) {
  Round round(layers.size());
  DenseMap<Operation *, EngineKind> kinds;
  for (size_t i = layers.size(); i-- > 0;) {
    SmallVector<ScheduleAttr> others;
    for (ScheduleAttr schedule : best[keys[i]])
      if (schedule != first[i] && times.find(keys[i], schedule))
        others.push_back(schedule);
    llvm::stable_sort(others, [&](ScheduleAttr a, ScheduleAttr b) {
      return *times.find(keys[i], a) < *times.find(keys[i], b);
    });
    if (const ScheduleAttr *next = findFitting(i, others, kinds))
      round[i] = *next;
  }
  return round;
}

void TunePlan::apply(ArrayRef<ScheduleAttr> round) {
  for (auto [i, layer] : llvm::enumerate(layers)) {
    if (!round.empty() && round[i])
      layer.setScheduleAttr(round[i]);
    else
      layer.removeScheduleAttr();
  }
}

TunePlan::Round TunePlan::getApplied() {
  return llvm::map_to_vector(
      layers, [](LayerOp layer) { return layer.getScheduleAttr(); });
}

void dorefa::numberPacks(ModuleOp packed) {
  auto findNumber = [](Operation *op) {
    return op->getLoc()->findInstanceOf<FusedLocWith<IntegerAttr>>();
  };
  packed.walk([&](PackOp pack) {
    for (Operation *reader : pack->getUsers())
      if (auto number = findNumber(reader); number && !findNumber(pack))
        pack->setLoc(FusedLoc::get({pack.getLoc()}, number.getMetadata(),
                                   packed.getContext()));
  });
}
