//===- PackLayers.cpp - layouts of activations and weights ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The pass in steps: pools of codes become layers without products, so that
// they work on packed codes; a plan says which value is needed in which
// layouts; then every layer is rebuilt on these, and ops that are no layers get
// row-major forms.
//
//===----------------------------------------------------------------------===//

#include "LayerPacker.h"
#include "dorefa/Target/CPU/Passes.h"
#include "dorefa/Target/CPU/TargetRequest.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_PACKLAYERS
#include "dorefa/Target/CPU/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// A max or min pool of codes as a layer without products, so that it reads
/// and writes packed codes.
static void convertPool(PoolOp pool) {
  OpBuilder builder(pool);
  auto layer = LayerOp::create(
      builder, pool.getLoc(), TypeRange{pool.getResult().getType()},
      builder.getArrayAttr({}), ValueRange{}, ValueRange{}, ValueRange{},
      ValueRange{pool.getInput()}, pool.getKindAttr(), pool.getWindowAttr(),
      ScheduleAttr(), UnitAttr());
  Block &block = layer.getEpilogue().emplaceBlock();
  Type element = typeOf(pool.getInput()).getElementType();
  Value code = block.addArgument(element, pool.getLoc());
  builder.setInsertionPointToEnd(&block);
  YieldOp::create(builder, pool.getLoc(), code);
  layer->setDiscardableAttrs(
      llvm::to_vector(pool->getDiscardableAttrs()));
  pool.getResult().replaceAllUsesWith(layer.getOutputs()[0]);
  pool.erase();
}

static void convertPools(func::FuncOp function) {
  SmallVector<PoolOp> pools;
  function.walk([&](PoolOp pool) {
    bool isOrder =
        pool.getKind() == PoolKind::Max || pool.getKind() == PoolKind::Min;
    CodeAttr code = dorefa::getCode(pool.getResult().getType());
    if (isOrder && code && code.getBits() <= 8)
      pools.push_back(pool);
  });
  for (PoolOp pool : pools)
    convertPool(pool);
}

/// Gives ops other than layers the row-major forms of what is packed now, and
/// erases the layers of before.
static void eraseLayers(ArrayRef<LayerOp> layers, const LayoutPlan &plan,
                        PackedValues &values) {
  DenseSet<Operation *> erased(layers.begin(), layers.end());
  for (LayerOp layer : layers) {
    if (!plan.isPacked(layer))
      continue;
    for (Value output : layer.getOutputs())
      for (OpOperand &use : llvm::make_early_inc_range(output.getUses()))
        if (!erased.contains(use.getOwner()))
          use.set(values.getRowMajor(output));
  }
  for (LayerOp layer : llvm::reverse(layers))
    layer.erase();
}

static LogicalResult packLayers(func::FuncOp function,
                                const TargetFeatures &target) {
  convertPools(function);
  SmallVector<LayerOp> layers(function.getOps<LayerOp>());
  LayoutPlan plan(target);
  if (failed(plan.plan(layers)))
    return failure();
  PackedValues values(plan);
  for (LayerOp layer : layers)
    if (failed(LayerPacker(layer, plan, values).pack()))
      return failure();
  eraseLayers(layers, plan, values);
  return success();
}

namespace {
struct PackLayersPass
    : public mlir::dorefa::impl::PackLayersBase<PackLayersPass> {
  using PackLayersBase::PackLayersBase;

  void runOnOperation() override {
    FailureOr<TargetFeatures> machine = findTargetFeatures(
        {target, triple, cpu, features}, getOperation().getLoc());
    if (failed(machine))
      return signalPassFailure();
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(packLayers(function, *machine)))
        return signalPassFailure();
  }
};
} // namespace
