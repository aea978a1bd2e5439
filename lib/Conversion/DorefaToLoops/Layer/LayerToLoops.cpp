//===- LayerToLoops.cpp - loops of a packed layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which nest a layer gets: by whether its results are packed, whether it has
// products, and by the engine of its schedule. What no nest can do is an error
// here.
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

/// Layouts hold codes and binary32, plain buffers also integers.
static LogicalResult checkElements(LayerOp layer, ValueRange tensors) {
  for (Value tensor : tensors) {
    auto type = cast<RankedTensorType>(tensor.getType());
    auto layout = dyn_cast_if_present<LayoutAttr>(type.getEncoding());
    Type element = type.getElementType();
    if (layout ? !layout.getCode() && !element.isF32() : element.isInteger(1))
      return layer.emitError("unsupported elements of a layer: ")
             << type << ": codes and f32 are supported";
  }
  return success();
}

LogicalResult mlir::dorefa::emitLayerPadding(LayerOp layer,
                                             const LayerBuffers &buffers,
                                             const TargetFeatures &target,
                                             OpBuilder &builder) {
  // What is wrong with the layer is said where its loops are emitted.
  if (!llvm::all_of(layer.getOutputs(), isPacked) ||
      (!layer.getProducts().empty() && !layer.getScheduleAttr()))
    return success();
  if (failed(checkElements(layer, layer.getOutputs())))
    return failure();
  KernelBuilder b(layer.getLoc(), builder);
  LayerNest(layer, buffers, target, b).emitChannelPadding();
  return success();
}

LogicalResult mlir::dorefa::emitLayer(LayerOp layer,
                                      const LayerBuffers &buffers,
                                      const TargetFeatures &target,
                                      WorkItems &items, OpBuilder &builder) {
  if (failed(checkElements(layer, layer.getResiduals())) ||
      failed(checkElements(layer, layer.getOutputs())))
    return failure();
  KernelBuilder b(layer.getLoc(), builder);
  if (!llvm::all_of(layer.getOutputs(), isPacked)) {
    if (!layer.getProducts().empty() || layer.getPool())
      return layer.emitError(
          "expected packed results of a layer with products or a pool");
    return emitRowMajorLayer(layer, buffers, target, items, b);
  }
  LayerNest nest(layer, buffers, target, b);
  if (layer.getProducts().empty())
    return emitPixelwiseLayer(nest, items);
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (!schedule)
    return layer.emitError("expected a schedule");
  std::unique_ptr<Engine> engine =
      Engine::create(schedule.getEngine(), target);
  if (!engine)
    return emitDirectLayer(nest, items);
  if (failed(checkTiledOperands(layer, *engine)))
    return failure();
  return engine->computesSquares() ? emitSquaresLayer(nest, *engine, items)
                                   : emitTiledLayer(nest, *engine, items);
}
