//===- RecognizeCodes.cpp - which reals are codes times a scale ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The sweep of CodeRecognizer: what is coded, and how this passes through
// constant factors and addends. A sum whose zero points fit no channel is
// quantized anew, to integers on the same scale. A quantizer that maps each
// code of its input to itself, tried out on all of up to 256 codes, is dropped:
// the codes have its name, too.
//
//===----------------------------------------------------------------------===//

#include "CodeRecognizer.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "dorefa/Dialect/Dorefa/IR/Rounding.h"
#include "dorefa/Dialect/Dorefa/IR/TapNames.h"
#include "dorefa/Dialect/Dorefa/Transforms/DeadOps.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::dorefa {
#define GEN_PASS_DEF_RECOGNIZECODES
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

namespace {

struct RecognizeCodes : dorefa::impl::RecognizeCodesBase<RecognizeCodes> {
  using RecognizeCodesBase::RecognizeCodesBase;

  void runOnOperation() override {
    for (Block &block : getOperation().getFunctionBody())
      if (failed(CodeRecognizer(block).run()))
        return signalPassFailure();
  }
};

} // namespace

LogicalResult CodeRecognizer::run() {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
      if (failed(visitDequantize(dequantize)))
        return failure();
      continue;
    }
    if (isa<ConvOp, PoolOp>(op))
      absorbPad(&op);
    if (isContraction(&op)) {
      if (failed(visitContraction(&op)))
        return failure();
      continue;
    }
    TypeSwitch<Operation *>(&op)
        .Case<arith::MulFOp, arith::DivFOp>(
            [&](Operation *op) { visitFactor(op); })
        .Case<arith::AddFOp, arith::SubFOp>(
            [&](Operation *op) { visitAddend(op); })
        .Case<ReshapeOp, TransposeOp, SliceOp, GatherOp, ResizeOp, PoolOp>(
            [&](Operation *op) { visitShapeOp(op); })
        .Case([&](ConcatOp op) { visitConcat(op); })
        .Case([&](QuantizeOp op) { visitQuantize(op); });
  }
  eraseDeadOps(block);
  keepFirstNames();
  return success();
}

/// Codes that are stored in two widths have their name once.
void CodeRecognizer::keepFirstNames() {
  DenseSet<Attribute> names;
  for (Operation &op : block)
    removeTapNames(&op, [&](StringAttr name) {
      return !names.insert(name).second;
    });
}

//===----------------------------------------------------------------------===//
// What is coded
//===----------------------------------------------------------------------===//

/// Whether all elements are whole numbers below 2^31.
static bool isWhole(const ConstantTensor &tensor) {
  if (tensor.getNumElements() == 0)
    return false;
  return llvm::all_of(tensor.getValues<float>(), [](float value) {
    return std::fabs(value) < 0x1p31f && std::nearbyint(value) == value;
  });
}

const CodedValue *CodeRecognizer::getCoded(Value value) {
  if (auto it = codedValues.find(value); it != codedValues.end())
    return &it->second;
  // Whole constants are their own codes: those of the file, and what constants
  // are rounded to.
  Operation *op = value.getDefiningOp();
  if (!isa_and_present<arith::ConstantOp, arith::SIToFPOp, arith::UIToFPOp,
                       math::RoundEvenOp, math::FloorOp, math::CeilOp>(op) ||
      realConstants.contains(value))
    return nullptr;
  std::optional<ConstantTensor> tensor = evaluator.evaluate(value);
  if (!tensor || !tensor->isReal() || !isWhole(*tensor)) {
    realConstants.insert(value);
    return nullptr;
  }
  CodedValue coded;
  coded.codes = value;
  coded.scale.assign(1, 1.0f);
  coded.zero.assign(1, 0);
  return &(codedValues[value] = coded);
}

void CodeRecognizer::setCoded(Value value, CodedValue coded) {
  // The codes take the name of the first real value that they code, unless it
  // is one of theirs already.
  Operation *producer = coded.codes.getDefiningOp();
  Operation *real = value.getDefiningOp();
  if (producer && real != producer && !evaluator.isConstant(coded.codes))
    if (auto name = real->getAttrOfType<StringAttr>(valueNameAttr);
        name && named.insert(producer).second &&
        !llvm::is_contained(getTapNames(producer), name))
      copyValueName(real, producer);
  codedValues[value] = std::move(coded);
}

LogicalResult CodeRecognizer::visitDequantize(DequantizeOp op) {
  std::optional<AxisVector<float>> scale =
      evaluator.getAxisVector(op.getScale());
  std::optional<ConstantTensor> zero = evaluator.evaluate(op.getZeroPoint());
  if (!scale || !zero)
    return success();
  for (float value : scale->values)
    if (!(std::isfinite(value) && value > 0))
      return op.emitError() << "expected finite scales greater than 0, but got "
                            << value;
  CodedValue coded;
  coded.codes = op.getInput();
  coded.scale.assign(scale->values.begin(), scale->values.end());
  for (int64_t i = 0, end = zero->getNumElements(); i < end; ++i)
    coded.zero.push_back(zero->getInteger(i));
  if (coded.zero.empty())
    return success();
  coded.axis = op.getAxis();
  coded.step = op.getStep();
  coded.exact = op;
  coded.shrink();
  setCoded(op.getResult(), std::move(coded));
  return success();
}

/// How many elements `value` holds before they are repeated.
static int64_t countElements(Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getInput();
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

/// The operands that may be coded where the other one is the constant. Of two
/// constants the larger one is: `2 * w` are codes w.
static SmallVector<unsigned, 2> getCodedFirst(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return {}; // scalars of loops
  if (!op->hasTrait<OpTrait::IsCommutative>())
    return {0};
  if (countElements(op->getOperand(0)) < countElements(op->getOperand(1)))
    return {1, 0};
  return {0, 1};
}

void CodeRecognizer::visitFactor(Operation *op) {
  bool isDivision = isa<arith::DivFOp>(op);
  for (unsigned i : getCodedFirst(op)) {
    const CodedValue *value = getCoded(op->getOperand(i));
    if (!value)
      continue;
    std::optional<AxisVector<float>> factor =
        evaluator.getAxisVector(op->getOperand(1 - i));
    if (!factor)
      continue;
    if (auto result = scaleCodes(*value, *factor, isDivision))
      return setCoded(op->getResult(0), std::move(*result));
  }
}

void CodeRecognizer::visitAddend(Operation *op) {
  bool isSubtraction = isa<arith::SubFOp>(op);
  // A quantizer with a zero point that is not whole gives reals. It is imported
  // as a subtraction that belongs to the same node.
  if (Operation *before = op->getOperand(0).getDefiningOp();
      isSubtraction && isa_and_present<DequantizeOp>(before) &&
      before->getLoc() == op->getLoc())
    return;
  for (unsigned i : getCodedFirst(op)) {
    const CodedValue *value = getCoded(op->getOperand(i));
    if (!value)
      continue;
    Value constant = op->getOperand(1 - i);
    if (auto addend = evaluator.getAxisVector(constant))
      if (auto result = shiftCodes(*value, *addend, isSubtraction))
        return setCoded(op->getResult(0), std::move(*result));
    if (auto addend = evaluator.evaluate(constant))
      if (auto result =
              shiftElements(*value, *addend, isSubtraction, evaluator))
        return quantizeIntegers(op, *result);
  }
}

/// Makes the integers that the result of `op` stands for codes of their own.
/// The declared value over its scale is so near to them that rounding finds
/// them exactly.
void CodeRecognizer::quantizeIntegers(Operation *op,
                                      const ShiftedIntegers &integers) {
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  Location loc = op->getLoc();
  Value result = op->getResult(0);
  Value scale = createAlong(builder, loc, integers.scale, integers.axis,
                            cast<RankedTensorType>(result.getType()));
  Value quotient = arith::DivFOp::create(builder, loc, result, scale);
  QuantizeOp codes = createQuantize(builder, loc, quotient, Rounding::HalfEven,
                                    integers.low, integers.high);
  // It is no quantizer of the model, and never gets the name of one.
  named.insert(codes);
  CodedValue coded;
  coded.codes = codes;
  coded.scale = integers.scale;
  coded.zero.assign(1, 0);
  coded.axis = integers.axis;
  codedValues[result] = std::move(coded);
}

//===----------------------------------------------------------------------===//
// Quantizing again
//===----------------------------------------------------------------------===//

/// A quantizer of codes that gives the same codes for each of them goes. Models
/// quantize again what a pool or a reshape has left as it was.
void CodeRecognizer::visitQuantize(QuantizeOp op) {
  constexpr size_t maxOps = 8;
  SmallVector<Operation *> chain{op};
  Value value = op.getInput();
  const CodedValue *coded = nullptr;
  while (true) {
    auto it = codedValues.find(value);
    if (it != codedValues.end() && it->second.exact) {
      coded = &it->second;
      break;
    }
    Operation *before = value.getDefiningOp();
    if (chain.size() > maxOps || !before ||
        !isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
             arith::MaximumFOp, arith::MinimumFOp, math::RoundEvenOp>(before))
      return;
    chain.push_back(before);
    value = before->getOperand(0);
  }
  CodeAttr code = getCode(coded->codes.getType());
  if (!coded->isUniform() || code != op.getCode() || code.getBits() > 8)
    return;

  // The value of every code, then op by op what the chain makes of it.
  int64_t count = code.getMax() - code.getMin() + 1;
  auto type = RankedTensorType::get({count}, Float32Type::get(op.getContext()));
  ConstantTensor reals = ConstantTensor::allocate(type, /*isSplat=*/false);
  for (auto [i, real] : llvm::enumerate(reals.getMutableValues<float>()))
    real = static_cast<float>(coded->step * (code.getMin() + int64_t(i)) -
                              coded->zero[0]) *
           coded->scale[0];
  for (Operation *link : llvm::reverse(chain)) {
    if (link == op)
      break;
    SmallVector<ConstantTensor> operands{reals};
    if (link->getNumOperands() == 2) {
      std::optional<float> constant =
          evaluator.getUniform(link->getOperand(1));
      if (!constant)
        return;
      operands.push_back(ConstantTensor::allocate(type, /*isSplat=*/true));
      operands[1].getMutableValues<float>()[0] = *constant;
    }
    std::optional<ConstantTensor> result =
        evaluateElementwise(link, operands, type);
    if (!result)
      return;
    reals = *result;
  }
  double low = op.getLowest(), high = op.getHighest();
  for (auto [i, real] : llvm::enumerate(reals.getValues<float>())) {
    double again = applyRounding(op.getRounding(), real);
    if (std::clamp(again, low, high) != double(code.getMin() + int64_t(i)))
      return;
  }
  dropQuantizer(op, coded->codes);
}

/// Replaces a quantizer by `codes`, which are named after it as well: by the
/// first real value that they code, or else by its own name.
void CodeRecognizer::dropQuantizer(QuantizeOp op, Value codes) {
  DequantizeOp first;
  for (Operation *user : op->getUsers())
    if (auto value = dyn_cast<DequantizeOp>(user);
        value && (!first || value->isBeforeInBlock(first)))
      first = value;
  StringAttr name;
  if (first)
    name = first->getAttrOfType<StringAttr>(valueNameAttr);
  if (!name)
    name = op->getAttrOfType<StringAttr>(valueNameAttr);
  if (name && !evaluator.isConstant(codes)) {
    if (!codes.getDefiningOp()) {
      // An argument cannot have the name, so a reshape that does nothing has.
      OpBuilder builder(op);
      codes = ReshapeOp::create(builder, op.getLoc(), codes.getType(), codes);
    }
    Operation *producer = codes.getDefiningOp();
    addTapName(producer, name);
    named.insert(producer);
  }
  op.getResult().replaceAllUsesWith(codes);
}
