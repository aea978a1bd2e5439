//===- Epilogue.cpp - a layer's epilogue on vectors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The epilogue's ops are cloned with vectors in place of scalars. Three kinds
// need more: a count of thresholds is a chain of comparisons and additions in
// lanes of the compared width, a quantizer is spelled out, and functions of the
// runtime are called lane by lane.
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"
#include "ByteCodes.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

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

Value EpilogueEmitter::emitCount(KernelBuilder &b, CountThresholdsOp op,
                                 Value value,
                                 ArrayRef<Value> thresholds) const {
  auto type = cast<VectorType>(value.getType());
  VectorType counts = type.clone(type.getElementType().isInteger(64)
                                     ? Type(b.getI64Type())
                                     : type.getElementType().isF32()
                                           ? Type(b.getI32Type())
                                           : type.getElementType());
  VectorType stored = type.clone(op.getResult().getType());
  if (thresholds.empty())
    return b.splat(int64_t(0), stored);
  bool isReal = type.getElementType().isF32();
  auto compare = [&](Value threshold, bool isMet) -> Value {
    if (isReal)
      return arith::CmpFOp::create(
          b, isMet ? arith::CmpFPredicate::OGE : arith::CmpFPredicate::ULT,
          value, threshold);
    return arith::CmpIOp::create(
        b, isMet ? arith::CmpIPredicate::sge : arith::CmpIPredicate::slt, value,
        threshold);
  };
  int64_t width = counts.getElementTypeBitWidth();
  if (target.isAVX2() && thresholds.size() > 1 && width < 64 &&
      stored.getElementType().isInteger(8) && lanes % 16 == 0) {
    // A comparison is 0 or -1. LLVM would narrow each to bytes, not their sum, if a
    // truncation were behind it.
    Value count = b.splat(thresholds.size(), counts);
    for (Value threshold : thresholds)
      count = arith::AddIOp::create(
          b, count,
          arith::ExtSIOp::create(b, counts, compare(threshold, false)));
    SmallVector<Value> registers;
    for (int64_t i = 0, all = target.vectorBytes * 8 / width; i < lanes; i += all)
      registers.push_back(b.slice(count, i, all));
    return packBytes(b, registers);
  }
  Value count;
  for (Value threshold : thresholds) {
    Value one = arith::ExtUIOp::create(b, counts, compare(threshold, true));
    count = count ? Value(arith::AddIOp::create(b, count, one)) : one;
  }
  return stored == counts ? count
                          : Value(arith::TruncIOp::create(b, stored, count));
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
    // Sums of engines have at most 32 bits.
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
      Value reals = mapping.lookup(quantize.getInput());
      result = emitByteQuantize(b, reals, quantize, target);
      if (!result)
        result = loops::emitQuantize(b, reals, quantize.getRounding(),
                                     quantize.getCode(), quantize.getLowest(),
                                     quantize.getHighest());
    } else if (auto count = dyn_cast<CountThresholdsOp>(op)) {
      auto argument = cast<BlockArgument>(count.getThresholds());
      unsigned index =
          argument.getArgNumber() - layer.getProducts().size();
      result = emitCount(b, count, mapping.lookup(count.getValue()),
                         parameters[index]);
    } else if (StringRef function = loops::getRuntimeFunction(&op);
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
