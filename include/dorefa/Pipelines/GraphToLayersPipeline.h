//===- GraphToLayersPipeline.h - from graph to layers -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The pipeline from the recognised graph to layers, with the options of its
// passes that users may set.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_PIPELINES_GRAPHTOLAYERSPIPELINE_H
#define DOREFA_PIPELINES_GRAPHTOLAYERSPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::dorefa {

struct GraphToLayersOptions : PassPipelineOptions<GraphToLayersOptions> {
  Option<bool> strict{
      *this, "strict",
      llvm::cl::desc("refuse convolutions and matrix products in float"),
      llvm::cl::init(false)};
  Option<unsigned> maxThresholds{
      *this, "max-thresholds",
      llvm::cl::desc("thresholds a channel beyond which the chain stays"),
      llvm::cl::init(15)};
};

/// The recognised graph to layers, with pools behind quantizers and thresholds
/// folded.
void buildGraphToLayersPipeline(OpPassManager &pm,
                                const GraphToLayersOptions &options);

/// Registers the pipeline by its name.
void registerGraphToLayersPipeline();

} // namespace mlir::dorefa

#endif // DOREFA_PIPELINES_GRAPHTOLAYERSPIPELINE_H
