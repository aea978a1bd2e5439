//===- ChooseEngines.cpp - choose engine and tile of each layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For each layer, of the engines that are legal for all its products, the one
// with the fewest predicted cycles; the direct engine is always legal, so there
// is one. A forced engine wins wherever it is legal. Tiles are chosen
// afterwards, for the first product and the rows of the result.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/EngineCost.h"
#include "dorefa/Target/CPU/Passes.h"
#include "dorefa/Target/CPU/TargetRequest.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_CHOOSEENGINES
#include "dorefa/Target/CPU/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

static SmallVector<ProductShape, 2> getShapes(LayerOp layer) {
  SmallVector<ProductShape, 2> shapes;
  for (unsigned i = 0; i < layer.getProducts().size(); ++i)
    shapes.push_back(ProductShape::get(layer, i));
  return shapes;
}

/// Whether an engine computes every product of a layer.
static bool isLegal(EngineKind kind, LayerOp layer,
                    ArrayRef<ProductShape> shapes,
                    const TargetFeatures &target) {
  if (kind == EngineKind::Direct)
    return true;
  std::unique_ptr<Engine> engine = Engine::create(kind, target);
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    // Engines sum in 32 bits.
    bool narrow = !layer.getAccumulator(i).getType().isInteger(64);
    if (!narrow || !engine->isLegal(shape))
      return false;
  }
  return true;
}

namespace {
struct ChooseEnginesPass
    : public mlir::dorefa::impl::ChooseEnginesBase<ChooseEnginesPass> {
  using ChooseEnginesBase::ChooseEnginesBase;

  LogicalResult initialize(MLIRContext *context) override {
    FailureOr<TargetFeatures> found =
        findTargetFeatures({target, triple, cpu, features},
                           UnknownLoc::get(context));
    if (failed(found))
      return failure();
    machine = *found;
    forced = std::nullopt;
    if (!tile.empty() && failed(parseTile(context)))
      return failure();
    if (engine.empty())
      return success();
    forced = symbolizeEngineKind(engine);
    if (!forced)
      return emitError(UnknownLoc::get(context))
             << "unknown engine '" << engine.getValue()
             << "': expected lookup, lookup64, quad, planes, bytes or direct";
    // Reals are computed by one engine, whatever a user says.
    if (forced == EngineKind::Fma)
      return emitError(UnknownLoc::get(context))
             << "unsupported engine 'fma' for codes: expected lookup, "
                "lookup64, quad, planes, bytes or direct";
    return success();
  }

  void runOnOperation() override {
    SmallVector<LayerOp> layers;
    getOperation().walk([&](LayerOp layer) {
      if (!layer.getProducts().empty())
        layers.push_back(layer);
    });
    kinds.clear();
    for (LayerOp layer : layers)
      if (failed(chooseKind(layer)))
        return signalPassFailure();
    // Tiles depend on the engines of those that read their results.
    for (LayerOp layer : layers)
      if (!layer.getScheduleAttr())
        layer.setScheduleAttr(predict(layer, kinds.lookup(layer)).schedule);
  }

private:
  LogicalResult parseTile(MLIRContext *context);
  LogicalResult chooseKind(LayerOp layer);
  PredictedSchedule predict(LayerOp layer, EngineKind kind);

  TargetFeatures machine;
  std::optional<EngineKind> forced;
  TileSize forcedTile;
  DenseMap<Operation *, EngineKind> kinds;
};
} // namespace

LogicalResult ChooseEnginesPass::parseTile(MLIRContext *context) {
  SmallVector<StringRef> words;
  StringRef(tile).split(words, 'x');
  SmallVector<int64_t> sizes;
  for (StringRef word : words) {
    int64_t size = 0;
    if (word.getAsInteger(10, size) || size < 1 || size > 64)
      break;
    sizes.push_back(size);
  }
  if (sizes.size() != words.size() || sizes.size() < 2 || sizes.size() > 3)
    return emitError(UnknownLoc::get(context))
           << "invalid tile '" << tile.getValue()
           << "': expected vectors x pixels or vectors x pixels x passes, such "
              "as 4x2 or 4x2x3, each from 1 to 64";
  forcedTile = {sizes[0], sizes[1], sizes.size() > 2 ? sizes[2] : 0};
  return success();
}

LogicalResult ChooseEnginesPass::chooseKind(LayerOp layer) {
  SmallVector<ProductShape, 2> shapes = getShapes(layer);
  if (ScheduleAttr schedule = layer.getScheduleAttr()) {
    if (!isLegal(schedule.getEngine(), layer, shapes, machine))
      return layer.emitOpError()
             << "the engine of " << schedule
             << " cannot compute this layer on the target";
    kinds[layer] = schedule.getEngine();
    return success();
  }
  double bestCycles = std::numeric_limits<double>::infinity();
  for (EngineKind kind : {EngineKind::Direct, EngineKind::Lookup64,
                          EngineKind::Quad, EngineKind::Lookup,
                          EngineKind::Planes, EngineKind::Bytes,
                          EngineKind::Fma}) {
    if (!isLegal(kind, layer, shapes, machine))
      continue;
    if (kind == forced) {
      kinds[layer] = kind;
      break;
    }
    double cycles = predict(layer, kind).cycles;
    if (kind == EngineKind::Direct || cycles < bestCycles) {
      bestCycles = cycles;
      kinds[layer] = kind;
    }
  }
  return success();
}

PredictedSchedule ChooseEnginesPass::predict(LayerOp layer, EngineKind kind) {
  ResultShape result;
  if (WindowAttr pool = layer.getPoolAttr())
    result.poolSize = llvm::product_of(pool.getKernel());
  ArrayRef<int64_t> shape = shapeOf(layer.getOutputs()[0]);
  if (shape.size() > 2)
    result.width = shape.back();
  if (shape.size() > 3)
    result.height = shape[2];
  // Table numbers are written 64 channels at a time.
  for (Value output : layer.getOutputs())
    for (OpOperand &use : output.getUses()) {
      auto reader = dyn_cast<LayerOp>(use.getOwner());
      if (reader && use.getOperandNumber() < reader.getInputs().size() &&
          kinds.lookup(reader) == EngineKind::Lookup64)
        result.blockChannels = 64;
    }
  return predictSchedule(&getContext(), kind, getShapes(layer), result,
                         forcedTile, machine);
}
