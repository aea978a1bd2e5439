//===- ComparisonOperators.cpp - booleans and choices ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Comparisons, logic and Where. Comparisons of reals are ordered: with NaN none
// of them holds. They take reals and plain integers, no codes; Where chooses
// between tensors of any one type.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

using RealOrder = arith::CmpFPredicate;
using IntegerOrder = arith::CmpIPredicate;

/// Comparisons of reals, and of integers that are no codes.
template <RealOrder realOrder, IntegerOrder integerOrder>
static LogicalResult importComparison(NodeImporter &node) {
  Value lhs = node.getInput(0), rhs = node.getInput(1);
  if (!lhs || !rhs)
    return failure();
  if (node.getInputType(0) != node.getInputType(1))
    return node.emitError() << "expected inputs of one type, but got "
                            << getElementTypeName(node.getInputType(0))
                            << " and "
                            << getElementTypeName(node.getInputType(1));
  if (failed(node.broadcastBoth(lhs, rhs)))
    return failure();
  if (isReal(lhs))
    return node.setOutput(0, node.create<arith::CmpFOp>(realOrder, lhs, rhs),
                          ElementType::Bool);
  if (getCode(lhs.getType()))
    return node.emitError() << "unsupported element type "
                            << getElementTypeName(node.getInputType(0))
                            << ": FLOAT, INT32, INT64 and BOOL are supported";
  return node.setOutput(0, node.create<arith::CmpIOp>(integerOrder, lhs, rhs),
                        ElementType::Bool);
}

static Value getBoolean(NodeImporter &node, size_t index) {
  Value value = node.getInput(index);
  if (value && node.getInputType(index) != ElementType::Bool) {
    node.emitError() << "expected BOOL as input " << index << ", but got "
                     << getElementTypeName(node.getInputType(index));
    return {};
  }
  return value;
}

template <typename OpTy>
static LogicalResult importLogic(NodeImporter &node) {
  Value lhs = getBoolean(node, 0), rhs = getBoolean(node, 1);
  return node.setOutput(0, node.createBinary<OpTy>(lhs, rhs),
                        ElementType::Bool);
}

static LogicalResult importNot(NodeImporter &node) {
  Value input = getBoolean(node, 0);
  if (!input)
    return failure();
  Value ones = node.createConstant(
      DenseElementsAttr::get(cast<ShapedType>(input.getType()), true));
  return node.setOutput(0, node.create<arith::XOrIOp>(input, ones),
                        ElementType::Bool);
}

static LogicalResult importWhere(NodeImporter &node) {
  Value condition = getBoolean(node, 0);
  Value ifTrue = node.getInput(1), ifFalse = node.getInput(2);
  if (!condition || !ifTrue || !ifFalse)
    return failure();
  if (node.getInputType(1) != node.getInputType(2))
    return node.emitError() << "expected inputs of one type, but got "
                            << getElementTypeName(node.getInputType(1))
                            << " and "
                            << getElementTypeName(node.getInputType(2));
  SmallVector<int64_t> shape =
      node.getCommonShape(getShape(ifTrue), getShape(ifFalse));
  if (node.hasFailed())
    return failure();
  shape = node.getCommonShape(shape, getShape(condition));
  if (node.hasFailed())
    return failure();
  condition = node.createBroadcast(condition, shape);
  ifTrue = node.createBroadcast(ifTrue, shape);
  ifFalse = node.createBroadcast(ifFalse, shape);
  if (!condition || !ifTrue || !ifFalse)
    return failure();
  return node.setLike(
      node.create<arith::SelectOp>(condition, ifTrue, ifFalse), /*input=*/1);
}

ArrayRef<Operator> onnx_import::getComparisonOperators() {
  static constexpr Operator operators[] = {
      {"Equal", importComparison<RealOrder::OEQ, IntegerOrder::eq>, 2, 2},
      {"Greater", importComparison<RealOrder::OGT, IntegerOrder::sgt>, 2, 2},
      {"GreaterOrEqual", importComparison<RealOrder::OGE, IntegerOrder::sge>,
       2, 2},
      {"Less", importComparison<RealOrder::OLT, IntegerOrder::slt>, 2, 2},
      {"LessOrEqual", importComparison<RealOrder::OLE, IntegerOrder::sle>, 2,
       2},
      {"And", importLogic<arith::AndIOp>, 2, 2},
      {"Or", importLogic<arith::OrIOp>, 2, 2},
      {"Xor", importLogic<arith::XOrIOp>, 2, 2},
      {"Not", importNot, 1, 1},
      {"Where", importWhere, 3, 3},
  };
  return operators;
}
