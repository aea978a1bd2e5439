//===- EngineCost.h - predicted time of products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The prediction by which engines and register tiles are chosen: the time of
// all tiles of a layer, from the measured rates of a cost table. It counts what
// tiles compute twice or in vain: padded channels, pixels of the last tile of a
// row, the last block's channels.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_ENGINECOST_H
#define DOREFA_ENGINE_ENGINECOST_H

#include "dorefa/Engine/CostTable.h"
#include "dorefa/Engine/Engine.h"

namespace mlir::dorefa {

/// What the tiles of a layer must cover.
struct ResultShape {
  int64_t height = 1, width = 1; ///< behind the pool
  int64_t poolSize = 1;          ///< pixels before the pool for one behind it
  int64_t blockChannels = 1;     ///< a block of channels is a multiple of this
};

/// A register tile; 0 where the cost table is to choose.
struct TileSize {
  int64_t vectors = 0, pixels = 0, passes = 0;
};

struct PredictedSchedule {
  ScheduleAttr schedule;
  double cycles = 0; ///< of one image
  /// Of one of a few images, which differs where they share a tile.
  double cyclesOfFew = 0;

  /// What is to be least. One image counts most; others decide between tiles in
  /// which it takes about as long, as where memory brings its weights.
  double getCost() const { return cycles + 0.1 * cyclesOfFew; }
};

/// The tiles that the cost table has of an engine, each once; there is at least
/// one. What is `forced` comes before the table.
SmallVector<PredictedSchedule>
predictSchedules(MLIRContext *context, EngineKind kind,
                 ArrayRef<ProductShape> products, const ResultShape &result,
                 const TileSize &forced, const TargetFeatures &target);

/// The tile of an engine with the least predicted cost for all of a layer's
/// products; `forced` comes before the table.
PredictedSchedule predictSchedule(MLIRContext *context, EngineKind kind,
                                  ArrayRef<ProductShape> products,
                                  const ResultShape &result,
                                  const TileSize &forced,
                                  const TargetFeatures &target);

} // namespace mlir::dorefa

#endif // DOREFA_ENGINE_ENGINECOST_H
