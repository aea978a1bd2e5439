//===- RecognizeQuantizers.cpp - quantizers that models spell out ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Finds quantizers that exporters write out as arithmetic: a rounding with a
// clip by whole numbers before or behind it, Sign as two selects, and a Where
// between two constants. All are replaced by quantize and dequantize with the
// same value to the last bit, so every reader may have it.
//
//===----------------------------------------------------------------------===//

#include "QuantizerRecognizer.h"
#include "dorefa/Dialect/Dorefa/Transforms/DeadOps.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::dorefa {
#define GEN_PASS_DEF_RECOGNIZEQUANTIZERS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

using Range = QuantizerRecognizer::Range;
using Clip = QuantizerRecognizer::Clip;

namespace {

struct RecognizeQuantizers
    : dorefa::impl::RecognizeQuantizersBase<RecognizeQuantizers> {
  using RecognizeQuantizersBase::RecognizeQuantizersBase;

  void runOnOperation() override {
    for (Block &block : getOperation().getFunctionBody())
      QuantizerRecognizer(block).run();
  }
};

} // namespace

static bool isWhole(float value) {
  return std::nearbyint(value) == value && std::fabs(value) < 0x1p31f;
}

std::optional<Rounding> mlir::dorefa::getRounding(Operation *op) {
  return TypeSwitch<Operation *, std::optional<Rounding>>(op)
      .Case([](math::RoundEvenOp) { return Rounding::HalfEven; })
      .Case([](math::FloorOp) { return Rounding::Floor; })
      .Case([](math::CeilOp) { return Rounding::Ceil; })
      .Default([](Operation *) { return std::nullopt; });
}

void QuantizerRecognizer::run() {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (op.getNumResults() != 1)
      continue;
    if (std::optional<Rounding> rounding = getRounding(&op)) {
      visitRounding(&op, *rounding);
      continue;
    }
    TypeSwitch<Operation *>(&op)
        .Case<arith::MinimumFOp, arith::MaximumFOp>(
            [&](Operation *op) { visitClip(op); })
        .Case([&](arith::SelectOp op) { visitSelect(op); })
        .Case([&](QuantizeOp op) { visitQuantize(op); })
        .Case<arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp, arith::MinUIOp>(
            [&](Operation *op) { visitCodeClip(op); })
        .Case<DequantizeOp, ReshapeOp, TransposeOp, SliceOp, GatherOp, ResizeOp,
              PoolOp>([&](Operation *op) { visitCodeUser(op); });
  }
  eraseDeadOps(block);
}

void QuantizerRecognizer::replace(Operation *op, QuantizeOp codes,
                                  ArrayRef<float> scale, int64_t zero,
                                  int64_t axis, int64_t step) {
  visitQuantize(codes);
  if (Value narrow = narrowed.lookup(codes))
    codes = narrow.getDefiningOp<QuantizeOp>();
  OpBuilder builder(op);
  auto value = createDequantize(builder, op->getLoc(), codes, scale, zero, axis,
                                step);
  copyValueName(op, codes);
  copyValueName(op, value);
  op->getResult(0).replaceAllUsesWith(value.getResult());
}

//===----------------------------------------------------------------------===//
// Rounding with a Clip
//===----------------------------------------------------------------------===//

/// The operand that is not constant, and the constant, of a binary op.
std::optional<std::pair<Value, float>>
QuantizerRecognizer::splitConstant(Operation *op) {
  for (unsigned i : {1u, 0u}) {
    if (i == 0 && !op->hasTrait<OpTrait::IsCommutative>())
      break;
    if (std::optional<float> constant = evaluator.getUniform(op->getOperand(i)))
      return std::make_pair(op->getOperand(1 - i), *constant);
  }
  return std::nullopt;
}

std::optional<Clip> QuantizerRecognizer::matchClip(Value value) {
  Operation *outer = value.getDefiningOp();
  if (!isa_and_present<arith::MinimumFOp, arith::MaximumFOp>(outer))
    return std::nullopt;
  auto outerSplit = splitConstant(outer);
  if (!outerSplit)
    return std::nullopt;
  Operation *inner = outerSplit->first.getDefiningOp();
  bool isMinimum = isa<arith::MinimumFOp>(outer);
  if (!inner || (isMinimum ? !isa<arith::MaximumFOp>(inner)
                           : !isa<arith::MinimumFOp>(inner)))
    return std::nullopt;
  auto innerSplit = splitConstant(inner);
  if (!innerSplit)
    return std::nullopt;
  float outerBound = outerSplit->second, innerBound = innerSplit->second;
  Clip clip{innerSplit->first,
            isMinimum ? Range{innerBound, outerBound}
                      : Range{outerBound, innerBound}};
  // The outer bound wins if they cross.
  if (clip.range.low > clip.range.high)
    clip.range = {outerBound, outerBound};
  return clip;
}

/// The whole numbers between which a Clip keeps `value`, in units of `value`:
/// constant factors may stand between, as in Clip(0, 1) - Mul(7).
std::optional<Range> QuantizerRecognizer::getWholeRangeBefore(Value value) {
  SmallVector<std::pair<Operation *, float>> factors;
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::MulFOp, arith::DivFOp>(op))
      break;
    auto split = splitConstant(op);
    if (!split || !(split->second > 0) || std::isinf(split->second))
      return std::nullopt;
    factors.push_back({op, split->second});
    value = split->first;
  }
  std::optional<Clip> clip = matchClip(value);
  if (!clip || !isWhole(clip->range.low) || !isWhole(clip->range.high))
    return std::nullopt;
  Range range = clip->range;
  for (auto [op, factor] : llvm::reverse(factors)) {
    bool isMul = isa<arith::MulFOp>(op);
    range.low = isMul ? range.low * factor : range.low / factor;
    range.high = isMul ? range.high * factor : range.high / factor;
  }
  if (!isWhole(range.low) || !isWhole(range.high))
    return std::nullopt;
  return range;
}

/// Whether this rounding belongs to a quantizer that the model declares.
bool QuantizerRecognizer::isDeclaredQuantizer(Operation *rounding) {
  return llvm::any_of(rounding->getUsers(), [](Operation *user) {
    return isa<QuantizeOp>(user) ||
           (isa<arith::AddFOp>(user) &&
            llvm::any_of(user->getUsers(), llvm::IsaPred<QuantizeOp>));
  });
}

void QuantizerRecognizer::visitRounding(Operation *op, Rounding rounding) {
  if (isDeclaredQuantizer(op))
    return;
  Value input = op->getOperand(0);
  std::optional<Range> range = getWholeRangeBefore(input);
  if (!range)
    return;
  if (std::optional<Clip> clip = matchClip(input))
    input = clip->input;
  OpBuilder builder(op);
  auto codes = createQuantize(builder, op->getLoc(), input, rounding,
                              range->low, range->high);
  replace(op, codes, 1.0f, /*zero=*/0, /*axis=*/0, /*step=*/1);
}

void QuantizerRecognizer::visitClip(Operation *op) {
  std::optional<Clip> clip = matchClip(op->getResult(0));
  if (!clip || !isWhole(clip->range.low) || !isWhole(clip->range.high))
    return;
  Operation *source = clip->input.getDefiningOp();
  if (!source)
    return;
  int64_t low = clip->range.low, high = clip->range.high;
  Value input;
  std::optional<Rounding> rounding = getRounding(source);
  if (rounding) {
    input = source->getOperand(0);
  } else if (auto dequantize = dyn_cast<DequantizeOp>(source)) {
    // A rounding that had a Clip before it, too.
    auto quantize = dequantize.getInput().getDefiningOp<QuantizeOp>();
    if (!quantize || quantize.getRounding() == Rounding::Sign ||
        dequantize.getStep() != 1 ||
        evaluator.getUniform(dequantize.getScale()) != 1.0f ||
        evaluator.getUniformInteger(dequantize.getZeroPoint()) != 0)
      return;
    rounding = quantize.getRounding();
    input = quantize.getInput();
    int64_t clampedLow = std::clamp(quantize.getLowest(), low, high);
    high = std::clamp(quantize.getHighest(), low, high);
    low = clampedLow;
  } else {
    return;
  }
  OpBuilder builder(op);
  auto codes =
      createQuantize(builder, op->getLoc(), input, *rounding, low, high);
  replace(op, codes, 1.0f, /*zero=*/0, /*axis=*/0, /*step=*/1);
}

//===----------------------------------------------------------------------===//
// Sign and Where
//===----------------------------------------------------------------------===//

/// Matches `x > 0 ? 1 : (x < 0 ? -1 : 0)` and its mirror image.
bool QuantizerRecognizer::isSign(arith::SelectOp op, Value &input) {
  auto inner = op.getFalseValue().getDefiningOp<arith::SelectOp>();
  auto outerTest = op.getCondition().getDefiningOp<arith::CmpFOp>();
  if (!inner || !outerTest)
    return false;
  auto innerTest = inner.getCondition().getDefiningOp<arith::CmpFOp>();
  if (!innerTest || outerTest.getLhs() != innerTest.getLhs() ||
      evaluator.getUniform(outerTest.getRhs()) != 0.0f ||
      evaluator.getUniform(innerTest.getRhs()) != 0.0f ||
      evaluator.getUniform(inner.getFalseValue()) != 0.0f)
    return false;
  auto gives = [&](arith::CmpFOp test, Value value) {
    if (test.getPredicate() == arith::CmpFPredicate::OGT)
      return evaluator.getUniform(value) == 1.0f;
    return test.getPredicate() == arith::CmpFPredicate::OLT &&
           evaluator.getUniform(value) == -1.0f;
  };
  input = outerTest.getLhs();
  return outerTest.getPredicate() != innerTest.getPredicate() &&
         gives(outerTest, op.getTrueValue()) &&
         gives(innerTest, inner.getTrueValue());
}

void QuantizerRecognizer::visitSelect(arith::SelectOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type || !type.getElementType().isF32() ||
      !isa<RankedTensorType>(op.getCondition().getType()))
    return;
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Value input;
  if (isSign(op, input)) {
    auto codes = createQuantize(builder, loc, input, Rounding::Up, -1, 1);
    return replace(op, codes, 1.0f, /*zero=*/0, /*axis=*/0, /*step=*/1);
  }
  for (Operation *user : op->getUsers())
    if (auto outer = dyn_cast<arith::SelectOp>(user))
      if (isSign(outer, input))
        return;
  // What a quantizer of signs reads has been recognised before.
  auto isSignQuantizer = [](Operation *user) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    return quantize && quantize.getRounding() == Rounding::Sign;
  };
  if (!op->use_empty() && llvm::all_of(op->getUsers(), isSignQuantizer))
    return;

  std::optional<AxisVector<float>> u =
      evaluator.getAxisVector(op.getTrueValue());
  std::optional<AxisVector<float>> v =
      evaluator.getAxisVector(op.getFalseValue());
  if (!u || !v || (!u->isUniform() && !v->isUniform() && u->axis != v->axis))
    return;
  // One of them is the larger at every position: code 1.
  int64_t axis = u->isUniform() ? v->axis : u->axis;
  size_t count = std::max(u->values.size(), v->values.size());
  bool opposite = true, oneZero = true;
  SmallVector<float> scale, onTrue, onFalse;
  for (size_t i = 0; i < count; ++i) {
    float a = u->at(i), b = v->at(i);
    opposite &= a == -b && a != 0;
    oneZero &= (a == 0 && b > 0) || (b == 0 && a > 0);
    scale.push_back(std::max(a, b));
    onTrue.push_back(a > b ? 1.0f : -1.0f);
    onFalse.push_back(a > b ? -1.0f : 1.0f);
  }
  if ((!opposite && !oneZero) ||
      !llvm::all_of(scale, [](float s) { return std::isfinite(s); }))
    return;

  // `x >= 0 ? u : v` with u > v is the sign itself.
  auto test = op.getCondition().getDefiningOp<arith::CmpFOp>();
  if (test && test.getPredicate() == arith::CmpFPredicate::OGE &&
      evaluator.getUniform(test.getRhs()) == 0.0f &&
      llvm::all_of(onTrue, [](float value) { return value > 0; })) {
    input = test.getLhs();
  } else {
    auto spread = [&](SmallVector<float> values) -> Value {
      if (llvm::all_equal(values))
        values.resize(1);
      return createAlong(builder, loc, values, axis, type);
    };
    // One after the other: the order of arguments is the host compiler's.
    Value no = spread(onFalse), yes = spread(onTrue);
    input =
        arith::SelectOp::create(builder, loc, op.getCondition(), yes, no);
  }
  auto code = CodeAttr::get(builder.getContext(), /*isSigned=*/false, 1);
  auto codes = QuantizeOp::create(
      builder, loc, code.getTensorType(type.getShape()), input,
      RoundingAttr::get(builder.getContext(), Rounding::Sign), IntegerAttr(),
      IntegerAttr());
  if (llvm::all_equal(scale))
    scale.resize(1);
  replace(op, codes, scale, opposite ? 1 : 0, axis, opposite ? 2 : 1);
}
