//===- ReduceEpilogues.cpp - cheaper ops in epilogues ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Strength reduction with the same codes as its only measure: what stands in
// front of a quantizer may have other roundings as long as no code changes,
// which is tried out at every step of the code (StepFit.h).
//
//===----------------------------------------------------------------------===//

#include "StepFit.h"
#include "dorefa/Dialect/Dorefa/Transforms/DeadOps.h"
#include "dorefa/Engine/Engine.h"
#include "dorefa/Target/CPU/Passes.h"
#include "dorefa/Target/CPU/TargetRequest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

namespace mlir::dorefa {
#define GEN_PASS_DEF_REDUCEEPILOGUES
#include "dorefa/Target/CPU/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// Fewer comparisons are cheaper than the five ops of a line.
static constexpr int64_t fewThresholds = 4;

//===----------------------------------------------------------------------===//
// What stands in front of a quantizer
//===----------------------------------------------------------------------===//

static std::optional<float> getConstantReal(Value value) {
  FloatAttr constant;
  if (!matchPattern(value, m_Constant(&constant)) || !constant.getType().isF32())
    return std::nullopt;
  return constant.getValue().convertToFloat();
}

namespace {
/// A quantizer, and the division or multiplication by a positive constant that may
/// stand in front of it: the code never falls as their operand rises.
struct ScaledQuantizer {
  QuantizeScalarOp quantize;
  Operation *scaling = nullptr; ///< divf or mulf, or none
  float constant = 1;

  int64_t getCode(float real) {
    if (scaling)
      real = isa<arith::DivFOp>(scaling) ? real / constant : real * constant;
    return roundAndClamp(real, quantize.getLowest(), quantize.getHighest());
  }
  /// The value without bounds beyond which the code is the first or last anyway.
  /// NaN passes a bound.
  Value skipBounds(Value value);
  /// The value, or what it is a positive multiple of.
  Value skipScaling(Value value);
};
} // namespace

Value ScaledQuantizer::skipBounds(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::MaximumFOp, arith::MinimumFOp>(op))
      break;
    std::optional<float> bound = getConstantReal(op->getOperand(1));
    int64_t outside = isa<arith::MaximumFOp>(op) ? quantize.getLowest()
                                                 : quantize.getHighest();
    if (!bound || std::isnan(*bound) || getCode(*bound) != outside)
      break;
    value = op->getOperand(0);
  }
  return value;
}

Value ScaledQuantizer::skipScaling(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_present<arith::DivFOp, arith::MulFOp>(op))
    return value;
  std::optional<float> factor = getConstantReal(op->getOperand(1));
  // The code falls with a negative factor, and infinity times 0 is no number.
  if (!factor || !std::isnormal(*factor) || *factor < 0)
    return value;
  scaling = op;
  constant = *factor;
  return op->getOperand(0);
}

/// The reciprocal of a quantizer's divisor, in one factor where there is no fused
/// multiply-add.
static std::optional<Reciprocal> getReciprocal(ScaledQuantizer &scaled,
                                               const TargetFeatures &target) {
  if (!isa_and_present<arith::DivFOp>(scaled.scaling))
    return std::nullopt;
  std::optional<Reciprocal> reciprocal =
      findReciprocal(scaled.constant, scaled.quantize.getLowest(),
                     scaled.quantize.getHighest());
  if (reciprocal && reciprocal->low != 0 && !target.fusedMultiplyAdd)
    return std::nullopt;
  return reciprocal;
}

static Value multiply(ImplicitLocOpBuilder &b, Value value,
                      const Reciprocal &reciprocal) {
  auto constant = [&](float real) -> Value {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(real));
  };
  if (reciprocal.low == 0)
    return arith::MulFOp::create(b, value, constant(reciprocal.high));
  Value low = arith::MulFOp::create(b, value, constant(reciprocal.low));
  return math::FmaOp::create(b, value, constant(reciprocal.high), low);
}

static void reduceQuantizer(QuantizeScalarOp quantize,
                            const TargetFeatures &target) {
  // The bounds of longer codes are no binary32 numbers.
  if (quantize.getRounding() != Rounding::HalfEven ||
      quantize.getCode().getBits() > 24)
    return;
  ScaledQuantizer scaled{quantize};
  Value value = scaled.skipBounds(quantize.getInput());
  value = scaled.skipBounds(scaled.skipScaling(value));
  if (Operation *scaling = scaled.scaling) {
    ImplicitLocOpBuilder b(scaling->getLoc(), quantize);
    if (std::optional<Reciprocal> reciprocal = getReciprocal(scaled, target)) {
      value = multiply(b, value, *reciprocal);
    } else if (value != scaling->getOperand(0)) {
      Operation *copy = b.clone(*scaling);
      copy->setOperand(0, value);
      value = copy->getResult(0);
    } else {
      value = scaling->getResult(0);
    }
  }
  quantize.getInputMutable().assign(value);
}

//===----------------------------------------------------------------------===//
// Thresholds
//===----------------------------------------------------------------------===//

/// The largest magnitude of the integer that a code stands for.
static int64_t getMagnitude(CodeAttr code, AffineAttr affine) {
  int64_t step = affine ? affine.getStep() : 1, most = 0;
  SmallVector<int64_t> zeros{0};
  if (affine)
    zeros.assign(affine.getZero().begin(), affine.getZero().end());
  for (int64_t zero : zeros)
    for (int64_t end : {int64_t(code.getMin()), int64_t(code.getMax())})
      most = std::max(most, std::abs(step * end - zero));
  return most;
}

/// What sums of the product can be, one a channel or one for all; nothing if it
/// is not of codes.
static SmallVector<IntegerRange> getSumRanges(LayerOp layer, unsigned index) {
  if (auto ranges = getAccumulatorRanges(layer, index))
    return *ranges;
  ProductShape shape = ProductShape::get(layer, index);
  if (!shape.inputCode || !shape.weightCode ||
      shape.kind != ProductKind::Conv)
    return {};
  ProductAttr product = layer.getProduct(index);
  int64_t most = shape.getTaps() * shape.getGroupInputs() *
                 getMagnitude(shape.inputCode, product.getInput()) *
                 getMagnitude(shape.weightCode, product.getWeight());
  return {{-most, most}};
}

/// One line a channel, or nothing.
static std::optional<SmallVector<FittedLine>>
fitLines(DenseIntElementsAttr thresholds, ArrayRef<IntegerRange> ranges) {
  int64_t columns = thresholds.getType().getShape().back();
  int64_t rows = thresholds.getNumElements() / columns;
  bool isShared = rows != static_cast<int64_t>(ranges.size());
  IntegerRange all = ranges.front();
  for (IntegerRange range : ranges)
    all = {std::min(all.low, range.low), std::max(all.high, range.high)};
  SmallVector<FittedLine> lines;
  SmallVector<int64_t> row;
  for (APInt threshold : thresholds.getValues<APInt>()) {
    row.push_back(threshold.getSExtValue());
    if (static_cast<int64_t>(row.size()) < columns)
      continue;
    // One row of thresholds may be for all channels.
    std::optional<FittedLine> line =
        fitLine(row, isShared ? all : ranges[lines.size()]);
    if (!line)
      return std::nullopt;
    lines.push_back(*line);
    row.clear();
  }
  return lines;
}

static Value createParameter(OpBuilder &builder, Location loc,
                             ArrayRef<FittedLine> lines,
                             float FittedLine::*field) {
  SmallVector<float> values;
  for (const FittedLine &line : lines)
    values.push_back(line.*field);
  auto type = RankedTensorType::get({int64_t(values.size())},
                                    builder.getF32Type());
  return arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef(values)));
}

static void reduceCount(LayerOp layer, CountThresholdsOp count) {
  auto thresholds = cast<BlockArgument>(count.getThresholds());
  auto sum = dyn_cast<BlockArgument>(count.getValue());
  unsigned numProducts = layer.getProducts().size();
  int64_t number = cast<VectorType>(thresholds.getType()).getNumElements();
  if (!sum || sum.getArgNumber() >= numProducts || number < fewThresholds ||
      number > 255 || !count.getResult().getType().isInteger(8) ||
      !thresholds.hasOneUse() || !sum.getType().isInteger(32))
    return;
  unsigned index = thresholds.getArgNumber() - numProducts;
  SmallVector<IntegerRange> ranges = getSumRanges(layer, sum.getArgNumber());
  DenseIntElementsAttr values;
  if (ranges.empty() || !matchPattern(layer.getParameters()[index], m_Constant(&values)) ||
      values.getType().getRank() != 2)
    return;
  std::optional<SmallVector<FittedLine>> lines = fitLines(values, ranges);
  if (!lines)
    return;

  // The slope takes the thresholds' place; the offset is a new parameter.
  OpBuilder builder(layer);
  Location loc = count.getLoc();
  layer.getParametersMutable()[index].set(
      createParameter(builder, loc, *lines, &FittedLine::scale));
  layer.getParametersMutable().append(
      createParameter(builder, loc, *lines, &FittedLine::bias));
  Block &block = layer.getEpilogue().front();
  Value bias = block.insertArgument(
      numProducts + layer.getParameters().size() - 1, builder.getF32Type(), loc);

  ImplicitLocOpBuilder b(loc, count);
  int64_t bits = llvm::Log2_64_Ceil(number + 1);
  Value real = arith::SIToFPOp::create(b, b.getF32Type(), sum);
  IntegerAttr highest;
  if (number != (int64_t(1) << bits) - 1)
    highest = b.getI64IntegerAttr(number);
  thresholds.setType(b.getF32Type());
  Value line = math::FmaOp::create(b, real, thresholds, bias);
  Value code = QuantizeScalarOp::create(
      b, b.getI8Type(), line, Rounding::HalfEven,
      CodeAttr::get(b.getContext(), /*isSigned=*/false, bits),
      /*min=*/IntegerAttr(), highest);
  count.getResult().replaceAllUsesWith(code);
  count.erase();
}

namespace {
struct ReduceEpiloguesPass
    : public mlir::dorefa::impl::ReduceEpiloguesBase<ReduceEpiloguesPass> {
  using ReduceEpiloguesBase::ReduceEpiloguesBase;

  void runOnOperation() override {
    FailureOr<TargetFeatures> machine = findTargetFeatures(
        {target, triple, cpu, features}, getOperation().getLoc());
    if (failed(machine))
      return signalPassFailure();
    getOperation().walk([&](LayerOp layer) {
      if (layer.getPacked())
        return;
      Block &block = layer.getEpilogue().front();
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (auto quantize = dyn_cast<QuantizeScalarOp>(op))
          reduceQuantizer(quantize, *machine);
        else if (auto count = dyn_cast<CountThresholdsOp>(op);
                 count && machine->fusedMultiplyAdd)
          reduceCount(layer, count);
      }
      eraseDeadOps(block);
    });
  }
};
} // namespace
