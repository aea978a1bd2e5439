//===- PackedPipeline.cpp - from layers to packed layers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
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
  ChooseEnginesOptions choose;
  choose.triple = options.triple;
  choose.cpu = options.cpu;
  choose.features = options.features;
  choose.engine = options.engine;
  pm.addPass(createChooseEngines(choose));
  PackLayersOptions pack;
  pack.triple = options.triple;
  pack.cpu = options.cpu;
  pack.features = options.features;
  pm.addPass(createPackLayers(pack));
  NarrowEpiloguesOptions narrow;
  narrow.triple = options.triple;
  narrow.cpu = options.cpu;
  narrow.features = options.features;
  pm.addPass(createNarrowEpilogues(narrow));
  pm.addPass(createCSEPass());
}

void mlir::dorefa::registerPackedPipeline() {
  PassPipelineRegistration<PackedPipelineOptions>(
      "dorefa-layers-to-packed-pipeline",
      "choose engines and layouts for a CPU", buildPackedPipeline);
}
