//===- LoopPipelines.h - the steps from level to level ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_PIPELINES_LOOPPIPELINES_H
#define DOREFA_PIPELINES_LOOPPIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::dorefa {

/// The machine that loops are made for.
struct PackedToLoopsOptions : PassPipelineOptions<PackedToLoopsOptions> {
  Option<std::string> target{*this, "target",
                             llvm::cl::desc("the CPU, by its name"),
                             llvm::cl::init("native")};
  Option<std::string> triple{
      *this, "triple", llvm::cl::desc("LLVM's name of the machine"),
      llvm::cl::init("")};
  Option<std::string> cpu{*this, "cpu",
                          llvm::cl::desc("LLVM's name of the CPU"),
                          llvm::cl::init("")};
  Option<std::string> features{
      *this, "features", llvm::cl::desc("features of the CPU (+a,-b)"),
      llvm::cl::init("")};
};

/// A packed network to functions of loops on buffers.
void buildPackedToLoopsPipeline(OpPassManager &pm,
                                const PackedToLoopsOptions &options);

/// Loops to the LLVM dialect, with the functions that the runtime calls.
void buildLoopsToLLVMPipeline(OpPassManager &pm);

/// Registers the pipelines by their names.
void registerLoopPipelines();

} // namespace mlir::dorefa

#endif // DOREFA_PIPELINES_LOOPPIPELINES_H
