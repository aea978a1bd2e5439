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
static constexpr size_t mostSchedules = 10;

TunePlan::TunePlan(ModuleOp module, const ScheduleCandidates &candidates,
                   const MeasuredTimes &known) {
  module.walk([&](LayerOp layer) {
    if (!layer.getProducts().empty() && !layer.getScheduleAttr())
      layers.push_back(layer);
  });
  Builder builder(module.getContext());
  for (auto [i, layer] : llvm::enumerate(layers)) {
    keys.push_back(getLayerKey(layer));
    findUnknown(i, candidates, known);
    layer->setLoc(FusedLoc::get({layer.getLoc()}, builder.getIndexAttr(i),
                                module.getContext()));
  }
  for (const auto &[key, schedules] : unknown)
    numSchedules += schedules.size();
  while (addRound(candidates))
    ;
}

/// The schedules of a layer that may be the fastest, whoever reads it.
void TunePlan::findUnknown(size_t layer, const ScheduleCandidates &candidates,
                           const MeasuredTimes &known) {
  auto [entry, isNew] = unknown.try_emplace(keys[layer]);
  if (!isNew)
    return;
  SmallVector<PredictedSchedule> all;
  for (EngineKind kind : candidates.getEngines(layers[layer]))
    all.append(candidates.getTilesForReaders(layers[layer], kind));
  llvm::stable_sort(all, [](const auto &a, const auto &b) {
    return a.cycles < b.cycles;
  });
  SmallVector<ScheduleAttr> best;
  for (const PredictedSchedule &candidate : all) {
    if (candidate.cycles > worstPrediction * all.front().cycles ||
        best.size() == mostSchedules)
      break;
    if (!llvm::is_contained(best, candidate.schedule))
      best.push_back(candidate.schedule);
  }
  for (ScheduleAttr schedule : best)
    if (!known.find(keys[layer], schedule))
      entry->second.push_back(schedule);
}

/// Readers come before what they read, since blocks must fit their engines.
bool TunePlan::addRound(const ScheduleCandidates &candidates) {
  Round round(layers.size());
  DenseMap<Operation *, EngineKind> kinds;
  bool isUseful = false;
  for (size_t i = layers.size(); i-- > 0;) {
    LayerOp layer = layers[i];
    SmallVector<ScheduleAttr> &schedules = unknown[keys[i]];
    int64_t blockChannels = getBlockChannels(layer, kinds);
    auto *next = llvm::find_if(schedules, [&](ScheduleAttr schedule) {
      return candidates.fitsBlocks(schedule, blockChannels);
    });
    if (next == schedules.end()) {
      kinds[layer] = candidates.predictEngine(layer);
      continue;
    }
    round[i] = *next;
    kinds[layer] = next->getEngine();
    schedules.erase(next);
    isUseful = true;
  }
  if (isUseful)
    rounds.push_back(std::move(round));
  return isUseful;
}

void TunePlan::apply(ArrayRef<ScheduleAttr> round) {
  for (auto [i, layer] : llvm::enumerate(layers)) {
    if (!round.empty() && round[i])
      layer.setScheduleAttr(round[i]);
    else
      layer.removeScheduleAttr();
  }
}
