//===- NarrowEpilogues.cpp - epilogues in 16 bits ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Intervals from the stored numbers through the epilogue. A sum of n products is
// in [0, n * largest input * largest weight]; plain loops multiply by what weights
// stand for, which may be negative. Constants and window sums are known as well. If
// no integer leaves 16 bits, arithmetic modulo 2^16 gives the same, and the whole
// epilogue is retyped. The number 32767 is left free, for thresholds that nothing
// meets.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/DirectLayout.h"
#include "dorefa/Target/CPU/Passes.h"
#include "dorefa/Target/CPU/TargetRequest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_NARROWEPILOGUES
#include "dorefa/Target/CPU/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// The largest number of 16 bits is left for thresholds that nothing meets.
bool isNarrow(IntegerRange range) {
  return range.low >= std::numeric_limits<int16_t>::min() &&
         range.high < std::numeric_limits<int16_t>::max();
}

/// Finds the bounds of each integer of one epilogue, and rewrites it.
class EpilogueNarrower {
public:
  EpilogueNarrower(LayerOp layer, const TargetFeatures &target)
      : layer(layer), target(target) {}

  /// Whether every integer between the sums and the codes fits 16 bits.
  bool isNarrow();
  void rewrite();

private:
  /// Whether the layer's loops can have sums of 16 bits.
  bool hasNarrowSums();
  bool boundArguments();
  bool boundParameter(Value parameter, BlockArgument argument);
  bool boundResidual(Value residual, BlockArgument argument);
  bool boundOp(Operation &op);
  bool set(Value value, IntegerRange range) {
    ranges[value] = range;
    return ::isNarrow(range);
  }

  /// A parameter of `i32` as one of `i16`, padded to whole vectors.
  Value narrowParameter(OpBuilder &builder, Value parameter);

  LayerOp layer;
  const TargetFeatures &target;
  DenseMap<Value, IntegerRange> ranges;
};
} // namespace

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

bool EpilogueNarrower::hasNarrowSums() {
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (layer.getProducts().empty() || !schedule)
    return false;
  if (std::unique_ptr<Engine> engine =
          Engine::create(schedule.getEngine(), target))
    return engine->hasNarrowSums();
  for (unsigned i = 0; i < layer.getProducts().size(); ++i)
    if (!hasNarrowDirectSums(ProductShape::get(layer, i),
                             layer.getProduct(i).getWeight()))
      return false;
  return true;
}

bool EpilogueNarrower::isNarrow() {
  // What leaves the layer in 32 bits must stay so.
  Block &block = layer.getEpilogue().front();
  bool yieldsBytes =
      llvm::all_of(block.getTerminator()->getOperandTypes(),
                   [](Type type) { return type.isInteger(8); });
  return hasNarrowSums() && yieldsBytes && boundArguments() &&
         llvm::all_of(block.without_terminator(),
                      [&](Operation &op) { return boundOp(op); });
}

bool EpilogueNarrower::boundArguments() {
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    ProductShape shape = ProductShape::get(layer, i);
    BlockArgument sum = layer.getAccumulator(i);
    if (!sum.getType().isInteger(32) || !shape.weightCode)
      return false;
    if (!set(sum, getStoredSumRange(shape, layer.getProduct(i).getWeight())))
      return false;
  }
  for (auto [i, parameter] : llvm::enumerate(layer.getParameters()))
    if (!boundParameter(parameter, layer.getParameterArgument(i)))
      return false;
  for (auto [i, residual] : llvm::enumerate(layer.getResiduals()))
    if (!boundResidual(residual, layer.getResidualArgument(i)))
      return false;
  return true;
}

bool EpilogueNarrower::boundParameter(Value parameter, BlockArgument argument) {
  DenseIntElementsAttr values;
  if (!matchPattern(parameter, m_Constant(&values)) ||
      !values.getElementType().isInteger(32))
    return false;
  // Thresholds are only compared with, and clamped.
  bool thresholds = isa<VectorType>(argument.getType());
  IntegerRange range;
  for (int32_t value : values.getValues<int32_t>()) {
    range.low = std::min<int64_t>(range.low, value);
    range.high = std::max<int64_t>(range.high, value);
  }
  return thresholds || set(argument, range);
}

bool EpilogueNarrower::boundResidual(Value residual, BlockArgument argument) {
  if (auto window = residual.getDefiningOp<WindowSumOp>()) {
    auto layout = cast<LayoutAttr>(typeOf(window.getInput()).getEncoding());
    int64_t groups = typeOf(residual).getDimSize(1);
    int64_t terms = llvm::product_of(window.getKernel()) *
                    typeOf(window.getInput()).getDimSize(1) / groups;
    return set(argument, {0, terms * getLargestStored(layout.getCode())});
  }
  CodeAttr code = dorefa::getCode(residual.getType());
  return code && set(argument, {code.getMin(), code.getMax()});
}

/// An extension that is one to 16 bits too.
static bool isByteExtension(Operation *extend) {
  return extend->getOperand(0).getType().isInteger(8) &&
         extend->getResult(0).getType().isInteger(32);
}

bool EpilogueNarrower::boundOp(Operation &op) {
  auto of = [&](unsigned i) { return ranges.lookup(op.getOperand(i)); };
  return llvm::TypeSwitch<Operation *, bool>(&op)
      .Case([&](arith::ConstantOp constant) {
        auto value = dyn_cast<IntegerAttr>(constant.getValue());
        return value && value.getType().isInteger(32) &&
               set(constant, {value.getInt(), value.getInt()});
      })
      .Case([&](arith::AddIOp add) {
        return set(add, {of(0).low + of(1).low, of(0).high + of(1).high});
      })
      .Case([&](arith::SubIOp sub) {
        return set(sub, {of(0).low - of(1).high, of(0).high - of(1).low});
      })
      .Case([&](arith::MulIOp mul) {
        auto [low, high] =
            std::minmax({of(0).low * of(1).low, of(0).low * of(1).high,
                         of(0).high * of(1).low, of(0).high * of(1).high});
        return set(mul, {low, high});
      })
      .Case([&](arith::ExtUIOp extend) {
        return isByteExtension(extend) && of(0).low >= 0 &&
               set(extend, of(0));
      })
      .Case([&](arith::ExtSIOp extend) {
        return isByteExtension(extend) && set(extend, of(0));
      })
      .Case([&](CountThresholdsOp count) {
        auto thresholds = cast<VectorType>(count.getThresholds().getType());
        return count.getValue().getType().isInteger(32) &&
               set(count, {0, thresholds.getNumElements()});
      })
      .Default([](Operation *) { return false; });
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// i32 and vectors of it as i16; other types as they are.
static Type narrowType(Type type) {
  if (type.isInteger(32))
    return IntegerType::get(type.getContext(), 16);
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(narrowType(vector.getElementType()));
  return type;
}

Value EpilogueNarrower::narrowParameter(OpBuilder &builder, Value parameter) {
  DenseIntElementsAttr values;
  matchPattern(parameter, m_Constant(&values));
  RankedTensorType type = typeOf(parameter);
  SmallVector<int64_t> shape(type.getShape());
  int64_t columns = shape.empty() ? 1 : shape.back(), padded = columns;
  if (!shape.empty())
    shape.back() = padded = llvm::alignTo(columns, target.vectorBytes / 2);
  SmallVector<int16_t> narrow(type.getNumElements() / columns * padded, 0);
  for (auto [i, value] : llvm::enumerate(values.getValues<int32_t>()))
    narrow[i / columns * padded + i % columns] = std::clamp<int32_t>(
        value, std::numeric_limits<int16_t>::min(),
        std::numeric_limits<int16_t>::max());
  return arith::ConstantOp::create(
      builder, parameter.getLoc(),
      DenseElementsAttr::get(
          RankedTensorType::get(shape, builder.getI16Type()),
          ArrayRef<int16_t>(narrow)));
}

void EpilogueNarrower::rewrite() {
  OpBuilder builder(layer);
  for (OpOperand &parameter : layer.getParametersMutable())
    parameter.set(narrowParameter(builder, parameter.get()));
  Block &block = layer.getEpilogue().front();
  auto narrow = [](Value value) { value.setType(narrowType(value.getType())); };
  builder.setInsertionPointToStart(&block);
  for (BlockArgument argument : block.getArguments())
    if (argument.getArgNumber() <
        layer.getProducts().size() + layer.getParameters().size()) {
      narrow(argument);
    } else if (argument.getType().isInteger(32)) {
      // Sums of windows are stored in 32 bits.
      auto low = arith::TruncIOp::create(builder, layer.getLoc(),
                                         builder.getI16Type(), argument);
      argument.replaceAllUsesExcept(low, low);
    }
  for (Operation &op : block.without_terminator()) {
    if (isa<CountThresholdsOp>(op))
      continue;
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      constant.setValueAttr(builder.getI16IntegerAttr(
          cast<IntegerAttr>(constant.getValue()).getInt()));
    narrow(op.getResult(0));
  }
}

namespace {
struct NarrowEpiloguesPass
    : public mlir::dorefa::impl::NarrowEpiloguesBase<NarrowEpiloguesPass> {
  using NarrowEpiloguesBase::NarrowEpiloguesBase;

  void runOnOperation() override {
    FailureOr<TargetFeatures> machine = findTargetFeatures(
        {target, triple, cpu, features}, getOperation().getLoc());
    if (failed(machine))
      return signalPassFailure();
    getOperation().walk([&](LayerOp layer) {
      EpilogueNarrower narrower(layer, *machine);
      if (layer.getPacked() && narrower.isNarrow())
        narrower.rewrite();
    });
  }
};
} // namespace
