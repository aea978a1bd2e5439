//===- LayerToLoops.cpp - loops of a packed layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//


#include "dorefa/Conversion/DorefaToLoops/LayerToLoops.h"
#include "LayerLoops.h"

using namespace mlir;
using namespace mlir::dorefa;

static bool isPacked(Value value) {
  return isa_and_present<LayoutAttr>(
      cast<RankedTensorType>(value.getType()).getEncoding());
}

LogicalResult mlir::dorefa::emitLayer(LayerOp layer,
                                      const LayerBuffers &buffers,
                                      const TargetFeatures &target,
                                      OpBuilder &builder) {
  KernelBuilder b(layer.getLoc(), builder);
  if (!llvm::all_of(layer.getOutputs(), isPacked)) {
    if (!layer.getProducts().empty() || layer.getPool())
      return layer.emitError(
          "expected packed results of a layer with products or a pool");
    return emitRowMajorLayer(layer, buffers, b);
  }
  LayerNest nest(layer, buffers, target, b);
  if (layer.getProducts().empty())
    return emitPixelwiseLayer(nest);
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (!schedule)
    return layer.emitError("expected a schedule");
  if (schedule.getEngine() == EngineKind::Direct)
    return emitDirectLayer(nest);
  return emitTiledLayer(nest, target);
}
