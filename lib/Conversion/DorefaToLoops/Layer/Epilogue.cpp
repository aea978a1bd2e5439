//===- Epilogue.cpp - a layer's epilogue on vectors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//


#include "Epilogue.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

void EpilogueEmitter::loadParameters(KernelBuilder &b, Value channel) {
  parameters.clear();
  for (Value buffer : buffers.parameters) {
    auto type = cast<MemRefType>(buffer.getType());
    VectorType vector = b.vectorOf(lanes, type.getElementType());
    SmallVector<Value> &loaded = parameters.emplace_back();
    auto load = [&](ValueRange indices, bool single) {
      if (single)
        return b.splat(memref::LoadOp::create(b, buffer, indices), vector);
      return Value(vector::LoadOp::create(b, vector, buffer, indices));
    };
    if (type.getRank() == 0) {
      loaded.push_back(load({}, /*single=*/true));
    } else if (type.getRank() == 1) {
      loaded.push_back(load(channel, !lanesAreChannels));
    } else {
      for (int64_t i = 0; i < type.getDimSize(0); ++i)
        loaded.push_back(load({b.index(i), channel}, !lanesAreChannels));
    }
  }
}

//===----------------------------------------------------------------------===//
// Ops that are not elementwise on vectors as they are
//===----------------------------------------------------------------------===//

/// Rounds to a whole number, as a real.
static Value emitRound(KernelBuilder &b, Rounding rounding, Value x) {
  auto type = cast<VectorType>(x.getType());
  auto half = [&] {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(type, b.getF32FloatAttr(0.5f)));
  };
  auto withSignOf = [&](Value magnitude) {
    return math::CopySignOp::create(b, magnitude, x);
  };
  switch (rounding) {
  case Rounding::HalfEven:
    return math::RoundEvenOp::create(b, x);
  case Rounding::Floor:
    return math::FloorOp::create(b, x);
  case Rounding::Ceil:
    return math::CeilOp::create(b, x);
  case Rounding::Down:
    return math::TruncOp::create(b, x);
  case Rounding::Up:
    return withSignOf(math::CeilOp::create(b, math::AbsFOp::create(b, x)));
  case Rounding::HalfUp:
    return withSignOf(math::FloorOp::create(
        b, arith::AddFOp::create(b, math::AbsFOp::create(b, x), half())));
  case Rounding::HalfDown:
    return withSignOf(math::CeilOp::create(
        b, arith::SubFOp::create(b, math::AbsFOp::create(b, x), half())));
  case Rounding::Sign:
    break;
  }
  llvm_unreachable("sign has no rounded value");
}

static Value emitQuantize(KernelBuilder &b, QuantizeScalarOp op, Value x) {
  auto type = cast<VectorType>(x.getType());
  VectorType stored = type.clone(op.getResult().getType());
  if (op.getRounding() == Rounding::Sign) {
    Value met = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x,
                                      b.splat(int64_t(0), type));
    return arith::ExtUIOp::create(b, stored, met);
  }
  CodeAttr code = op.getCode();
  int64_t low = op.getMin().value_or(code.getMin());
  int64_t high = op.getMax().value_or(code.getMax());
  Value rounded = emitRound(b, op.getRounding(), x);
  // A bound that is no binary32 number is replaced by the next one inside;
  // codes between the two are chosen by a comparison below.
  auto bound = [&](int64_t value, bool down) {
    float real = static_cast<float>(value);
    if (down && static_cast<double>(real) > static_cast<double>(value))
      real = std::nextafterf(real, 0.0f);
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(type, b.getF32FloatAttr(real)));
  };
  // maxnum of NaN and the bound is the bound: NaN gives the lowest code.
  Value clamped = arith::MaxNumFOp::create(b, rounded, bound(low, false));
  clamped = arith::MinNumFOp::create(b, clamped, bound(high, true));
  VectorType words = type.clone(b.getI64Type());
  bool wide = high > std::numeric_limits<int32_t>::max();
  if (!wide)
    words = type.clone(b.getI32Type());
  Value number = arith::FPToSIOp::create(b, words, clamped);
  if (static_cast<double>(static_cast<float>(high)) !=
      static_cast<double>(high)) {
    Value above = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, rounded,
                                        bound(high, true));
    number = arith::SelectOp::create(b, above, b.splat(high, words), number);
  }
  return number.getType() == stored
             ? number
             : Value(arith::TruncIOp::create(b, stored, number));
}

static Value emitCount(KernelBuilder &b, CountThresholdsOp op, Value value,
                       ArrayRef<Value> thresholds) {
  auto type = cast<VectorType>(value.getType());
  VectorType counts = type.clone(type.getElementType().isInteger(64)
                                     ? Type(b.getI64Type())
                                     : type.getElementType().isF32()
                                           ? Type(b.getI32Type())
                                           : type.getElementType());
  Value count;
  for (Value threshold : thresholds) {
    Value met =
        type.getElementType().isF32()
            ? Value(arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, value,
                                          threshold))
            : Value(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, value,
                                          threshold));
    Value one = arith::ExtUIOp::create(b, counts, met);
    count = count ? Value(arith::AddIOp::create(b, count, one)) : one;
  }
  if (!count)
    count = b.splat(int64_t(0), counts);
  VectorType stored = type.clone(op.getResult().getType());
  return stored == counts ? count
                          : Value(arith::TruncIOp::create(b, stored, count));
}

/// The runtime's scalar function of an op that has no vector form, or "".
static StringRef getRuntimeFunction(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](math::ExpOp) { return "dorefa_expf"; })
      .Case([](math::LogOp) { return "dorefa_logf"; })
      .Case([](math::TanhOp) { return "dorefa_tanhf"; })
      .Case([](math::ErfOp) { return "dorefa_erff"; })
      .Case([](math::PowFOp) { return "dorefa_powf"; })
      .Case([](SigmoidOp) { return "dorefa_sigmoidf"; })
      .Default([](Operation *) { return ""; });
}

static Value emitCalls(KernelBuilder &b, StringRef function,
                       ValueRange operands) {
  auto type = cast<VectorType>(operands[0].getType());
  auto module =
      b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  SmallVector<Type> inputs(operands.size(), type.getElementType());
  if (!module.lookupSymbol(function)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto declaration = func::FuncOp::create(
        b, function, b.getFunctionType(inputs, type.getElementType()));
    declaration.setPrivate();
  }
  Value result = b.splat(int64_t(0), type);
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane) {
    SmallVector<Value> scalars;
    for (Value operand : operands)
      scalars.push_back(vector::ExtractOp::create(b, operand, lane));
    Value value = func::CallOp::create(b, function, type.getElementType(),
                                       scalars).getResult(0);
    result = vector::InsertOp::create(b, value, result, lane);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// The region
//===----------------------------------------------------------------------===//

SmallVector<Value> EpilogueEmitter::emit(KernelBuilder &b,
                                         ValueRange accumulators,
                                         ValueRange residuals) {
  IRMapping mapping;
  for (auto [i, accumulator] : llvm::enumerate(accumulators)) {
    // Engines give 32-bit sums; a wider accumulator is for what follows.
    Type wanted = layer.getAccumulator(i).getType();
    auto type = cast<VectorType>(accumulator.getType());
    mapping.map(layer.getAccumulator(i),
                type.getElementType() == wanted
                    ? accumulator
                    : Value(arith::ExtSIOp::create(b, type.clone(wanted),
                                                   accumulator)));
  }
  for (auto [i, loaded] : llvm::enumerate(parameters))
    if (!isa<VectorType>(layer.getParameterArgument(i).getType()))
      mapping.map(layer.getParameterArgument(i), loaded.front());
  for (auto [i, residual] : llvm::enumerate(residuals))
    mapping.map(layer.getResidualArgument(i), residual);

  for (Operation &op : layer.getEpilogue().front().without_terminator()) {
    Value result;
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      VectorType type = b.vectorOf(lanes, constant.getType());
      result = arith::ConstantOp::create(
          b, DenseElementsAttr::get(type, Attribute(constant.getValue())));
    } else if (auto quantize = dyn_cast<QuantizeScalarOp>(op)) {
      result = emitQuantize(b, quantize, mapping.lookup(quantize.getInput()));
    } else if (auto count = dyn_cast<CountThresholdsOp>(op)) {
      auto argument = cast<BlockArgument>(count.getThresholds());
      unsigned index =
          argument.getArgNumber() - layer.getProducts().size();
      result = emitCount(b, count, mapping.lookup(count.getValue()),
                         parameters[index]);
    } else if (StringRef function = getRuntimeFunction(&op);
               !function.empty()) {
      SmallVector<Value> operands;
      for (Value operand : op.getOperands())
        operands.push_back(mapping.lookup(operand));
      result = emitCalls(b, function, operands);
    } else {
      Operation *clone = b.clone(op, mapping);
      for (OpResult value : clone->getResults())
        value.setType(b.vectorOf(lanes, value.getType()));
      result = clone->getResult(0);
    }
    mapping.map(op.getResult(0), result);
  }
  SmallVector<Value> yielded;
  for (Value value :
       layer.getEpilogue().front().getTerminator()->getOperands())
    yielded.push_back(mapping.lookup(value));
  return yielded;
}
