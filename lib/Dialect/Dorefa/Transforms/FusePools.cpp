//===- FusePools.cpp - pools inside layers --------------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Only disjoint windows without padding are fused: there each element has one
// reader, and a layer can compute the places of a window one after the other in
// registers. With overlapping windows it would compute elements several times.
//
//===----------------------------------------------------------------------===//

#include "LayerConstants.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_FUSEPOOLS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// Whether each position of the image is in one window at most and each window
/// inside the image.
static bool isDisjoint(WindowAttr window) {
  auto isValue = [](int64_t expected) {
    return [expected](int64_t value) { return value == expected; };
  };
  return window.getKernel() == window.getStrides() &&
         llvm::all_of(window.getDilations(), isValue(1)) &&
         llvm::all_of(window.getPads(), isValue(0));
}

namespace {
struct FusePool : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PoolOp pool,
                                PatternRewriter &rewriter) const override {
    if (pool.getKind() != PoolKind::Max && pool.getKind() != PoolKind::Min)
      return rewriter.notifyMatchFailure(pool, "not a max or min pool");
    if (!isDisjoint(pool.getWindow()))
      return rewriter.notifyMatchFailure(pool, "windows overlap or are padded");
    auto layer = pool.getInput().getDefiningOp<LayerOp>();
    if (!layer || layer.getPool() || layer.getNumResults() != 1 ||
        !layer->hasOneUse())
      return rewriter.notifyMatchFailure(
          pool, "not the only reader of a layer's only result");
    rewriter.setInsertionPoint(pool);
    auto fused = LayerOp::create(
        rewriter, layer.getLoc(), pool->getResultTypes(), layer.getProducts(),
        layer.getInputs(), layer.getWeights(), layer.getParameters(),
        layer.getResiduals(), pool.getKindAttr(), pool.getWindow(),
        layer.getScheduleAttr());
    fused.getEpilogue().takeBody(layer.getEpilogue());
    fused->setDiscardableAttrs(pool->getDiscardableAttrDictionary());
    rewriter.replaceOp(pool, fused);
    rewriter.eraseOp(layer);
    return success();
  }
};

struct FusePools : dorefa::impl::FusePoolsBase<FusePools> {
  using FusePoolsBase::FusePoolsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FusePool>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
