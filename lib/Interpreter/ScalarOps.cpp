//===- ScalarOps.cpp - elementwise ops as functions on scalars ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The table of ScalarOps.h: for each op a function from scalars to a scalar,
// chosen once, with predicates, widths and signs already bound to it. To be
// compiled without contraction of a * b + c into a fused operation.
//
//===----------------------------------------------------------------------===//

#include "ScalarOps.h"
#include "Numerics.h"
#include "dorefa/Interpreter/Tensor.h"
#include "dorefa/Runtime/dorefa_math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

using Operands = ArrayRef<Scalar>;

static Scalar fromReal(float value) {
  Scalar scalar;
  scalar.real = value;
  return scalar;
}

static Scalar fromInteger(int64_t value) {
  Scalar scalar;
  scalar.integer = value;
  return scalar;
}

//===----------------------------------------------------------------------===//
// Reals
//===----------------------------------------------------------------------===//

template <typename Function> static ScalarFunction unaryReal(Function f) {
  return [f](Operands x) { return fromReal(f(x[0].real)); };
}

template <typename Function> static ScalarFunction binaryReal(Function f) {
  return [f](Operands x) { return fromReal(f(x[0].real, x[1].real)); };
}

static bool compareReals(arith::CmpFPredicate predicate, float a, float b) {
  using P = arith::CmpFPredicate;
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::OEQ:
    return a == b;
  case P::OGT:
    return a > b;
  case P::OGE:
    return a >= b;
  case P::OLT:
    return a < b;
  case P::OLE:
    return a <= b;
  case P::ONE:
    return !unordered && a != b;
  case P::ORD:
    return !unordered;
  case P::UEQ:
    return unordered || a == b;
  case P::UGT:
    return unordered || a > b;
  case P::UGE:
    return unordered || a >= b;
  case P::ULT:
    return unordered || a < b;
  case P::ULE:
    return unordered || a <= b;
  case P::UNE:
    return a != b;
  case P::UNO:
    return unordered;
  case P::AlwaysTrue:
    return true;
  }
  llvm_unreachable("all predicates are handled");
}

static ScalarFunction getRealFunction(Operation *op) {
  return TypeSwitch<Operation *, ScalarFunction>(op)
      .Case([](arith::AddFOp) { return binaryReal(std::plus<float>()); })
      .Case([](arith::SubFOp) { return binaryReal(std::minus<float>()); })
      .Case([](arith::MulFOp) { return binaryReal(std::multiplies<float>()); })
      .Case([](arith::DivFOp) { return binaryReal(std::divides<float>()); })
      .Case([](arith::NegFOp) { return unaryReal(std::negate<float>()); })
      .Case([](arith::MaximumFOp) { return binaryReal(maximum); })
      .Case([](arith::MinimumFOp) { return binaryReal(minimum); })
      .Case([](math::AbsFOp) {
        return unaryReal([](float x) { return std::fabs(x); });
      })
      .Case([](math::SqrtOp) {
        return unaryReal([](float x) { return std::sqrt(x); });
      })
      .Case([](math::CeilOp) {
        return unaryReal([](float x) { return std::ceil(x); });
      })
      .Case([](math::FloorOp) {
        return unaryReal([](float x) { return std::floor(x); });
      })
      .Case([](math::TruncOp) {
        return unaryReal([](float x) { return std::trunc(x); });
      })
      .Case([](math::RoundOp) {
        return unaryReal([](float x) { return std::round(x); });
      })
      .Case([](math::RoundEvenOp) {
        // The sign of a zero is kept: -0.3 becomes -0.
        return unaryReal([](float x) {
          return std::copysign(
              static_cast<float>(roundToInteger(Rounding::HalfEven, x)), x);
        });
      })
      .Case([](math::FmaOp) {
        return ScalarFunction([](Operands x) {
          return fromReal(std::fma(x[0].real, x[1].real, x[2].real));
        });
      })
      .Case([](math::CopySignOp) {
        return binaryReal([](float x, float y) { return std::copysign(x, y); });
      })
      .Case([](math::ExpOp) { return unaryReal(dorefa_expf); })
      .Case([](math::LogOp) { return unaryReal(dorefa_logf); })
      .Case([](math::TanhOp) { return unaryReal(dorefa_tanhf); })
      .Case([](math::ErfOp) { return unaryReal(dorefa_erff); })
      .Case([](math::PowFOp) { return binaryReal(dorefa_powf); })
      .Case([](SigmoidOp) { return unaryReal(dorefa_sigmoidf); })
      .Case([](arith::CmpFOp compare) {
        auto predicate = compare.getPredicate();
        return ScalarFunction([predicate](Operands x) {
          return fromInteger(compareReals(predicate, x[0].real, x[1].real));
        });
      })
      .Default(ScalarFunction());
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {
/// The bits of an integer, read as a signed and as an unsigned number.
struct Bits {
  int64_t asSigned;
  uint64_t asUnsigned;
};
} // namespace

static Bits getBits(int64_t value, unsigned width) {
  int64_t extended = IntegerFormat{width, true}.wrap(value);
  uint64_t mask = width >= 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  return {extended, static_cast<uint64_t>(value) & mask};
}

/// `f` gets the bits of both operands; its result is cut to the result's width.
template <typename Function>
static ScalarFunction binaryInteger(Operation *op, Function f) {
  unsigned width = IntegerFormat::of(op->getOperand(0).getType()).width;
  IntegerFormat result = IntegerFormat::of(op->getResult(0).getType());
  return [=](Operands x) {
    int64_t value = static_cast<int64_t>(
        f(getBits(x[0].integer, width), getBits(x[1].integer, width)));
    return fromInteger(result.wrap(value));
  };
}

static bool compareIntegers(arith::CmpIPredicate predicate, Bits a, Bits b) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::eq:
    return a.asUnsigned == b.asUnsigned;
  case P::ne:
    return a.asUnsigned != b.asUnsigned;
  case P::slt:
    return a.asSigned < b.asSigned;
  case P::sle:
    return a.asSigned <= b.asSigned;
  case P::sgt:
    return a.asSigned > b.asSigned;
  case P::sge:
    return a.asSigned >= b.asSigned;
  case P::ult:
    return a.asUnsigned < b.asUnsigned;
  case P::ule:
    return a.asUnsigned <= b.asUnsigned;
  case P::ugt:
    return a.asUnsigned > b.asUnsigned;
  case P::uge:
    return a.asUnsigned >= b.asUnsigned;
  }
  llvm_unreachable("all predicates are handled");
}

static uint64_t divideSigned(Bits a, Bits b) {
  // Negation instead of division by -1, which can overflow.
  if (b.asSigned == 0 || b.asSigned == -1)
    return b.asSigned == 0 ? 0 : -static_cast<uint64_t>(a.asSigned);
  return static_cast<uint64_t>(a.asSigned / b.asSigned);
}

static ScalarFunction getIntegerFunction(Operation *op) {
  unsigned width = IntegerFormat::of(op->getOperand(0).getType()).width;
  return TypeSwitch<Operation *, ScalarFunction>(op)
      .Case<arith::AddIOp>([&](Operation *) {
        return binaryInteger(
            op, [](Bits a, Bits b) { return a.asUnsigned + b.asUnsigned; });
      })
      .Case<arith::SubIOp>([&](Operation *) {
        return binaryInteger(
            op, [](Bits a, Bits b) { return a.asUnsigned - b.asUnsigned; });
      })
      .Case<arith::MulIOp>([&](Operation *) {
        return binaryInteger(
            op, [](Bits a, Bits b) { return a.asUnsigned * b.asUnsigned; });
      })
      .Case<arith::DivSIOp>(
          [&](Operation *) { return binaryInteger(op, divideSigned); })
      .Case<arith::MaxSIOp>([&](Operation *) {
        return binaryInteger(op, [](Bits a, Bits b) {
          return std::max(a.asSigned, b.asSigned);
        });
      })
      .Case<arith::MinSIOp>([&](Operation *) {
        return binaryInteger(op, [](Bits a, Bits b) {
          return std::min(a.asSigned, b.asSigned);
        });
      })
      .Case<arith::MaxUIOp>([&](Operation *) {
        return binaryInteger(op, [](Bits a, Bits b) {
          return std::max(a.asUnsigned, b.asUnsigned);
        });
      })
      .Case<arith::MinUIOp>([&](Operation *) {
        return binaryInteger(op, [](Bits a, Bits b) {
          return std::min(a.asUnsigned, b.asUnsigned);
        });
      })
      .Case<arith::AndIOp>([&](Operation *) {
        return binaryInteger(
            op, [](Bits a, Bits b) { return a.asUnsigned & b.asUnsigned; });
      })
      .Case<arith::OrIOp>([&](Operation *) {
        return binaryInteger(
            op, [](Bits a, Bits b) { return a.asUnsigned | b.asUnsigned; });
      })
      .Case<arith::XOrIOp>([&](Operation *) {
        return binaryInteger(
            op, [](Bits a, Bits b) { return a.asUnsigned ^ b.asUnsigned; });
      })
      .Case<arith::ShLIOp>([&](Operation *) {
        return binaryInteger(op, [width](Bits a, Bits b) {
          return b.asUnsigned < width ? a.asUnsigned << b.asUnsigned : 0;
        });
      })
      .Case<arith::ShRSIOp>([&](Operation *) {
        return binaryInteger(op, [width](Bits a, Bits b) {
          return b.asUnsigned < width ? a.asSigned >> b.asUnsigned : 0;
        });
      })
      .Case<arith::ShRUIOp>([&](Operation *) {
        return binaryInteger(op, [width](Bits a, Bits b) {
          return b.asUnsigned < width ? a.asUnsigned >> b.asUnsigned : 0;
        });
      })
      .Case([&](arith::CmpIOp compare) {
        auto predicate = compare.getPredicate();
        return binaryInteger(op, [predicate](Bits a, Bits b) {
          return compareIntegers(predicate, a, b);
        });
      })
      .Default(ScalarFunction());
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

/// Widening, narrowing and sign changes: bits in, bits out.
static ScalarFunction convertInteger(Operation *op, bool isSigned) {
  unsigned width = IntegerFormat::of(op->getOperand(0).getType()).width;
  IntegerFormat result = IntegerFormat::of(op->getResult(0).getType());
  return [=](Operands x) {
    Bits bits = getBits(x[0].integer, width);
    return fromInteger(result.wrap(
        isSigned ? bits.asSigned : static_cast<int64_t>(bits.asUnsigned)));
  };
}

static ScalarFunction integerToReal(Operation *op, bool isSigned) {
  unsigned width = IntegerFormat::of(op->getOperand(0).getType()).width;
  return [=](Operands x) {
    Bits bits = getBits(x[0].integer, width);
    return fromReal(isSigned ? static_cast<float>(bits.asSigned)
                             : static_cast<float>(bits.asUnsigned));
  };
}

/// Toward zero; what does not fit becomes the nearest integer that does, NaN 0.
static ScalarFunction realToInteger(Operation *op, bool isSigned) {
  IntegerFormat result = IntegerFormat::of(op->getResult(0).getType());
  unsigned width = result.width;
  double low = isSigned ? -std::ldexp(1.0, width - 1) : 0;
  double high = std::ldexp(1.0, isSigned ? width - 1 : width);
  return [=](Operands x) {
    double value = std::trunc(static_cast<double>(x[0].real));
    if (std::isnan(value))
      return fromInteger(0);
    if (value >= high) // all ones, but for the sign
      return fromInteger(result.wrap(
          isSigned ? static_cast<int64_t>((uint64_t(1) << (width - 1)) - 1)
                   : -1));
    value = std::max(value, low);
    return fromInteger(
        result.wrap(isSigned ? static_cast<int64_t>(value)
                             : static_cast<int64_t>(
                                   static_cast<uint64_t>(value))));
  };
}

static ScalarFunction getConversion(Operation *op) {
  return TypeSwitch<Operation *, ScalarFunction>(op)
      .Case<arith::SIToFPOp>(
          [&](Operation *) { return integerToReal(op, /*isSigned=*/true); })
      .Case<arith::UIToFPOp>(
          [&](Operation *) { return integerToReal(op, /*isSigned=*/false); })
      .Case<arith::FPToSIOp>(
          [&](Operation *) { return realToInteger(op, /*isSigned=*/true); })
      .Case<arith::FPToUIOp>(
          [&](Operation *) { return realToInteger(op, /*isSigned=*/false); })
      .Case<arith::ExtSIOp>(
          [&](Operation *) { return convertInteger(op, /*isSigned=*/true); })
      .Case<arith::ExtUIOp, arith::TruncIOp>(
          [&](Operation *) { return convertInteger(op, /*isSigned=*/false); })
      .Default(ScalarFunction());
}

//===----------------------------------------------------------------------===//
// Quantizers, selection
//===----------------------------------------------------------------------===//

static ScalarFunction quantizeTo(Rounding rounding, int64_t min, int64_t max,
                                 Type type) {
  IntegerFormat format = IntegerFormat::of(type);
  return [=](Operands x) {
    return fromInteger(format.wrap(quantize(rounding, x[0].real, min, max)));
  };
}

static ScalarFunction getOtherFunction(Operation *op) {
  return TypeSwitch<Operation *, ScalarFunction>(op)
      .Case([](arith::SelectOp) {
        return ScalarFunction(
            [](Operands x) { return x[0].integer ? x[1] : x[2]; });
      })
      .Case<QuantizeOp, QuantizeScalarOp>([](auto quantize) {
        return quantizeTo(quantize.getRounding(), quantize.getLowest(),
                          quantize.getHighest(), quantize.getType());
      })
      .Default(ScalarFunction());
}

static bool isScalarType(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF32() || (isa<IntegerType>(element) &&
                             element.getIntOrFloatBitWidth() <= 64);
}

ScalarFunction interpreter::getScalarFunction(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !llvm::all_of(op->getOperandTypes(), isScalarType) ||
      !llvm::all_of(op->getResultTypes(), isScalarType))
    return {};
  bool fromReals = getElementTypeOrSelf(op->getOperand(0)).isF32();
  if (ScalarFunction function = getConversion(op))
    return function;
  if (ScalarFunction function = getOtherFunction(op))
    return function;
  return fromReals ? getRealFunction(op) : getIntegerFunction(op);
}
