//===- LoopPipelines.h - the steps from level to level ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The last two pipelines of IR: packed layers to loops on buffers, and these to
// the LLVM dialect. They are apart because both results can be looked at and
// run.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_PIPELINES_LOOPPIPELINES_H
#define DOREFA_PIPELINES_LOOPPIPELINES_H

#include "dorefa/Pipelines/TargetOptions.h"
#include "mlir/Pass/PassManager.h"

namespace mlir::dorefa {

/// The machine that loops are made for, and when its threads share a step.
struct PackedToLoopsOptions : TargetPipelineOptions<PackedToLoopsOptions> {
  PassOptions::Option<unsigned> groupImages{
      *this, "group-images",
      llvm::cl::desc("the most images of a call; 0 chooses"),
      llvm::cl::init(0)};
  PassOptions::Option<unsigned> leastPartWork{
      *this, "least-part-work",
      llvm::cl::desc("nanoseconds of a step's work, as estimated, that are worth "
                     "handing to another thread"),
      llvm::cl::init(3000)};
};

/// A packed network to functions of loops on buffers.
void buildPackedToLoopsPipeline(OpPassManager &pm,
                                const PackedToLoopsOptions &options);

/// Loops to the LLVM dialect, with the functions that the runtime calls.
struct LoopsToLLVMOptions : PassPipelineOptions<LoopsToLLVMOptions> {
  PassOptions::Option<bool> timeSteps{
      *this, "time-steps",
      llvm::cl::desc("tell the executor where each step begins, to measure "
                     "their times"),
      llvm::cl::init(false)};
};

void buildLoopsToLLVMPipeline(OpPassManager &pm,
                              const LoopsToLLVMOptions &options);

/// Registers the pipelines by their names.
void registerLoopPipelines();

} // namespace mlir::dorefa

#endif // DOREFA_PIPELINES_LOOPPIPELINES_H
