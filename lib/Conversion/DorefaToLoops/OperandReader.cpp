//===- OperandReader.cpp - reals or codes of a contracted operand ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A contraction of codes reads the operands of `dorefa.dequantize` in place of
// its result, so that no reals are stored; it gets `step*q - zero` and the
// scale apart.
//
//===----------------------------------------------------------------------===//

#include "OperandReader.h"
#include "Steps.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

SmallVector<Value> loops::getStepOperands(Operation *op) {
  if (!isContraction(op) || !isCodedContraction(op))
    return llvm::to_vector(op->getOperands());
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    llvm::append_range(operands,
                       operand.getDefiningOp<DequantizeOp>()->getOperands());
  return operands;
}

OperandReader::OperandReader(ImplicitLocOpBuilder &builder, Operation *op,
                             Value operand, function_ref<Value(Value)> getFlat)
    : builder(builder), strides(getRowMajorStrides(getShape(operand))) {
  if (isContraction(op) && isCodedContraction(op))
    dequantize = operand.getDefiningOp<DequantizeOp>();
  if (!dequantize) {
    elements = getFlat(operand);
    return;
  }
  elements = getFlat(dequantize.getInput());
  scales = getFlat(dequantize.getScale());
  zeros = getFlat(dequantize.getZeroPoint());
}

Value OperandReader::readReal(ValueRange indices) {
  return memref::LoadOp::create(builder, elements,
                                getPosition(builder, 0, indices, strides));
}

Value OperandReader::readParameter(Value parameter, Value buffer,
                                   ValueRange indices) {
  Value position = getIndex(builder, 0);
  if (!getShape(parameter).empty())
    position = indices[dequantize.getAxis()];
  return memref::LoadOp::create(builder, buffer, position);
}

Value OperandReader::readInteger(ValueRange indices) {
  Value code = emitExtendCode(builder, readReal(indices), dequantize.getCode(),
                              /*width=*/64);
  if (dequantize.getStep() != 1)
    code = arith::MulIOp::create(
        builder, code,
        getConstant(builder, code.getType(),
                    static_cast<double>(dequantize.getStep())));
  Value zero = readParameter(dequantize.getZeroPoint(), zeros, indices);
  return arith::SubIOp::create(
      builder, code,
      arith::ExtSIOp::create(builder, builder.getI64Type(), zero));
}

Value OperandReader::readScale(ValueRange indices) {
  return readParameter(dequantize.getScale(), scales, indices);
}
