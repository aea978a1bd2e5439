//===- ConstantElementwise.cpp - elementwise operations on constants ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One loop for each operation and element type, over splats as a single
// element. What C++ leaves open is settled as compiled code has it: maximum and
// minimum of NaN and of zeros, casts out of range, integers that wrap around,
// transcendental functions.
//
//===----------------------------------------------------------------------===//

#include "ConstantEvaluator.h"
#include "dorefa/Runtime/dorefa_math.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

/// Applies `function` to each element.
template <typename Result, typename Input, typename Function>
static ConstantTensor map(RankedTensorType type, const ConstantTensor &input,
                          Function function) {
  ConstantTensor result = ConstantTensor::allocate(type, input.isSplat());
  ArrayRef<Input> from = input.getValues<Input>();
  MutableArrayRef<Result> to = result.getMutableValues<Result>();
  for (size_t i = 0, end = to.size(); i < end; ++i)
    to[i] = function(from[i]);
  return result;
}

/// The same for two operands, each of which may be a splat.
template <typename Result, typename Input, typename Function>
static ConstantTensor map(RankedTensorType type, const ConstantTensor &lhs,
                          const ConstantTensor &rhs, Function function) {
  if (lhs.isSplat() && type.getNumElements() > 0)
    return map<Result, Input>(type, rhs,
                              [&, a = lhs.getValues<Input>().front()](Input b) {
                                return function(a, b);
                              });
  if (rhs.isSplat() && type.getNumElements() > 0)
    return map<Result, Input>(type, lhs,
                              [&, b = rhs.getValues<Input>().front()](Input a) {
                                return function(a, b);
                              });
  ConstantTensor result = ConstantTensor::allocate(type, /*isSplat=*/false);
  ArrayRef<Input> a = lhs.getValues<Input>(), b = rhs.getValues<Input>();
  MutableArrayRef<Result> to = result.getMutableValues<Result>();
  for (size_t i = 0, end = to.size(); i < end; ++i)
    to[i] = function(a[i], b[i]);
  return result;
}

/// IEEE 754's maximum: NaN if an operand is, and +0 above -0.
static float getMaximum(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) ? a : b;
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

static float getMinimum(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) ? a : b;
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

/// Bit 0: holds for equal operands, 1: greater, 2: less, 3: unordered.
static unsigned getRelations(arith::CmpFPredicate predicate) {
  unsigned index = static_cast<unsigned>(predicate);
  if (predicate <= arith::CmpFPredicate::ORD)
    return index;
  if (predicate == arith::CmpFPredicate::AlwaysTrue)
    return 15;
  if (predicate == arith::CmpFPredicate::UNO)
    return 8;
  return 8 | (index - static_cast<unsigned>(arith::CmpFPredicate::ORD));
}

/// Converts like a C cast where that is defined, else to the nearest bound.
template <typename Integer>
static Integer toInteger(float value) {
  constexpr Integer low = std::numeric_limits<Integer>::min();
  constexpr Integer high = std::numeric_limits<Integer>::max();
  if (std::isnan(value))
    return 0;
  if (value <= static_cast<float>(low))
    return low;
  if (value >= static_cast<float>(high))
    return high;
  return static_cast<Integer>(value);
}

static ConstantTensor select(RankedTensorType type,
                             const ConstantTensor &condition,
                             const ConstantTensor &onTrue,
                             const ConstantTensor &onFalse) {
  bool isSplat =
      condition.isSplat() && onTrue.isSplat() && onFalse.isSplat();
  ConstantTensor result = ConstantTensor::allocate(type, isSplat);
  withInteger(result.getElementBytes(), [&](auto tag) {
    using Element = decltype(tag);
    ArrayRef<char> c = condition.getBytes();
    ArrayRef<Element> a = onTrue.getValues<Element>();
    ArrayRef<Element> b = onFalse.getValues<Element>();
    MutableArrayRef<Element> to = result.getMutableValues<Element>();
    for (size_t i = 0, end = to.size(); i < end; ++i)
      to[i] = c[condition.isSplat() ? 0 : i] ? a[onTrue.isSplat() ? 0 : i]
                                             : b[onFalse.isSplat() ? 0 : i];
  });
  return result;
}

static bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  uint64_t ua = a, ub = b;
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return ua < ub;
  case arith::CmpIPredicate::ule:
    return ua <= ub;
  case arith::CmpIPredicate::ugt:
    return ua > ub;
  case arith::CmpIPredicate::uge:
    return ua >= ub;
  }
  return false;
}

/// Operations on integers. Those of one width wrap around.
static std::optional<ConstantTensor>
evaluateInteger(Operation *op, ArrayRef<ConstantTensor> operands,
                RankedTensorType type) {
  auto binary = [&](auto function) {
    return withInteger(operands[0].getElementBytes(), [&](auto tag) {
      using Unsigned = std::make_unsigned_t<decltype(tag)>;
      return map<Unsigned, Unsigned>(
          type, operands[0], operands[1], [&](Unsigned a, Unsigned b) {
            return static_cast<Unsigned>(function(a, b));
          });
    });
  };
  auto signedBinary = [&](auto function) {
    return withInteger(operands[0].getElementBytes(), [&](auto tag) {
      using Signed = decltype(tag);
      return map<Signed, Signed>(type, operands[0], operands[1], function);
    });
  };
  auto resize = [&](auto extend) {
    return withInteger(operands[0].getElementBytes(), [&](auto fromTag) {
      return withInteger(std::max(1u, type.getElementTypeBitWidth() / 8),
                         [&](auto toTag) {
        using From = decltype(fromTag);
        using To = decltype(toTag);
        bool toBool = type.getElementTypeBitWidth() == 1;
        return map<To, From>(type, operands[0], [&](From value) {
          return toBool ? To(value & 1) : static_cast<To>(extend(value));
        });
      });
    });
  };
  using Result = std::optional<ConstantTensor>;
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return a + b; });
      })
      .Case([&](arith::SubIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return a - b; });
      })
      .Case([&](arith::MulIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return a * b; });
      })
      .Case([&](arith::AndIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return a & b; });
      })
      .Case([&](arith::OrIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return a | b; });
      })
      .Case([&](arith::XOrIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return a ^ b; });
      })
      .Case([&](arith::MaxUIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return std::max(a, b); });
      })
      .Case([&](arith::MinUIOp) -> Result {
        return binary([](uint64_t a, uint64_t b) { return std::min(a, b); });
      })
      .Case([&](arith::MaxSIOp) -> Result {
        return signedBinary([](auto a, auto b) { return std::max(a, b); });
      })
      .Case([&](arith::MinSIOp) -> Result {
        return signedBinary([](auto a, auto b) { return std::min(a, b); });
      })
      .Case([&](arith::ExtSIOp) -> Result {
        bool fromBool = operands[0].getType().getElementTypeBitWidth() == 1;
        return resize([=](auto value) {
          return fromBool ? -int64_t(value) : int64_t(value);
        });
      })
      .Case<arith::ExtUIOp, arith::TruncIOp>([&](auto) -> Result {
        return resize([](auto value) {
          return uint64_t(std::make_unsigned_t<decltype(value)>(value));
        });
      })
      .Case([&](arith::CmpIOp op) -> Result {
        return withInteger(operands[0].getElementBytes(), [&](auto tag) {
          using Signed = decltype(tag);
          return map<char, Signed>(type, operands[0], operands[1],
                                   [&](Signed a, Signed b) {
                                     return compare(op.getPredicate(), a, b);
                                   });
        });
      })
      .Default(Result());
}

static std::optional<ConstantTensor>
evaluateConversion(Operation *op, ArrayRef<ConstantTensor> operands,
                   RankedTensorType type) {
  auto fromInteger = [&](bool isSigned) {
    // The one bit of an i1 is its sign bit.
    float one =
        isSigned && operands[0].getType().getElementTypeBitWidth() == 1 ? -1.0f
                                                                       : 1.0f;
    return withInteger(operands[0].getElementBytes(), [&](auto tag) {
      using Signed = decltype(tag);
      using Unsigned = std::make_unsigned_t<Signed>;
      if (isSigned)
        return map<float, Signed>(type, operands[0], [&](Signed value) {
          return static_cast<float>(value) * one;
        });
      return map<float, Unsigned>(type, operands[0], [](Unsigned value) {
        return static_cast<float>(value);
      });
    });
  };
  using Result = std::optional<ConstantTensor>;
  auto toIntegers = [&](bool isSigned) -> Result {
    if (type.getElementTypeBitWidth() == 1)
      return std::nullopt;
    return withInteger(
        type.getElementTypeBitWidth() / 8, [&](auto tag) -> ConstantTensor {
          using Signed = decltype(tag);
          using Unsigned = std::make_unsigned_t<Signed>;
          if (isSigned)
            return map<Signed, float>(type, operands[0], toInteger<Signed>);
          return map<Unsigned, float>(type, operands[0], toInteger<Unsigned>);
        });
  };
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::SIToFPOp) -> Result { return fromInteger(true); })
      .Case([&](arith::UIToFPOp) -> Result { return fromInteger(false); })
      .Case([&](arith::FPToSIOp) { return toIntegers(true); })
      .Case([&](arith::FPToUIOp) { return toIntegers(false); })
      .Default(Result());
}

/// Operations on reals.
static std::optional<ConstantTensor>
evaluateReal(Operation *op, ArrayRef<ConstantTensor> operands,
             RankedTensorType type) {
  using Result = std::optional<ConstantTensor>;
  auto unary = [&](auto function) -> Result {
    return map<float, float>(type, operands[0], function);
  };
  auto binary = [&](auto function) -> Result {
    return map<float, float>(type, operands[0], operands[1], function);
  };
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddFOp) {
        return binary([](float a, float b) { return a + b; });
      })
      .Case([&](arith::SubFOp) {
        return binary([](float a, float b) { return a - b; });
      })
      .Case([&](arith::MulFOp) {
        return binary([](float a, float b) { return a * b; });
      })
      .Case([&](arith::DivFOp) {
        return binary([](float a, float b) { return a / b; });
      })
      .Case([&](arith::MaximumFOp) { return binary(getMaximum); })
      .Case([&](arith::MinimumFOp) { return binary(getMinimum); })
      .Case([&](math::PowFOp) { return binary(dorefa_powf); })
      .Case([&](arith::NegFOp) { return unary([](float a) { return -a; }); })
      .Case([&](math::AbsFOp) {
        return unary([](float a) { return std::fabs(a); });
      })
      .Case([&](math::SqrtOp) {
        return unary([](float a) { return std::sqrt(a); });
      })
      .Case([&](math::CeilOp) {
        return unary([](float a) { return std::ceil(a); });
      })
      .Case([&](math::FloorOp) {
        return unary([](float a) { return std::floor(a); });
      })
      .Case([&](math::RoundEvenOp) {
        return unary([](float a) { return std::nearbyint(a); });
      })
      .Case([&](math::ExpOp) { return unary(dorefa_expf); })
      .Case([&](math::LogOp) { return unary(dorefa_logf); })
      .Case([&](math::TanhOp) { return unary(dorefa_tanhf); })
      .Case([&](math::ErfOp) { return unary(dorefa_erff); })
      .Case([&](SigmoidOp) { return unary(dorefa_sigmoidf); })
      .Case([&](arith::CmpFOp op) -> Result {
        unsigned relations = getRelations(op.getPredicate());
        return map<char, float>(
            type, operands[0], operands[1], [=](float a, float b) {
              unsigned relation = a == b ? 1 : a > b ? 2 : a < b ? 4 : 8;
              return (relations & relation) != 0;
            });
      })
      .Default(Result());
}

std::optional<ConstantTensor>
mlir::dorefa::evaluateElementwise(Operation *op,
                                  ArrayRef<ConstantTensor> operands,
                                  RankedTensorType type) {
  if (isa<arith::SelectOp>(op))
    return select(type, operands[0], operands[1], operands[2]);
  if (auto result = evaluateReal(op, operands, type))
    return result;
  if (auto result = evaluateConversion(op, operands, type))
    return result;
  return evaluateInteger(op, operands, type);
}
