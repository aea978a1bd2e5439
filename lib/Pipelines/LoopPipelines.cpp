//===- LoopPipelines.cpp - from packed networks to the LLVM dialect ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Behind our conversion to loops all is upstream's: vectors and loops go down
// to the LLVM dialect. Canonicalization is safe here: functions whose last bits
// depend on the host are calls of the runtime by now.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Conversion/Passes.h"
#include "dorefa/Pipelines/LoopPipelines.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::dorefa;

void dorefa::buildPackedToLoopsPipeline(OpPassManager &pm,
                                        const PackedToLoopsOptions &options) {
  auto convert = options.forPass<ConvertDorefaToLoopsOptions>();
  convert.leastPartWork = options.leastPartWork;
  convert.groupImages = options.groupImages;
  pm.addPass(createConvertDorefaToLoops(convert));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void dorefa::buildLoopsToLLVMPipeline(OpPassManager &pm,
                                      const LoopsToLLVMOptions &options) {
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  // Its patterns for slices and masks are not part of convert-to-llvm.
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createDispatchSteps());
  if (options.timeSteps)
    pm.addPass(createTimeSteps());
  pm.addPass(createAddEntryPoints());
}

void dorefa::registerLoopPipelines() {
  PassPipelineRegistration<PackedToLoopsOptions>(
      "dorefa-packed-to-loops-pipeline",
      "turn a packed network into functions of loops on buffers",
      buildPackedToLoopsPipeline);
  PassPipelineRegistration<LoopsToLLVMOptions>(
      "dorefa-loops-to-llvm-pipeline",
      "turn loops into the LLVM dialect, with the runtime's entry points",
      buildLoopsToLLVMPipeline);
}
