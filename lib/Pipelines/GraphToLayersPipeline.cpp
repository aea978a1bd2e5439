//===- GraphToLayersPipeline.cpp - from graph to layers -------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The order matters: pools sink first, so that they become pools of codes and
// do not stand between a contraction and its quantizer; then layers are formed,
// pools move into them, and epilogues become thresholds.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Pipelines/GraphToLayersPipeline.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::dorefa;

void dorefa::buildGraphToLayersPipeline(OpPassManager &pm,
                                        const GraphToLayersOptions &options) {
  OpPassManager &functions = pm.nest<func::FuncOp>();
  // One value for each computation, so that what is read twice is seen to be.
  functions.addPass(createCSEPass());
  functions.addPass(createSinkPools());
  functions.addPass(createFormLayers(FormLayersOptions{options.strict}));
  functions.addPass(createFusePools());
  FoldThresholdsOptions thresholds;
  thresholds.maxThresholds = options.maxThresholds;
  functions.addPass(createFoldThresholds(thresholds));
  functions.addPass(createCSEPass());
}

void dorefa::registerGraphToLayersPipeline() {
  PassPipelineRegistration<GraphToLayersOptions>(
      "dorefa-graph-to-layers-pipeline",
      "turn a recognised graph into layers", buildGraphToLayersPipeline);
}
