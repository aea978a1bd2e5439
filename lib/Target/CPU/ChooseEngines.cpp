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
    if (engine.empty())
      return success();
    forced = symbolizeEngineKind(engine);
    if (!forced)
      return emitError(UnknownLoc::get(context))
             << "unknown engine '" << engine.getValue()
             << "': expected lookup, planes, bytes or direct";
    // Reals are computed by one engine, whatever a user says.
    if (forced == EngineKind::Fma)
      return emitError(UnknownLoc::get(context))
             << "unsupported engine 'fma' for codes: expected lookup, planes, "
                "bytes or direct";
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation().walk([&](LayerOp layer) {
      if (layer.getProducts().empty())
        return WalkResult::advance();
      return succeeded(choose(layer)) ? WalkResult::advance()
                                      : WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult choose(LayerOp layer);

  TargetFeatures machine;
  std::optional<EngineKind> forced;
};
} // namespace

LogicalResult ChooseEnginesPass::choose(LayerOp layer) {
  SmallVector<ProductShape, 2> shapes = getShapes(layer);
  if (ScheduleAttr schedule = layer.getScheduleAttr()) {
    if (!isLegal(schedule.getEngine(), layer, shapes, machine))
      return layer.emitOpError()
             << "the engine of " << schedule
             << " cannot compute this layer on the target";
    return success();
  }
  std::optional<EngineKind> best;
  double bestCycles = std::numeric_limits<double>::infinity();
  for (EngineKind kind : {EngineKind::Lookup, EngineKind::Planes,
                          EngineKind::Bytes, EngineKind::Fma,
                          EngineKind::Direct}) {
    if (!isLegal(kind, layer, shapes, machine))
      continue;
    if (kind == forced) {
      best = kind;
      break;
    }
    double cycles = 0;
    for (const ProductShape &shape : shapes)
      cycles += getPredictedCycles(kind, shape, machine);
    if (cycles < bestCycles) {
      bestCycles = cycles;
      best = kind;
    }
  }
  WindowAttr pool = layer.getPoolAttr();
  int64_t poolSize = pool ? llvm::product_of(pool.getKernel()) : 1;
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(layer.getOutputs()[0].getType()).getShape();
  int64_t width = shape.size() > 2 ? shape.back() : 1;
  layer.setScheduleAttr(chooseTile(&getContext(), *best, shapes.front(), width,
                                   poolSize, machine));
  return success();
}
