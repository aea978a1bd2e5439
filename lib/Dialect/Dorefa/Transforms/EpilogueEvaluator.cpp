//===- EpilogueEvaluator.cpp - epilogues evaluated at integers ------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An epilogue is read once into a list of steps on numbered slots, so that
// evaluating it at many integers looks no value up. Slots hold a real and an
// integer; integers are kept as signed numbers of their width, single bits as 0
// and 1. Each step is the operation that compiled code does, roundings, NaN and
// signs of zeros included.
//
//===----------------------------------------------------------------------===//

#include "EpilogueEvaluator.h"
#include "LayerConstants.h"
#include "dorefa/Runtime/dorefa_math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

static int64_t wrap(int64_t value, unsigned width) {
  return width == 1 ? value & 1 : llvm::SignExtend64(value, width);
}

static uint64_t asUnsigned(int64_t value, unsigned width) {
  return static_cast<uint64_t>(value) & llvm::maskTrailingOnes<uint64_t>(width);
}

static EpilogueScalar toScalar(Attribute attribute) {
  EpilogueScalar scalar;
  if (auto real = dyn_cast<FloatAttr>(attribute))
    scalar.real = real.getValue().convertToFloat();
  else if (auto integer = dyn_cast<IntegerAttr>(attribute))
    scalar.integer = wrap(integer.getValue().getSExtValue(),
                          integer.getValue().getBitWidth());
  return scalar;
}

/// IEEE 754's maximum: NaN if an operand is, and +0 is larger than -0.
static float maximum(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return NAN;
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

static float minimum(float a, float b) { return -maximum(-a, -b); }

/// An integer-valued float, or an infinity, or NaN.
static float roundReal(float x, Rounding rounding) {
  float below = std::floor(x), above = std::ceil(x);
  // In binary64, where no difference of a float to an integer rounds to 1/2.
  double fraction = static_cast<double>(x) - below;
  bool isTie = fraction == 0.5, isNearBelow = fraction < 0.5;
  bool isNegative = std::signbit(x);
  switch (rounding) {
  case Rounding::HalfEven:
    if (isTie)
      return std::fmod(below, 2.0f) == 0.0f ? below : above;
    return isNearBelow ? below : above;
  case Rounding::HalfUp:
    if (isTie)
      return isNegative ? below : above;
    return isNearBelow ? below : above;
  case Rounding::HalfDown:
    if (isTie)
      return isNegative ? above : below;
    return isNearBelow ? below : above;
  case Rounding::Up:
    return isNegative ? below : above;
  case Rounding::Down:
    return isNegative ? above : below;
  case Rounding::Ceil:
    return above;
  case Rounding::Floor:
    return below;
  case Rounding::Sign:
    return x >= 0.0f ? 1.0f : 0.0f;
  }
  return x;
}

static int64_t quantize(float x, QuantizeScalarOp op) {
  int64_t low = op.getLowest();
  int64_t high = op.getHighest();
  float rounded = roundReal(x, op.getRounding());
  // Compared in binary64, which holds every code. NaN fails both.
  if (!(static_cast<double>(rounded) > static_cast<double>(low)))
    return low;
  return static_cast<double>(rounded) >= static_cast<double>(high)
             ? high
             : static_cast<int64_t>(rounded);
}

template <typename T>
static bool compareOrdered(arith::CmpFPredicate predicate, T a, T b) {
  using Predicate = arith::CmpFPredicate;
  switch (predicate) {
  case Predicate::OEQ:
  case Predicate::UEQ:
    return a == b;
  case Predicate::OGT:
  case Predicate::UGT:
    return a > b;
  case Predicate::OGE:
  case Predicate::UGE:
    return a >= b;
  case Predicate::OLT:
  case Predicate::ULT:
    return a < b;
  case Predicate::OLE:
  case Predicate::ULE:
    return a <= b;
  case Predicate::ONE:
  case Predicate::UNE:
    return a != b;
  case Predicate::ORD:
  case Predicate::AlwaysTrue:
    return true;
  case Predicate::UNO:
  case Predicate::AlwaysFalse:
    return false;
  }
  return false;
}

static bool compareReals(arith::CmpFPredicate predicate, float a, float b) {
  using Predicate = arith::CmpFPredicate;
  if (!std::isnan(a) && !std::isnan(b))
    return compareOrdered(predicate, a, b);
  switch (predicate) {
  case Predicate::UEQ:
  case Predicate::UGT:
  case Predicate::UGE:
  case Predicate::ULT:
  case Predicate::ULE:
  case Predicate::UNE:
  case Predicate::UNO:
  case Predicate::AlwaysTrue:
    return true;
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// Reading an epilogue
//===----------------------------------------------------------------------===//

/// The ops that `execute` knows.
static bool isKnown(Operation *op) {
  return isa<arith::SIToFPOp, arith::UIToFPOp, arith::AddFOp, arith::SubFOp,
             arith::MulFOp, arith::DivFOp, arith::NegFOp, arith::MaximumFOp,
             arith::MinimumFOp, arith::CmpFOp, arith::CmpIOp, arith::SelectOp,
             arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::AddIOp,
             arith::SubIOp, arith::MulIOp, arith::AndIOp, arith::OrIOp,
             arith::XOrIOp, arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp,
             arith::MinUIOp, math::RoundEvenOp, math::FloorOp, math::CeilOp,
             math::TruncOp, math::AbsFOp, math::SqrtOp, math::ExpOp,
             math::LogOp, math::TanhOp, math::ErfOp, math::PowFOp, SigmoidOp,
             QuantizeScalarOp, CountThresholdsOp>(op);
}

static unsigned getWidth(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? integer.getWidth() : 0;
}

bool EpilogueEvaluator::addParameter(Value tensor, BlockArgument argument) {
  DenseElementsAttr elements = getConstantElements(tensor);
  if (!elements)
    return false;
  Parameter parameter;
  parameter.slot = slots.size();
  parameter.isUniform = elements.getType().getRank() == 0;
  for (Attribute element : elements.getValues<Attribute>())
    parameter.elements.push_back(toScalar(element));
  if (auto vector = dyn_cast<VectorType>(argument.getType())) {
    parameter.width = vector.getNumElements();
    vectorOf[parameter.slot] = parameters.size();
  }
  slotOf[argument] = parameter.slot;
  slots.emplace_back();
  parameters.push_back(std::move(parameter));
  return true;
}

bool EpilogueEvaluator::addStep(Operation &op) {
  if (op.getNumResults() != 1)
    return false;
  unsigned result = slots.size();
  slotOf[op.getResult(0)] = result;
  slots.emplace_back();
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    slots[result] = toScalar(constant.getValue());
    return isa<FloatAttr, IntegerAttr>(constant.getValue());
  }
  if (!isKnown(&op))
    return false;
  Step step{&op, {}, result, getWidth(op.getResult(0).getType()),
            getWidth(op.getOperand(0).getType())};
  for (Value operand : op.getOperands())
    step.operands.push_back(slotOf.lookup(operand));
  steps.push_back(std::move(step));
  return true;
}

std::optional<EpilogueEvaluator> EpilogueEvaluator::get(LayerOp layer) {
  if (layer.getProducts().size() != 1 || !layer.getResiduals().empty() ||
      !layer.getAccumulator(0).getType().isInteger())
    return std::nullopt;
  EpilogueEvaluator evaluator;
  evaluator.slotOf[layer.getAccumulator(0)] = accumulatorSlot;
  evaluator.slots.emplace_back();
  for (auto [i, tensor] : llvm::enumerate(layer.getParameters()))
    if (!evaluator.addParameter(tensor, layer.getParameterArgument(i)))
      return std::nullopt;
  for (Operation &op : layer.getEpilogue().front().without_terminator())
    if (!evaluator.addStep(op))
      return std::nullopt;
  evaluator.setChannel(0);
  return evaluator;
}

//===----------------------------------------------------------------------===//
// Evaluating
//===----------------------------------------------------------------------===//

void EpilogueEvaluator::setChannel(int64_t newChannel) {
  channel = newChannel;
  for (const Parameter &parameter : parameters)
    slots[parameter.slot] =
        parameter.elements[parameter.isUniform ? 0 : channel * parameter.width];
}

int64_t EpilogueEvaluator::countThresholds(const Step &step) const {
  auto vector = vectorOf.find(step.operands[1]);
  const Parameter &parameter = parameters[vector->second];
  const EpilogueScalar &value = slots[step.operands[0]];
  ArrayRef<EpilogueScalar> thresholds =
      ArrayRef(parameter.elements)
          .slice(channel * parameter.width, parameter.width);
  return llvm::count_if(thresholds, [&](const EpilogueScalar &threshold) {
    return step.operandWidth ? value.integer >= threshold.integer
                             : value.real >= threshold.real;
  });
}

void EpilogueEvaluator::evaluate(int64_t accumulator) {
  slots[accumulatorSlot].integer = accumulator;
  for (const Step &step : steps)
    execute(step);
}

void EpilogueEvaluator::execute(const Step &step) {
  EpilogueScalar a = slots[step.operands[0]];
  EpilogueScalar b =
      step.operands.size() > 1 ? slots[step.operands[1]] : EpilogueScalar();
  unsigned from = step.operandWidth;
  auto real = [](float value) { return EpilogueScalar{value, 0}; };
  auto integer = [&](int64_t value) {
    return EpilogueScalar{0, wrap(value, step.width)};
  };
  slots[step.result] =
      llvm::TypeSwitch<Operation *, EpilogueScalar>(step.op)
          .Case([&](arith::SIToFPOp) {
            // i1 is -1 where it is set.
            return real(static_cast<float>(from == 1 ? -a.integer : a.integer));
          })
          .Case([&](arith::UIToFPOp) {
            return real(static_cast<float>(asUnsigned(a.integer, from)));
          })
          .Case([&](arith::AddFOp) { return real(a.real + b.real); })
          .Case([&](arith::SubFOp) { return real(a.real - b.real); })
          .Case([&](arith::MulFOp) { return real(a.real * b.real); })
          .Case([&](arith::DivFOp) { return real(a.real / b.real); })
          .Case([&](arith::NegFOp) { return real(-a.real); })
          .Case(
              [&](arith::MaximumFOp) { return real(maximum(a.real, b.real)); })
          .Case(
              [&](arith::MinimumFOp) { return real(minimum(a.real, b.real)); })
          .Case([&](arith::CmpFOp op) {
            return integer(compareReals(op.getPredicate(), a.real, b.real));
          })
          .Case([&](arith::CmpIOp op) {
            return integer(arith::applyCmpPredicate(
                op.getPredicate(), APInt(from, a.integer, false, true),
                APInt(from, b.integer, false, true)));
          })
          .Case([&](arith::SelectOp) {
            return a.integer ? b : slots[step.operands[2]];
          })
          .Case([&](arith::ExtSIOp) {
            return integer(from == 1 ? -a.integer : a.integer);
          })
          .Case([&](arith::ExtUIOp) {
            return integer(asUnsigned(a.integer, from));
          })
          .Case([&](arith::TruncIOp) { return integer(a.integer); })
          // Unsigned: the accumulator's arithmetic wraps.
          .Case([&](arith::AddIOp) {
            return integer(uint64_t(a.integer) + uint64_t(b.integer));
          })
          .Case([&](arith::SubIOp) {
            return integer(uint64_t(a.integer) - uint64_t(b.integer));
          })
          .Case([&](arith::MulIOp) {
            return integer(uint64_t(a.integer) * uint64_t(b.integer));
          })
          .Case([&](arith::AndIOp) { return integer(a.integer & b.integer); })
          .Case([&](arith::OrIOp) { return integer(a.integer | b.integer); })
          .Case([&](arith::XOrIOp) { return integer(a.integer ^ b.integer); })
          .Case([&](arith::MaxSIOp) {
            return integer(std::max(a.integer, b.integer));
          })
          .Case([&](arith::MinSIOp) {
            return integer(std::min(a.integer, b.integer));
          })
          .Case([&](arith::MaxUIOp) {
            return integer(std::max(asUnsigned(a.integer, from),
                                    asUnsigned(b.integer, from)));
          })
          .Case([&](arith::MinUIOp) {
            return integer(std::min(asUnsigned(a.integer, from),
                                    asUnsigned(b.integer, from)));
          })
          .Case([&](math::RoundEvenOp) {
            return real(std::copysign(roundReal(a.real, Rounding::HalfEven),
                                      a.real));
          })
          .Case([&](math::FloorOp) { return real(std::floor(a.real)); })
          .Case([&](math::CeilOp) { return real(std::ceil(a.real)); })
          .Case([&](math::TruncOp) { return real(std::trunc(a.real)); })
          .Case([&](math::AbsFOp) { return real(std::fabs(a.real)); })
          .Case([&](math::SqrtOp) { return real(std::sqrt(a.real)); })
          .Case([&](math::ExpOp) { return real(dorefa_expf(a.real)); })
          .Case([&](math::LogOp) { return real(dorefa_logf(a.real)); })
          .Case([&](math::TanhOp) { return real(dorefa_tanhf(a.real)); })
          .Case([&](math::ErfOp) { return real(dorefa_erff(a.real)); })
          .Case([&](math::PowFOp) { return real(dorefa_powf(a.real, b.real)); })
          .Case([&](SigmoidOp) { return real(dorefa_sigmoidf(a.real)); })
          .Case([&](QuantizeScalarOp op) {
            return integer(quantize(a.real, op));
          })
          .Case([&](CountThresholdsOp) {
            return integer(countThresholds(step));
          });
}
