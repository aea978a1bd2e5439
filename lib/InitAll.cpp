//===- InitAll.cpp - everything that a tool registers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one list of what exists: a new pass or pipeline is registered here.
//
//===----------------------------------------------------------------------===//

#include "dorefa/InitAll.h"
#include "dorefa/Conversion/Passes.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "dorefa/Pipelines/GraphToLayersPipeline.h"
#include "dorefa/Pipelines/LoopPipelines.h"
#include "dorefa/Pipelines/PackedPipeline.h"
#include "dorefa/Pipelines/RecognizePipeline.h"
#include "dorefa/Target/CPU/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

void mlir::dorefa::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<DorefaDialect>();
}

void mlir::dorefa::registerAllPasses() {
  mlir::registerAllPasses();
  registerDorefaTransformsPasses();
  registerGraphToLayersPipeline();
  registerRecognizePipeline();
  registerPackedPipeline();
  registerDorefaCPUPasses();
  registerDorefaConversionPasses();
  registerLoopPipelines();
}
