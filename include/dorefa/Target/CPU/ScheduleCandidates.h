//===- ScheduleCandidates.h - engines and tiles of a layer ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What can be chosen for a layer, with predicted times: the legal engines, each
// with the register tiles that the cost table has. `dorefa-choose-engines`
// chooses among these, and `--tune` measures the best of them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_SCHEDULECANDIDATES_H
#define DOREFA_TARGET_CPU_SCHEDULECANDIDATES_H

#include "dorefa/Engine/EngineCost.h"
#include "mlir/IR/Location.h"

namespace mlir::dorefa {

class ScheduleCandidates {
public:
  explicit ScheduleCandidates(const TargetFeatures &machine)
      : machine(machine) {}
  /// Of a user's words for engine and tile, empty where there are none; emits
  /// an error at `location` if they mean nothing.
  static FailureOr<ScheduleCandidates> get(StringRef engine, StringRef tile,
                                           const TargetFeatures &machine,
                                           Location location);

  /// Whether an engine computes every product of a layer.
  bool isLegal(EngineKind kind, LayerOp layer) const;
  /// The engines to choose from: the user's alone where it is legal. There is
  /// at least one.
  SmallVector<EngineKind> getEngines(LayerOp layer) const;
  /// The tiles of a legal engine whose blocks are multiples of `blockChannels`,
  /// with any number of passes. There is at least one.
  SmallVector<PredictedSchedule> getAllTiles(LayerOp layer, EngineKind kind,
                                             int64_t blockChannels) const;
  /// The same, for whichever engines read the layer.
  SmallVector<PredictedSchedule> getTilesForReaders(LayerOp layer,
                                                    EngineKind kind) const;
  /// The engine with the least predicted time, whoever reads the layer.
  EngineKind predictEngine(LayerOp layer) const;
  /// Its tile with the least predicted time.
  PredictedSchedule predict(LayerOp layer, EngineKind kind,
                            int64_t blockChannels) const;
  /// Predicted cycles of the schedule that a layer has, packed or not.
  double predictCycles(LayerOp layer) const;
  /// Whether blocks of a schedule are multiples of `blockChannels`.
  bool fitsBlocks(ScheduleAttr schedule, int64_t blockChannels) const;

private:
  LogicalResult parseEngine(StringRef engine, Location location);
  LogicalResult parseTile(StringRef tile, Location location);

  TargetFeatures machine;
  std::optional<EngineKind> forced;
  TileSize forcedTile;
};

/// Channels that the blocks of what an engine reads are multiples of: numbers
/// of tables are written 64 at a time.
int64_t getReadBlockChannels(EngineKind kind);

/// Channels that a block of the layer's is a multiple of, if its readers are
/// computed by the engines `kinds`.
int64_t getBlockChannels(LayerOp layer,
                         const DenseMap<Operation *, EngineKind> &kinds);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_SCHEDULECANDIDATES_H
