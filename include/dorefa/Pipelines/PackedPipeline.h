//===- PackedPipeline.h - from layers to packed layers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The pipeline that makes layers depend on a machine: in front of it the IR is
// the same for all.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_PIPELINES_PACKEDPIPELINE_H
#define DOREFA_PIPELINES_PACKEDPIPELINE_H

#include "dorefa/Pipelines/TargetOptions.h"
#include "mlir/Pass/PassManager.h"

namespace mlir::dorefa {

struct PackedPipelineOptions : TargetPipelineOptions<PackedPipelineOptions> {
  PassOptions::Option<std::string> engine{
      *this, "engine",
      llvm::cl::desc("engine to use wherever it is legal, instead of the one "
                     "with the least predicted time")};
  PassOptions::Option<std::string> tile{
      *this, "tile",
      llvm::cl::desc("register tile to use in all layers: vectors x pixels, or "
                     "vectors x pixels x passes")};
  PassOptions::Option<std::string> times{
      *this, "times", llvm::cl::desc("a file of measured times")};
  PassOptions::Option<std::string> section{
      *this, "section", llvm::cl::desc("the section of that file")};
};

/// Layers to layers with engines, tiles and layouts for one CPU.
void buildPackedPipeline(OpPassManager &pm,
                         const PackedPipelineOptions &options);

/// Registers the pipeline as `dorefa-layers-to-packed-pipeline`.
void registerPackedPipeline();

} // namespace mlir::dorefa

#endif // DOREFA_PIPELINES_PACKEDPIPELINE_H
