//===- ScalarArithmetic.cpp - quantizers on scalars and vectors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Quantizers and their inverse as `arith` and `math` ops, on scalars and
// vectors alike. Bounds are applied to reals, before the conversion, by
// comparisons that are false for NaN; codes of more than 24 bits are clamped in
// binary64, where their bounds are exact. Integers that may exceed 32 bits are
// converted from 64, so that there is one rounding.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

Type loops::getTypeLike(Type like, Type element) {
  if (auto vector = dyn_cast<VectorType>(like))
    return VectorType::get(vector.getShape(), element);
  return element;
}

Value loops::getConstant(ImplicitLocOpBuilder &builder, Type type,
                          double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr scalar;
  if (isa<FloatType>(element))
    scalar = builder.getFloatAttr(element, value);
  else
    scalar = builder.getIntegerAttr(element, static_cast<int64_t>(value));
  if (auto vector = dyn_cast<VectorType>(type))
    scalar = DenseElementsAttr::get(vector, Attribute(scalar));
  return arith::ConstantOp::create(builder, scalar);
}

Value loops::addOffset(ImplicitLocOpBuilder &builder, Value value,
                       int64_t offset) {
  if (offset == 0)
    return value;
  return arith::AddIOp::create(
      builder, value,
      getConstant(builder, value.getType(), static_cast<double>(offset)));
}

static Value compare(ImplicitLocOpBuilder &builder, arith::CmpFPredicate how,
                     Value lhs, Value rhs) {
  return arith::CmpFOp::create(builder, how, lhs, rhs);
}

static Value select(ImplicitLocOpBuilder &builder, Value condition, Value yes,
                    Value no) {
  return arith::SelectOp::create(builder, condition, yes, no);
}

Value loops::emitRounding(ImplicitLocOpBuilder &builder, Value x,
                           Rounding rounding) {
  using Predicate = arith::CmpFPredicate;
  Value zero = getConstant(builder, x.getType(), 0.0);
  auto isNegative = [&] { return compare(builder, Predicate::OLT, x, zero); };
  switch (rounding) {
  case Rounding::HalfEven:
    return math::RoundEvenOp::create(builder, x);
  case Rounding::HalfUp:
    return math::RoundOp::create(builder, x);
  case Rounding::HalfDown: {
    // What trunc drops is exact, so the comparison with 1/2 is, too.
    Value low = math::TruncOp::create(builder, x);
    Value dropped = math::AbsFOp::create(
        builder, arith::SubFOp::create(builder, x, low));
    Value one = math::CopySignOp::create(
        builder, getConstant(builder, x.getType(), 1.0), x);
    Value above = compare(builder, Predicate::OGT, dropped,
                          getConstant(builder, x.getType(), 0.5));
    return select(builder, above, arith::AddFOp::create(builder, low, one),
                  low);
  }
  case Rounding::Up:
    return select(builder, isNegative(), math::FloorOp::create(builder, x),
                  math::CeilOp::create(builder, x));
  case Rounding::Down:
    return math::TruncOp::create(builder, x);
  case Rounding::Ceil:
    return math::CeilOp::create(builder, x);
  case Rounding::Floor:
    return math::FloorOp::create(builder, x);
  case Rounding::Sign:
    break;
  }
  llvm_unreachable("sign is no rounding");
}

Value loops::emitQuantize(ImplicitLocOpBuilder &builder, Value x,
                           Rounding rounding, CodeAttr code, int64_t lowest,
                           int64_t highest) {
  Type stored = getTypeLike(x.getType(), code.getStorageType());
  if (rounding == Rounding::Sign) {
    Value isOne = compare(builder, arith::CmpFPredicate::OGE, x,
                          getConstant(builder, x.getType(), 0.0));
    return arith::ExtUIOp::create(builder, stored, isOne);
  }
  Value rounded = emitRounding(builder, x, rounding);
  // The bounds must be exact as reals.
  bool isWide = code.getBits() > 24;
  if (isWide)
    rounded = arith::ExtFOp::create(
        builder, getTypeLike(x.getType(), builder.getF64Type()), rounded);
  Value low = getConstant(builder, rounded.getType(), lowest);
  Value high = getConstant(builder, rounded.getType(), highest);
  // Comparisons with NaN are false: it becomes the lowest code.
  Value above = select(
      builder, compare(builder, arith::CmpFPredicate::OGT, rounded, low),
      rounded, low);
  Value inside = select(
      builder, compare(builder, arith::CmpFPredicate::OLT, above, high), above,
      high);
  Type integer = getTypeLike(x.getType(), isWide ? builder.getI64Type()
                                                 : builder.getI32Type());
  Value result = arith::FPToSIOp::create(builder, integer, inside);
  if (integer == stored)
    return result;
  return arith::TruncIOp::create(builder, stored, result);
}

Value loops::emitExtendCode(ImplicitLocOpBuilder &builder, Value stored,
                             CodeAttr code, unsigned width) {
  Type type = getTypeLike(stored.getType(), builder.getIntegerType(width));
  if (type == stored.getType())
    return stored;
  if (code.getIsSigned())
    return arith::ExtSIOp::create(builder, type, stored);
  return arith::ExtUIOp::create(builder, type, stored);
}

Value loops::emitDequantize(ImplicitLocOpBuilder &builder, Value stored,
                             CodeAttr code, int64_t step, Value zero,
                             Value scale) {
  // Zero points are any i32, so the integer may need 34 bits.
  bool isWide = code.getBits() > 16;
  Value integer = emitExtendCode(builder, stored, code, isWide ? 64 : 32);
  if (isWide)
    zero = arith::ExtSIOp::create(
        builder, getTypeLike(zero.getType(), builder.getI64Type()), zero);
  if (step != 1)
    integer = arith::MulIOp::create(
        builder, integer, getConstant(builder, integer.getType(), step));
  integer = arith::SubIOp::create(builder, integer, zero);
  Value real = arith::SIToFPOp::create(
      builder, getTypeLike(stored.getType(), builder.getF32Type()), integer);
  return arith::MulFOp::create(builder, real, scale);
}

StringRef loops::getRuntimeFunction(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](math::ExpOp) { return "dorefa_expf"; })
      .Case([](math::LogOp) { return "dorefa_logf"; })
      .Case([](math::TanhOp) { return "dorefa_tanhf"; })
      .Case([](math::ErfOp) { return "dorefa_erff"; })
      .Case([](math::PowFOp) { return "dorefa_powf"; })
      .Case([](SigmoidOp) { return "dorefa_sigmoidf"; })
      .Default([](Operation *) { return ""; });
}
