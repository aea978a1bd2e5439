//===- ProductCorrection.cpp - from stored numbers to the product ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The terms of StoredNumbers as operands and arithmetic of a layer: the window
// sum is a residual shared by the channels, factors that are equal in all
// channels are constants, others parameters, and an offset is a parameter or,
// where it depends on the position, a residual.
//
//===----------------------------------------------------------------------===//

#include "ProductCorrection.h"

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

ProductCorrection::Operand
ProductCorrection::addParameter(PackedOperands &operands, Value parameter) {
  operands.parameters.push_back(parameter);
  return {/*isResidual=*/false, unsigned(operands.parameters.size() - 1)};
}

ProductCorrection::Operand
ProductCorrection::addResidual(PackedOperands &operands, Value residual) {
  operands.residuals.push_back(residual);
  return {/*isResidual=*/true, unsigned(operands.residuals.size() - 1)};
}

Value ProductCorrection::getArgument(LayerOp layer, Operand operand) {
  return operand.isResidual ? layer.getResidualArgument(operand.index)
                            : layer.getParameterArgument(operand.index);
}

/// One sum a group of channels.
static Value createWindowSum(ImplicitLocOpBuilder &builder, Value input,
                             const ProductShape &product, ConvAttr geometry,
                             ArrayRef<int64_t> sums) {
  SmallVector<int64_t> shape(sums);
  shape[1] = product.groups;
  return WindowSumOp::create(
      builder, RankedTensorType::get(shape, builder.getI32Type()), input,
      product.kernel, geometry);
}

/// Where an offset is cut in two that fit 32 bits with a sign each.
static constexpr int64_t highShift = 31;

/// A constant of one integer a position and channel, packed as elements.
static Value createPositionOffsets(ImplicitLocOpBuilder &builder,
                                   ArrayRef<int64_t> offsets,
                                   ArrayRef<int64_t> sums) {
  CodeAttr code = CodeAttr::get(builder.getContext(), /*isSigned=*/true, 32);
  SmallVector<int64_t> shape(sums);
  shape[0] = 1;
  RankedTensorType type = code.getTensorType(shape);
  SmallVector<int32_t> values(offsets.begin(), offsets.end());
  Value constant = arith::ConstantOp::create(
      builder, DenseElementsAttr::get(type, ArrayRef<int32_t>(values)));
  return PackOp::create(builder, getPackedType(type, getElementsLayout(type)),
                        constant);
}

ProductCorrection::ProductCorrection(ImplicitLocOpBuilder &builder,
                                     const PackedProduct &product,
                                     ConvAttr geometry, ArrayRef<int64_t> sums,
                                     Type accumulator, PackedOperands &operands)
    : factor(product.numbers.factor) {
  const StoredNumbers &numbers = product.numbers;
  auto createPerChannel = [&](ArrayRef<int64_t> values) {
    return createParameter(builder, builder.getLoc(), values, accumulator);
  };
  if (!numbers.sumFactor.empty()) {
    windowSum = addResidual(
        operands, createWindowSum(builder, operands.inputs.back(),
                                  product.shape, geometry, sums));
    if (llvm::all_equal(numbers.sumFactor))
      uniformSumFactor = numbers.sumFactor.front();
    else
      sumFactor = addParameter(operands, createPerChannel(numbers.sumFactor));
  }
  if (numbers.offset.empty())
    return;
  if (!numbers.offsetPerPosition) {
    offset = addParameter(operands, createPerChannel(numbers.offset));
    return;
  }
  SmallVector<int64_t> low = numbers.offset, high;
  // A narrow accumulator wraps around, and ends where it belongs.
  bool isWide = accumulator.isInteger(64) &&
                !llvm::all_of(low, [](int64_t value) {
                  return llvm::isInt<32>(value);
                });
  for (int64_t &value : low) {
    high.push_back(value >> highShift);
    if (isWide)
      value &= (int64_t(1) << highShift) - 1;
  }
  offset = addResidual(operands, createPositionOffsets(builder, low, sums));
  if (isWide)
    highOffset =
        addResidual(operands, createPositionOffsets(builder, high, sums));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value ProductCorrection::emit(ImplicitLocOpBuilder &builder, LayerOp layer,
                              Value sum) const {
  Type type = sum.getType();
  auto getTerm = [&](Operand operand) -> Value {
    Value term = getArgument(layer, operand);
    if (term.getType() == type)
      return term;
    return arith::ExtSIOp::create(builder, type, term);
  };
  auto getConstant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder,
                                     builder.getIntegerAttr(type, value));
  };
  if (factor != 1)
    sum = arith::MulIOp::create(builder, sum, getConstant(factor));
  if (windowSum) {
    Value term = getTerm(*windowSum);
    bool isSubtracted = !sumFactor && uniformSumFactor == -1;
    if (isSubtracted)
      sum = arith::SubIOp::create(builder, sum, term);
    else
      sum = arith::AddIOp::create(
          builder, sum,
          arith::MulIOp::create(builder, term,
                                sumFactor ? getTerm(*sumFactor)
                                          : getConstant(uniformSumFactor)));
  }
  if (offset)
    sum = arith::AddIOp::create(builder, sum, getTerm(*offset));
  if (highOffset)
    sum = arith::AddIOp::create(
        builder, sum,
        arith::MulIOp::create(builder, getTerm(*highOffset),
                              getConstant(int64_t(1) << highShift)));
  return sum;
}
