//===- FoldThresholds.cpp - step functions as integer comparisons ---------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Behind a product of codes, each output code is a step function of one integer
// [DoReFa-Net, section 2.8]: a count of comparisons with thresholds. These are
// found by evaluating the declared chain, so that every rounding in it counts:
// by binary search where each op of the chain is monotone, else at every sum
// that the channel can reach.
//
//===----------------------------------------------------------------------===//

#include "EpilogueMonotonicity.h"
#include "LayerCleanup.h"
#include "LayerConstants.h"
#include "WeightNegation.h"
#include "dorefa/Dialect/Dorefa/Transforms/AccumulatorRange.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_FOLDTHRESHOLDS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// One channel's code as a function of the accumulator: it moves from `first`
/// to `last`, one way only.
struct StepFunction {
  int64_t first = 0, last = 0;
  /// The accumulators at which it moves, ascending, each with the code from
  /// there on.
  SmallVector<std::pair<int64_t, int64_t>, 4> moves;

  bool isDecreasing() const { return last < first; }

  /// The same code as a function of the negated accumulator.
  StepFunction mirrored() const {
    StepFunction result{last, first, {}};
    for (size_t i = moves.size(); i-- > 0;)
      result.moves.push_back(
          {1 - moves[i].first, i == 0 ? first : moves[i - 1].second});
    return result;
  }
};

/// Finds the step functions of one result of a layer.
class StepFinder {
public:
  StepFinder(EpilogueEvaluator &evaluator, Value result, CodeAttr code,
             int64_t maxMoves)
      : evaluator(evaluator), slot(evaluator.getSlot(result)), code(code),
        maxMoves(maxMoves) {}

  /// Nothing if the chain is not monotone in that channel, spans more codes
  /// than `maxMoves`, or if that cannot be found out by `scanBudget`
  /// evaluations, which it takes from.
  std::optional<StepFunction> find(IntegerRange range, int64_t &scanBudget);

private:
  int64_t evaluate(int64_t accumulator) {
    evaluator.evaluate(accumulator);
    return code.decode(APInt(64, evaluator.getSlots()[slot].integer)
                           .trunc(code.getStorageType().getWidth()));
  }
  std::optional<StepFunction> search(IntegerRange range);
  std::optional<StepFunction> scan(IntegerRange range);

  EpilogueEvaluator &evaluator;
  unsigned slot;
  CodeAttr code;
  int64_t maxMoves;
};
} // namespace

/// Each move by binary search, for a function known to be monotone.
std::optional<StepFunction> StepFinder::search(IntegerRange range) {
  StepFunction function;
  function.first = evaluate(range.low);
  function.last = evaluate(range.high);
  if (std::abs(function.last - function.first) > maxMoves)
    return std::nullopt;
  int64_t position = range.low, value = function.first;
  while (value != function.last) {
    position = findFirst(position + 1, range.high, [&](int64_t accumulator) {
      return evaluate(accumulator) != value;
    });
    value = evaluate(position);
    function.moves.push_back({position, value});
  }
  return function;
}

std::optional<StepFunction> StepFinder::scan(IntegerRange range) {
  StepFunction function;
  function.first = function.last = evaluate(range.low);
  bool rises = false, falls = false;
  for (int64_t position = range.low + 1; position <= range.high; ++position) {
    int64_t value = evaluate(position);
    if (value == function.last)
      continue;
    (value > function.last ? rises : falls) = true;
    if ((rises && falls) || std::abs(value - function.first) > maxMoves)
      return std::nullopt;
    function.moves.push_back({position, value});
    function.last = value;
  }
  return function;
}

std::optional<StepFunction> StepFinder::find(IntegerRange range,
                                             int64_t &scanBudget) {
  Trend trend = getTrends(evaluator, range.low, range.high)[slot];
  if (trend.isIncreasing || trend.isDecreasing)
    return search(range);
  scanBudget -= range.high - range.low;
  if (scanBudget < 0)
    return std::nullopt;
  return scan(range);
}

//===----------------------------------------------------------------------===//
// The folded epilogue
//===----------------------------------------------------------------------===//

namespace {
/// The thresholds of all channels: the code is `base + count`, or for a channel
/// that falls `top - count`.
struct FoldedResult {
  int64_t base = 0, top = 0;
  SmallVector<bool> isFalling;
  SmallVector<int64_t> thresholds;

  int64_t getNumThresholds() const { return top - base; }
};
} // namespace

/// The accumulator from which on the count is at least `count`.
static int64_t getThreshold(const StepFunction &function, int64_t base,
                            int64_t top, int64_t count, int64_t always,
                            int64_t never) {
  auto countOf = [&](int64_t value) {
    return function.isDecreasing() ? top - value : value - base;
  };
  if (countOf(function.first) >= count)
    return always;
  for (auto [position, value] : function.moves)
    if (countOf(value) >= count)
      return position;
  return never;
}

static FoldedResult getFolded(ArrayRef<StepFunction> functions, int64_t always,
                              int64_t never) {
  FoldedResult folded;
  folded.base = INT64_MAX;
  folded.top = INT64_MIN;
  for (const StepFunction &function : functions) {
    folded.base = std::min({folded.base, function.first, function.last});
    folded.top = std::max({folded.top, function.first, function.last});
  }
  for (const StepFunction &function : functions) {
    folded.isFalling.push_back(function.isDecreasing());
    for (int64_t count = 1; count <= folded.getNumThresholds(); ++count)
      folded.thresholds.push_back(getThreshold(function, folded.base,
                                               folded.top, count, always,
                                               never));
  }
  return folded;
}

/// Adds a constant parameter to a layer; its argument.
static BlockArgument addParameter(LayerOp layer, DenseElementsAttr elements,
                                  Type argumentType) {
  OpBuilder builder(layer);
  Value constant = arith::ConstantOp::create(builder, layer.getLoc(), elements);
  unsigned position =
      layer.getProducts().size() + layer.getParameters().size();
  layer.getParametersMutable().append(constant);
  return layer.getEpilogue().insertArgument(position, argumentType,
                                            layer.getLoc());
}

static DenseElementsAttr getIntegers(ArrayRef<int64_t> shape, Type element,
                                     ArrayRef<int64_t> values) {
  SmallVector<APInt> elements;
  for (int64_t value : values)
    elements.emplace_back(element.getIntOrFloatBitWidth(), value,
                          /*isSigned=*/false, /*implicitTrunc=*/true);
  return DenseElementsAttr::get(RankedTensorType::get(shape, element),
                                elements);
}

/// Builds what gives the codes of one result from the accumulator.
static Value buildFolded(LayerOp layer, const FoldedResult &folded, Type type) {
  Location loc = layer.getLoc();
  int64_t numThresholds = folded.getNumThresholds();
  int64_t channels = folded.isFalling.size();
  Type accumulatorType = layer.getAccumulator(0).getType();
  Value thresholds;
  if (numThresholds > 0)
    thresholds = addParameter(
        layer,
        getIntegers({channels, numThresholds}, accumulatorType,
                    folded.thresholds),
        VectorType::get({numThresholds}, accumulatorType));
  bool falls = llvm::is_contained(folded.isFalling, true);
  bool rises = llvm::is_contained(folded.isFalling, false);
  Value sign, offset;
  if (falls && rises) {
    SmallVector<int64_t> signs, offsets;
    for (bool isFalling : folded.isFalling) {
      signs.push_back(isFalling ? -1 : 1);
      offsets.push_back(isFalling ? folded.top : folded.base);
    }
    sign = addParameter(layer, getIntegers(channels, type, signs), type);
    offset = addParameter(layer, getIntegers(channels, type, offsets), type);
  }

  OpBuilder builder(layer.getEpilogue().front().getTerminator());
  auto constant = [&](int64_t value) -> Value {
    unsigned width = type.getIntOrFloatBitWidth();
    return arith::ConstantOp::create(
        builder, loc,
        builder.getIntegerAttr(
            type, APInt(width, value, /*isSigned=*/false,
                        /*implicitTrunc=*/true)));
  };
  if (numThresholds == 0)
    return constant(folded.base);
  Value count = CountThresholdsOp::create(builder, loc, type,
                                          layer.getAccumulator(0), thresholds);
  if (sign) {
    Value signedCount = arith::MulIOp::create(builder, loc, count, sign);
    return arith::AddIOp::create(builder, loc, offset, signedCount);
  }
  if (falls)
    return arith::SubIOp::create(builder, loc, constant(folded.top), count);
  if (folded.base != 0)
    return arith::AddIOp::create(builder, loc, count, constant(folded.base));
  return count;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct FoldThresholds : dorefa::impl::FoldThresholdsBase<FoldThresholds> {
  using FoldThresholdsBase::FoldThresholdsBase;

  void runOnOperation() override {
    getOperation()->walk([&](LayerOp layer) { foldLayer(layer); });
  }

private:
  void foldLayer(LayerOp layer);
  /// The step functions of one result's channels, or nothing.
  std::optional<SmallVector<StepFunction>>
  findSteps(LayerOp layer, unsigned result, EpilogueEvaluator &evaluator,
            ArrayRef<IntegerRange> ranges);
};
} // namespace

/// What stands for a threshold that is always met, or never.
static int64_t getAlways(LayerOp layer) {
  return llvm::minIntN(
      layer.getAccumulator(0).getType().getIntOrFloatBitWidth());
}
static int64_t getNever(LayerOp layer) { return -(getAlways(layer) + 1); }

std::optional<SmallVector<StepFunction>>
FoldThresholds::findSteps(LayerOp layer, unsigned result,
                          EpilogueEvaluator &evaluator,
                          ArrayRef<IntegerRange> ranges) {
  Value yielded =
      layer.getEpilogue().front().getTerminator()->getOperand(result);
  CodeAttr code = getCode(layer.getResult(result).getType());
  auto known = yielded.getDefiningOp<CountThresholdsOp>();
  bool isFolded = known && known.getValue() == layer.getAccumulator(0);
  if (!code || !yielded.getDefiningOp() || isFolded)
    return std::nullopt;

  int64_t never = getNever(layer);
  StepFinder finder(evaluator, yielded, code, maxThresholds);
  int64_t scanBudget = scanLimit;
  SmallVector<StepFunction> functions;
  int64_t lowest = INT64_MAX, highest = INT64_MIN;
  for (auto [channel, range] : llvm::enumerate(ranges)) {
    // What is never met must lie outside, also of the negated range.
    if (range.low <= -never || range.high >= never)
      return std::nullopt;
    evaluator.setChannel(channel);
    std::optional<StepFunction> function = finder.find(range, scanBudget);
    if (!function)
      return std::nullopt;
    lowest = std::min({lowest, function->first, function->last});
    highest = std::max({highest, function->first, function->last});
    if (highest - lowest > static_cast<int64_t>(maxThresholds))
      return std::nullopt;
    functions.push_back(std::move(*function));
  }
  return functions;
}

/// Makes channels rise that fall, by negating their weights: then the count is
/// the code in all of them. Leaves everything as it is if a weight has no
/// opposite.
static void negateFallingChannels(LayerOp layer,
                                  MutableArrayRef<StepFunction> functions) {
  SmallVector<bool> falls;
  for (const StepFunction &function : functions)
    falls.push_back(function.isDecreasing());
  Value weight = layer.getWeightOf(0);
  if (!weight || !llvm::is_contained(falls, true))
    return;
  DenseElementsAttr negated =
      negateChannels(getConstantElements(weight),
                     layer.getProduct(0).getWeight(), falls);
  if (!negated)
    return;
  OpBuilder builder(layer);
  layer.getWeightsMutable()[0].set(
      arith::ConstantOp::create(builder, weight.getLoc(), negated));
  for (StepFunction &function : functions)
    if (function.isDecreasing())
      function = function.mirrored();
}

void FoldThresholds::foldLayer(LayerOp layer) {
  std::optional<EpilogueEvaluator> evaluator = EpilogueEvaluator::get(layer);
  if (!evaluator)
    return;
  std::optional<SmallVector<IntegerRange>> ranges =
      getAccumulatorRanges(layer, 0);
  if (!ranges)
    return;
  // All are found before one is built: building changes what is evaluated.
  SmallVector<std::optional<SmallVector<StepFunction>>> results;
  for (unsigned i = 0; i < layer.getNumResults(); ++i)
    results.push_back(findSteps(layer, i, *evaluator, *ranges));
  // Other results read the sum as it is.
  if (results.size() == 1 && results.front())
    negateFallingChannels(layer, *results.front());
  Operation *yield = layer.getEpilogue().front().getTerminator();
  for (auto [i, functions] : llvm::enumerate(results)) {
    if (!functions)
      continue;
    FoldedResult folded =
        getFolded(*functions, getAlways(layer), getNever(layer));
    yield->setOperand(
        i, buildFolded(layer, folded, yield->getOperand(i).getType()));
  }
  eraseDeadEpilogue(layer);
}
