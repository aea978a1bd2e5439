//===- SinkPools.cpp - max pools behind quantizers ------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// max(f(x)) = f(max(x)) for a rising f, and f(max(x)) = min(f(x)) for a falling
// one [DoReFa-Net, eq. 15]. The chain from pool to quantizer is followed op by
// op with one slope a channel; where slopes differ, codes q of falling channels
// become their complement before and after the pool, which turns its maximum
// into a minimum:
//
//   max pool of ~q, then ~  =  min pool of q
//
//===----------------------------------------------------------------------===//

#include "LayerConstants.h"
#include "RealBound.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::dorefa {
#define GEN_PASS_DEF_SINKPOOLS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Chains that keep the order
//===----------------------------------------------------------------------===//

/// The sign of a chain's slope, one an element of dimension 1: 1, or -1 where a
/// larger input gives a smaller or equal result.
using Slopes = SmallVector<int>;

static void flip(Slopes &slopes) {
  for (int &slope : slopes)
    slope = -slope;
}

/// Multiplies slopes with the signs of factors, one or one a channel. A factor
/// of 0 makes a channel constant, for which both signs are right.
static bool scale(Slopes &slopes, ArrayRef<float> factors) {
  for (auto [i, slope] : llvm::enumerate(slopes)) {
    float factor = factors[factors.size() == 1 ? 0 : i];
    if (!std::isfinite(factor))
      return false;
    if (factor < 0)
      slope = -slope;
  }
  return true;
}

/// The values of a constant that varies along the channels at most.
static std::optional<SmallVector<float>> getChannelFloats(Value value) {
  if (!isConstant(value))
    return std::nullopt;
  DenseElementsAttr elements =
      reduceToLayer(getConstantElements(value), shapeOf(value));
  if (elements.getType().getRank() > 1)
    return std::nullopt;
  return llvm::to_vector(elements.getValues<float>());
}

/// Follows the order of `input`'s elements through `op`. False if `op` is not
/// monotone in `input` alone, the same at each position.
static bool follow(Operation *op, Value input, Slopes &slopes) {
  auto isAll = [](ArrayRef<float> values) {
    return llvm::all_of(values, [](float v) { return std::isfinite(v); });
  };
  if (auto norm = dyn_cast<BatchNormOp>(op)) {
    std::optional<BatchNormConstants> constants = getBatchNormConstants(norm);
    return norm.getInput() == input && constants && isAll(constants->addend) &&
           scale(slopes, constants->factor);
  }
  if (isa<QuantizeOp, math::RoundEvenOp, math::FloorOp, math::CeilOp,
          math::TruncOp, math::TanhOp, math::ErfOp, SigmoidOp>(op))
    return true;
  if (auto quantize = dyn_cast<QuantizeThresholdsOp>(op))
    return quantize.getInput() == input && quantize.getAxis() == 1 &&
           isConstant(quantize.getThresholds());
  if (isa<arith::NegFOp>(op)) {
    flip(slopes);
    return true;
  }
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
           arith::MaximumFOp, arith::MinimumFOp>(op))
    return false;
  bool isFirst = op->getOperand(0) == input;
  std::optional<SmallVector<float>> other =
      getChannelFloats(op->getOperand(isFirst ? 1 : 0));
  if (!other || !isAll(*other))
    return false;
  if (isa<arith::MulFOp>(op))
    return scale(slopes, *other);
  if (isa<arith::DivFOp>(op))
    return isFirst && !llvm::is_contained(*other, 0.0f) &&
           scale(slopes, *other);
  if (isa<arith::SubFOp>(op) && !isFirst)
    flip(slopes);
  return true;
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// Rebuilds the chain on the values in front of the pool.
static Value rebuildChain(PoolOp pool, ArrayRef<Operation *> chain,
                          OpBuilder &builder) {
  IRMapping mapping;
  mapping.map(pool.getResult(), pool.getInput());
  ArrayRef<int64_t> shape = shapeOf(pool.getInput());
  for (Operation *op : chain) {
    for (Value operand : op->getOperands()) {
      if (mapping.contains(operand) ||
          shapeOf(operand) != shapeOf(pool.getResult()))
        continue;
      // A constant of the pooled shape: one value, or one a channel.
      DenseElementsAttr elements =
          reduceToLayer(getConstantElements(operand), shapeOf(operand));
      SmallVector<int64_t> aligned(shape.size(), 1);
      aligned[1] = elements.getNumElements();
      Type element = elements.getElementType();
      Value constant = arith::ConstantOp::create(
          builder, operand.getLoc(),
          elements.reshape(RankedTensorType::get(aligned, element)));
      mapping.map(operand,
                  BroadcastOp::create(builder, operand.getLoc(),
                                      RankedTensorType::get(shape, element),
                                      constant));
    }
    Operation *copy = builder.clone(*op, mapping);
    RankedTensorType type = typeOf(copy->getResult(0));
    copy->getResult(0).setType(type.clone(shape));
  }
  return mapping.lookup(chain.back()->getResult(0));
}

/// Complements the codes of the channels that fall: a larger code becomes a
/// smaller one, among all codes of the type.
static Value complementFalling(Value codes, const Slopes &slopes,
                               OpBuilder &builder) {
  RankedTensorType type = typeOf(codes);
  CodeAttr code = getCode(type);
  unsigned width = type.getElementType().getIntOrFloatBitWidth();
  APInt ones = code.getIsSigned()
                   ? APInt::getAllOnes(width)
                   : APInt::getLowBitsSet(width, code.getBits());
  SmallVector<APInt> masks;
  for (int slope : slopes)
    masks.push_back(slope < 0 ? ones : APInt::getZero(width));
  SmallVector<int64_t> aligned(type.getRank(), 1);
  aligned[1] = slopes.size();
  Location loc = codes.getLoc();
  Value mask = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type.clone(aligned), masks));
  mask = BroadcastOp::create(builder, loc, type, mask);
  return arith::XOrIOp::create(builder, loc, codes, mask);
}

namespace {
struct SinkPool : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PoolOp pool,
                                PatternRewriter &rewriter) const override {
    bool isMax = pool.getKind() == PoolKind::Max;
    if (!typeOf(pool.getResult()).getElementType().isF32() ||
        (!isMax && pool.getKind() != PoolKind::Min))
      return rewriter.notifyMatchFailure(pool, "not a max or min of reals");

    Slopes slopes(shapeOf(pool.getResult())[1], 1);
    SmallVector<Operation *> chain;
    Value value = pool.getResult();
    // NaN and infinities would not keep their place.
    std::optional<double> bound = getRealBound(pool.getInput());
    while (chain.empty() || !getCode(value.getType())) {
      if (!bound || !value.hasOneUse())
        return rewriter.notifyMatchFailure(pool, "no chain of finite reals");
      Operation *user = *value.getUsers().begin();
      if (user->getNumResults() != 1 || !follow(user, value, slopes))
        return rewriter.notifyMatchFailure(pool, "no monotone chain");
      chain.push_back(user);
      value = user->getResult(0);
      if (!getCode(value.getType()))
        bound = getRealBound(value);
    }

    bool rises = llvm::is_contained(slopes, 1);
    bool falls = llvm::is_contained(slopes, -1);
    PoolKind kind = pool.getKind();
    if (!rises)
      kind = isMax ? PoolKind::Min : PoolKind::Max;
    rewriter.setInsertionPoint(chain.back());
    Value codes = rebuildChain(pool, chain, rewriter);
    if (rises && falls)
      codes = complementFalling(codes, slopes, rewriter);
    Value pooled = PoolOp::create(rewriter, pool.getLoc(), value.getType(),
                                  codes, kind, pool.getWindow(),
                                  /*count_padding=*/false);
    if (rises && falls)
      pooled = complementFalling(pooled, slopes, rewriter);
    // The quantizer's value is the pooled one.
    if (Attribute name = chain.back()->getAttr("dorefa.value")) {
      pooled.getDefiningOp()->setAttr("dorefa.value", name);
      codes.getDefiningOp()->removeAttr("dorefa.value");
    }
    rewriter.replaceAllUsesWith(value, pooled);
    for (Operation *op : llvm::reverse(chain))
      rewriter.eraseOp(op);
    rewriter.eraseOp(pool);
    return success();
  }
};

struct SinkPools : dorefa::impl::SinkPoolsBase<SinkPools> {
  using SinkPoolsBase::SinkPoolsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SinkPool>(&getContext());
    // No folding: upstream's folders of math ops are not ours.
    GreedyRewriteConfig config;
    config.enableFolding(false)
        .enableConstantCSE(false)
        .setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     config)))
      signalPassFailure();
  }
};
} // namespace
