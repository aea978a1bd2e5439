//===- RecognizePipeline.cpp - from imported to recognised ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Quantizers are found before codes, which come from them, and constants are
// folded last: until then the quantizers of weights are still ops.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Pipelines/RecognizePipeline.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::dorefa;

void dorefa::buildRecognizePipeline(OpPassManager &pm) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createRecognizeQuantizers());
  function.addPass(createRecognizeCodes());
  function.addPass(createFoldConstants());
  function.addPass(createCSEPass());
}

void dorefa::registerRecognizePipeline() {
  PassPipelineRegistration<>(
      "dorefa-recognize-pipeline",
      "find the codes in an imported network and fold its constants",
      buildRecognizePipeline);
}
