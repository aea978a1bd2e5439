//===- PackedPipeline.cpp - from layers to packed layers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Engines first, as they determine layouts; epilogues are narrowed last, once
// they hold what packing adds to them.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Pipelines/PackedPipeline.h"
#include "dorefa/Target/CPU/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::dorefa;

void mlir::dorefa::buildPackedPipeline(OpPassManager &pm,
                                       const PackedPipelineOptions &options) {
  pm.addPass(createReduceEpilogues(options.forPass<ReduceEpiloguesOptions>()));
  auto choose = options.forPass<ChooseEnginesOptions>();
  choose.engine = options.engine;
  choose.tile = options.tile;
  choose.times = options.times;
  choose.section = options.section;
  pm.addPass(createChooseEngines(choose));
  pm.addPass(createPackLayers(options.forPass<PackLayersOptions>()));
  pm.addPass(createNarrowEpilogues(options.forPass<NarrowEpiloguesOptions>()));
  pm.addPass(createCSEPass());
}

void mlir::dorefa::registerPackedPipeline() {
  PassPipelineRegistration<PackedPipelineOptions>(
      "dorefa-layers-to-packed-pipeline",
      "choose engines and layouts for a CPU", buildPackedPipeline);
}
