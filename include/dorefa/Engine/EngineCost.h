//===- EngineCost.h - predicted time of products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The prediction by which engines and register tiles are chosen: multiply-adds
// a cycle from the target's instructions, on padded extents. It needs to rank
// engines, not to tell the time.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_ENGINECOST_H
#define DOREFA_ENGINE_ENGINECOST_H

#include "dorefa/Engine/Engine.h"

namespace mlir::dorefa {

/// Multiply-adds of codes of the given widths that an engine does in a cycle
/// (of reals: of binary32 numbers), for whole tiles.
double getMultiplyAddsPerCycle(EngineKind engine, const ProductShape &shape,
                               const TargetFeatures &target);

/// Predicted cycles of one image's product, with what padding of channels to
/// vectors and chunks adds.
double getPredictedCycles(EngineKind kind, const ProductShape &shape,
                          const TargetFeatures &target);

/// The register tile for output rows of `width` pixels, in which `group`
/// neighbouring ones (a pool's row) stay together.
ScheduleAttr chooseTile(MLIRContext *context, EngineKind kind,
                        const ProductShape &shape, int64_t width,
                        int64_t poolSize, const TargetFeatures &target);

} // namespace mlir::dorefa

#endif // DOREFA_ENGINE_ENGINECOST_H
