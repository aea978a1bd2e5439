//===- TiledOperands.cpp - what tiles read beside weights ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Checks of a tiled layer's operands, and the memory that it needs beside them:
// for sums, and for rings, which lie in a thread's temporary memory, or for a
// number of images that is known at run time alone in memory of each image.
//
//===----------------------------------------------------------------------===//

#include "SquaresLayer.h"
#include "TiledProduct.h"

using namespace mlir;
using namespace mlir::dorefa;

LogicalResult mlir::dorefa::checkTiledOperands(LayerOp layer,
                                               const Engine &engine) {
  if (!engine.canCompute(layer))
    return layer.emitError() << "the " << stringifyEngineKind(engine.kind)
                             << " engine cannot compute this layer on the "
                                "target";
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    ProductShape shape = ProductShape::get(layer, i);
    auto layout = dyn_cast_if_present<LayoutAttr>(
        typeOf(layer.getInputs()[i]).getEncoding());
    LayoutAttr wanted = engine.getInputLayout(layer.getContext(), shape, 0);
    if (!layout || layout.getKind() != wanted.getKind() ||
        layout.getChannels() != wanted.getChannels())
      return layer.emitError()
             << "the " << stringifyEngineKind(engine.kind)
             << " engine reads inputs in the layout " << wanted << ", not in "
             << typeOf(layer.getInputs()[i]).getEncoding();
    DigitsAttr digits =
        engine.getWeightLayout(layer.getContext(), shape,
                               layer.getScheduleAttr().getVectors());
    if (typeOf(layer.getWeightOf(i)).getEncoding() != digits)
      return layer.emitError()
             << "weights do not lie as " << layer.getScheduleAttr()
             << " reads them: a schedule is changed before "
                "'dorefa-pack-layers', not behind it";
  }
  return success();
}

bool mlir::dorefa::isForManyImages(LayerOp layer) {
  ScheduleAttr schedule = layer.getScheduleAttr();
  return schedule && !layer.getProducts().empty() &&
         schedule.getEngine() != EngineKind::Direct &&
         llvm::product_of(layer.getIterationShape()) ==
             layer.getIterationShape()[1];
}

/// The engine of a layer in tiles; null for other layers, also for those that it
/// cannot compute, which are refused when the loops are made.
static std::unique_ptr<Engine> getTiledEngine(LayerOp layer,
                                              const TargetFeatures &target) {
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (!schedule || layer.getProducts().empty())
    return nullptr;
  std::unique_ptr<Engine> engine =
      Engine::create(schedule.getEngine(), target);
  return engine && engine->canCompute(layer) ? std::move(engine) : nullptr;
}

static int64_t getRingBytes(LayerOp layer, const Engine &engine) {
  int64_t bytes = 0;
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    if (!engine.readsRing(ProductShape::get(layer, i)))
      continue;
    // Other inputs are refused when the loops are made.
    Attribute encoding = typeOf(layer.getInputs()[i]).getEncoding();
    if (isa_and_present<LayoutAttr>(encoding))
      bytes += InputRing(layer, i, engine).getBytes();
  }
  return bytes;
}

int64_t mlir::dorefa::getLayerScratchBytes(LayerOp layer,
                                           const TargetFeatures &target,
                                           bool forImages) {
  std::unique_ptr<Engine> engine = getTiledEngine(layer, target);
  if (!engine)
    return 0;
  if (engine->computesSquares())
    return SquareTiling(layer, *engine).getScratchBytes();
  return Tiling(layer, *engine, forImages).getSumBytes() +
         (forImages ? 0 : getRingBytes(layer, *engine));
}

int64_t mlir::dorefa::getLayerRingBytes(LayerOp layer,
                                        const TargetFeatures &target) {
  std::unique_ptr<Engine> engine = getTiledEngine(layer, target);
  return engine ? getRingBytes(layer, *engine) : 0;
}

LogicalResult mlir::dorefa::emitLayerRings(LayerOp layer,
                                           const LayerBuffers &buffers,
                                           const TargetFeatures &target,
                                           OpBuilder &builder) {
  std::unique_ptr<Engine> engine = getTiledEngine(layer, target);
  if (!engine || failed(checkTiledOperands(layer, *engine)))
    return failure();
  KernelBuilder b(layer.getLoc(), builder);
  LayerNest nest(layer, buffers, target, b);
  Tiling tiling(layer, *engine, /*forImages=*/true);
  SmallVector<TiledProduct, 0> products;
  for (unsigned i = 0; i < layer.getProducts().size(); ++i)
    products.emplace_back(nest, *engine, tiling, i);
  placeRings(products, buffers.rings, /*offset=*/0, /*imageStride=*/0);
  for (TiledProduct &product : products)
    product.emitPixelRing(b.index(0));
  return success();
}
