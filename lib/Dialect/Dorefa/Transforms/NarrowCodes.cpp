//===- NarrowCodes.cpp - code types no wider than their codes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The part of QuantizerRecognizer that makes code types as narrow as what can
// occur: bounds of a quantizer's input (from clips, factors and addends in
// front of it) and clips of its codes become bounds of the quantizer, and the
// ops that follow are rebuilt on the narrower codes. NaN gives the lowest code,
// so what is known of the input never moves that one.
//
//===----------------------------------------------------------------------===//

#include "QuantizerRecognizer.h"
#include "dorefa/Dialect/Dorefa/IR/Rounding.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

using Range = QuantizerRecognizer::Range;

/// Bounds that hold for every value but NaN.
std::optional<Range> QuantizerRecognizer::getRange(Value value,
                                                   unsigned depth) {
  constexpr unsigned maxDepth = 16;
  Operation *op = value.getDefiningOp();
  if (!op || depth > maxDepth)
    return std::nullopt;
  if (std::optional<Rounding> rounding = getRounding(op)) {
    std::optional<Range> range = getRange(op->getOperand(0), depth + 1);
    if (range)
      range = Range{applyRounding(*rounding, range->low),
                    applyRounding(*rounding, range->high)};
    return range;
  }
  if (!isa<arith::MinimumFOp, arith::MaximumFOp, arith::MulFOp, arith::DivFOp,
           arith::AddFOp, arith::SubFOp>(op))
    return std::nullopt;
  auto split = splitConstant(op);
  if (!split || std::isnan(split->second))
    return std::nullopt;
  float constant = split->second;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Range range =
      getRange(split->first, depth + 1).value_or(Range{-infinity, infinity});
  bool isFactor = isa<arith::MulFOp, arith::DivFOp>(op);
  if (isFactor && !(constant > 0 && std::isfinite(constant)))
    return std::nullopt;
  auto apply = [&](float bound) {
    if (isa<arith::MinimumFOp>(op))
      return std::min(bound, constant);
    if (isa<arith::MaximumFOp>(op))
      return std::max(bound, constant);
    if (isFactor)
      return isa<arith::MulFOp>(op) ? bound * constant : bound / constant;
    return isa<arith::AddFOp>(op) ? bound + constant : bound - constant;
  };
  range = {apply(range.low), apply(range.high)};
  if (std::isnan(range.low) || std::isnan(range.high))
    return std::nullopt;
  return range;
}

void QuantizerRecognizer::visitQuantize(QuantizeOp op) {
  // Rounding to the nearest integer twice is rounding once.
  if (auto rounding = op.getInput().getDefiningOp<math::RoundEvenOp>())
    if (op.getRounding() == Rounding::HalfEven)
      op.getInputMutable().assign(rounding.getOperand());
  if (op.getRounding() == Rounding::Sign)
    return;
  double low = op.getLowest(), high = op.getHighest();
  if (std::optional<Range> range = getRange(op.getInput())) {
    double first = applyRounding(op.getRounding(), range->low);
    // NaN gives the lowest code, which therefore must not change.
    if (std::clamp(first, low, high) == low)
      high = std::clamp<double>(applyRounding(op.getRounding(), range->high),
                                low, high);
  }
  auto code = CodeAttr::getForRange(op.getContext(), low, high);
  if (code.getBits() >= op.getCode().getBits())
    return;
  OpBuilder builder(op);
  auto codes = createQuantize(builder, op.getLoc(), op.getInput(),
                              op.getRounding(), low, high);
  copyValueName(op, codes);
  narrowed[op.getResult()] = codes.getResult();
}

void QuantizerRecognizer::visitCodeClip(Operation *op) {
  CodeAttr code = getCode(op->getResult(0).getType());
  bool isSigned = isa<arith::MaxSIOp, arith::MinSIOp>(op);
  bool isMaximum = isa<arith::MaxSIOp, arith::MaxUIOp>(op);
  if (!code ||
      (code.getIsSigned() != isSigned &&
       code.getBits() == code.getStorageType().getWidth()))
    return;
  for (unsigned i : {0u, 1u}) {
    Value input = op->getOperand(i);
    std::optional<int64_t> bound =
        evaluator.getUniformInteger(op->getOperand(1 - i));
    if (Value narrow = narrowed.lookup(input))
      input = narrow;
    auto quantize = input.getDefiningOp<QuantizeOp>();
    if (!bound || !quantize || quantize.getRounding() == Rounding::Sign)
      continue;
    auto apply = [&](int64_t value) {
      return isMaximum ? std::max(value, *bound) : std::min(value, *bound);
    };
    OpBuilder builder(op);
    auto codes = createQuantize(
        builder, op->getLoc(), quantize.getInput(), quantize.getRounding(),
        apply(quantize.getLowest()), apply(quantize.getHighest()));
    copyValueName(op, codes);
    narrowed[op->getResult(0)] = codes.getResult();
    return;
  }
}

/// Rebuilds an op on the narrower codes of its operand.
void QuantizerRecognizer::visitCodeUser(Operation *op) {
  Value narrow = narrowed.lookup(op->getOperand(0));
  if (!narrow)
    return;
  OpBuilder builder(op);
  Operation *copy = builder.clone(*op);
  copy->setOperand(0, narrow);
  if (isa<DequantizeOp>(op)) {
    op->replaceAllUsesWith(copy);
    return;
  }
  copy->getResult(0).setType(
      withElementsOf(op->getResult(0).getType(), narrow.getType()));
  narrowed[op->getResult(0)] = copy->getResult(0);
}
