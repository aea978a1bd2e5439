//===- TunePlan.h - what is to be measured ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which schedules of a network's layers are worth measuring, and in how few
// compilations of the network that can be done: each gives every layer a
// schedule, and layers of the same kind different ones.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_TUNEPLAN_H
#define DOREFA_LIB_DRIVER_TUNEPLAN_H

#include "dorefa/Target/CPU/MeasuredTimes.h"
#include "dorefa/Target/CPU/ScheduleCandidates.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::dorefa {

class TunePlan {
public:
  /// One schedule a layer; null leaves the choice to dorefa-choose-engines.
  using Round = SmallVector<ScheduleAttr>;

  /// Of a network with reduced epilogues, without the times that are known. The
  /// locations of layers get numbers, which steps keep.
  TunePlan(ModuleOp module, const ScheduleCandidates &candidates,
           const MeasuredTimes &known);

  ArrayRef<Round> getRounds() const { return rounds; }
  size_t getNumLayers() const { return layers.size(); }
  size_t getNumSchedules() const { return numSchedules; }
  StringRef getKey(size_t layer) const { return keys[layer]; }
  ArrayRef<std::string> getKeys() const { return keys; }

  /// Gives the layers the schedules of a round; none takes them away.
  void apply(ArrayRef<ScheduleAttr> round);
  /// Of each layer, the schedule that is the fastest beside the one of `best`;
  /// null where there is none, or where it does not fit the readers.
  Round getSecond(const Round &best, const MeasuredTimes &times);
  /// The schedules that layers have.
  Round getApplied();

private:
  void findUnknown(size_t layer, const MeasuredTimes &known);
  bool addRound();
  /// The first of some schedules whose blocks fit the engines of the layer's
  /// readers, if any; notes its engine, or the predicted one.
  const ScheduleAttr *findFitting(size_t layer,
                                  ArrayRef<ScheduleAttr> schedules,
                                  DenseMap<Operation *, EngineKind> &kinds);

  /// Those that have a product and no schedule yet.
  SmallVector<LayerOp> layers;
  SmallVector<std::string> keys;
  /// By key, the best predicted first: all, and those without a time.
  std::map<std::string, SmallVector<ScheduleAttr>> best, unknown;
  SmallVector<Round> rounds;
  size_t numSchedules = 0;
  const ScheduleCandidates &candidates;
};

/// Gives the ops that pack a layer's input the number of the layer.
void numberPacks(ModuleOp packed);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_TUNEPLAN_H
