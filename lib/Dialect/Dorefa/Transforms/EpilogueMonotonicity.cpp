//===- EpilogueMonotonicity.cpp - how epilogues grow ----------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Trends are found step by step from those of the operands, over a range of
// accumulators [low, high] in one channel. Reals must be finite at both ends,
// so that monotone values are finite between them. A select between two
// monotone pieces is searched for the point where its condition changes, and
// keeps a trend if the jump there goes the same way.
//
//===----------------------------------------------------------------------===//

#include "EpilogueMonotonicity.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

int64_t mlir::dorefa::findFirst(int64_t low, int64_t high,
                                function_ref<bool(int64_t)> isReached) {
  ++high;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (isReached(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

namespace {
class TrendAnalysis {
public:
  TrendAnalysis(EpilogueEvaluator &evaluator, int64_t low, int64_t high);
  SmallVector<Trend> run();

private:
  using Step = EpilogueEvaluator::Step;

  Trend analyze(const Step &step);
  Trend analyzeScaled(const Step &step, unsigned variable, unsigned factor);
  Trend analyzeComparison(const Step &step, arith::CmpFPredicate predicate);
  Trend analyzeSelect(const Step &step);
  Trend analyzeComplement(const Step &step);
  Trend getOperand(const Step &step, unsigned i) const {
    return trends[step.operands[i]];
  }

  EpilogueEvaluator &evaluator;
  int64_t low, high;
  SmallVector<EpilogueScalar> atLow, atHigh;
  SmallVector<Trend> trends;
};
} // namespace

TrendAnalysis::TrendAnalysis(EpilogueEvaluator &evaluator, int64_t low,
                             int64_t high)
    : evaluator(evaluator), low(low), high(high),
      trends(evaluator.getSlots().size(), Trend::constant()) {
  evaluator.evaluate(low);
  atLow.assign(evaluator.getSlots().begin(), evaluator.getSlots().end());
  evaluator.evaluate(high);
  atHigh.assign(evaluator.getSlots().begin(), evaluator.getSlots().end());
}

SmallVector<Trend> TrendAnalysis::run() {
  trends[EpilogueEvaluator::accumulatorSlot] = Trend::increasing();
  for (const Step &step : evaluator.getSteps()) {
    bool isConstant = llvm::all_of(
        step.operands, [&](unsigned slot) { return trends[slot].isConstant; });
    Trend trend = isConstant ? Trend::constant() : analyze(step);
    // Finite at both ends and monotone is finite between them; only so are
    // there neither NaN nor infinities that the next op might turn into one.
    if (!isConstant && step.width == 0 &&
        !(std::isfinite(atLow[step.result].real) &&
          std::isfinite(atHigh[step.result].real)))
      trend = Trend();
    trends[step.result] = trend;
  }
  return trends;
}

/// A product with, or quotient by, a factor that does not vary.
Trend TrendAnalysis::analyzeScaled(const Step &step, unsigned variable,
                                   unsigned factor) {
  if (!getOperand(step, factor).isConstant)
    return {};
  float value = atLow[step.operands[factor]].real;
  Trend trend = getOperand(step, variable);
  // Times 0: zeros of either sign, which every op that has a trend below
  // treats alike, unless one becomes infinite.
  if (value == 0)
    return {true, true, false};
  if (!std::isfinite(value))
    return {};
  return value > 0 ? trend : trend.flipped();
}

/// From 0 to 1, or back.
Trend TrendAnalysis::analyzeComparison(const Step &step,
                                       arith::CmpFPredicate predicate) {
  using Predicate = arith::CmpFPredicate;
  Trend left = getOperand(step, 0), right = getOperand(step, 1);
  switch (predicate) {
  case Predicate::OGT:
  case Predicate::UGT:
  case Predicate::OGE:
  case Predicate::UGE:
    return left.with(right.flipped());
  case Predicate::OLT:
  case Predicate::ULT:
  case Predicate::OLE:
  case Predicate::ULE:
    return right.with(left.flipped());
  default:
    return {};
  }
}

/// Two pieces, each with its trend, and what happens where they meet.
Trend TrendAnalysis::analyzeSelect(const Step &step) {
  Trend condition = getOperand(step, 0);
  Trend pieces = getOperand(step, 1).with(getOperand(step, 2));
  pieces.isConstant = false;
  if (!condition.isIncreasing && !condition.isDecreasing)
    return {};
  unsigned slot = step.operands[0];
  if (atLow[slot].integer == atHigh[slot].integer)
    return getOperand(step, atLow[slot].integer ? 1 : 2);
  int64_t change = findFirst(low, high, [&](int64_t accumulator) {
    evaluator.evaluate(accumulator);
    return evaluator.getSlots()[slot].integer == atHigh[slot].integer;
  });
  auto valueAt = [&](int64_t accumulator) {
    evaluator.evaluate(accumulator);
    EpilogueScalar scalar = evaluator.getSlots()[step.result];
    return step.width ? static_cast<double>(scalar.integer) : scalar.real;
  };
  double before = valueAt(change - 1), after = valueAt(change);
  return pieces.with({before <= after, before >= after, false});
}

/// Codes whose bits are all complemented, or none. Trends of codes are those of
/// the integers that the bits mean, with or without sign.
Trend TrendAnalysis::analyzeComplement(const Step &step) {
  if (!getOperand(step, 1).isConstant)
    return {};
  unsigned slot = step.operands[0];
  int64_t mask = atLow[step.operands[1]].integer;
  int64_t first = atLow[slot].integer, last = atHigh[slot].integer;
  auto isBelow = [&](int64_t code) { return code >= 0 && code <= mask; };
  if (mask == 0)
    return getOperand(step, 0);
  if (mask == -1 || (llvm::isMask_64(mask) && isBelow(first) && isBelow(last)))
    return getOperand(step, 0).flipped();
  return {};
}

Trend TrendAnalysis::analyze(const Step &step) {
  return llvm::TypeSwitch<Operation *, Trend>(step.op)
      .Case<arith::SIToFPOp, math::RoundEvenOp, math::FloorOp, math::CeilOp,
            math::TruncOp, math::SqrtOp, math::ExpOp, math::LogOp, math::TanhOp,
            math::ErfOp, SigmoidOp, QuantizeScalarOp>(
          [&](auto) { return getOperand(step, 0); })
      .Case([&](CountThresholdsOp) {
        // A vector's slot holds its first element: it is a parameter.
        return getOperand(step, 0);
      })
      .Case<arith::AddFOp, arith::MaximumFOp, arith::MinimumFOp>([&](auto) {
        return getOperand(step, 0).with(getOperand(step, 1));
      })
      .Case([&](arith::SubFOp) {
        return getOperand(step, 0).with(getOperand(step, 1).flipped());
      })
      .Case([&](arith::NegFOp) { return getOperand(step, 0).flipped(); })
      .Case([&](arith::MulFOp) {
        return getOperand(step, 1).isConstant ? analyzeScaled(step, 0, 1)
                                              : analyzeScaled(step, 1, 0);
      })
      .Case([&](arith::DivFOp) {
        return atLow[step.operands[1]].real == 0 ? Trend()
                                                 : analyzeScaled(step, 0, 1);
      })
      .Case([&](arith::CmpFOp op) {
        return analyzeComparison(step, op.getPredicate());
      })
      .Case([&](arith::SelectOp) { return analyzeSelect(step); })
      .Case([&](arith::XOrIOp) { return analyzeComplement(step); })
      .Default([](Operation *) { return Trend(); });
}

SmallVector<Trend> mlir::dorefa::getTrends(EpilogueEvaluator &evaluator,
                                           int64_t low, int64_t high) {
  return TrendAnalysis(evaluator, low, high).run();
}
