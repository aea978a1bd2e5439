//===- ContractionOperators.cpp - convolution and matrix products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Conv, MatMul and Gemm. A bias is an addition behind the product, alpha and
// beta are multiplications, transposes are ops: each with its own rounding, as
// declared. MatMul follows NumPy's rules; vectors become rows or columns, and
// lose that dimension behind the product.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

#include "ContractionBuilder.h"
#include "WindowAttributes.h"

Value onnx_import::createConv(NodeImporter &node, Value input, Value weight) {
  if (!input || !weight)
    return {};
  size_t rank = getShape(input).size();
  if (rank < 3 || rank > 4) {
    node.emitError() << "unsupported input of rank " << rank
                     << ": convolutions over one or two spatial dimensions "
                        "are supported";
    return {};
  }
  if (getShape(weight).size() != rank) {
    node.emitError() << "expected weights of rank " << rank << ", but got "
                     << getShape(weight).size();
    return {};
  }
  ArrayRef<int64_t> kernel = getShape(weight).drop_front(2);
  int64_t groups = node.getInt("group", 1);
  FailureOr<WindowGeometry> window =
      readWindow(node, getShape(input).drop_front(2), kernel);
  if (failed(window))
    return {};
  FailureOr<SmallVector<int64_t>> shape =
      getConvShape(getShape(input), getShape(weight), window->strides,
                   window->pads, window->dilations, groups);
  if (failed(shape)) {
    node.emitError() << "input [" << getShape(input) << "] and weights ["
                     << getShape(weight) << "] do not fit together with "
                     << groups << " groups, strides [" << window->strides
                     << "], pads [" << window->pads << "] and dilations ["
                     << window->dilations << "]";
    return {};
  }
  if (failed(node.checkShape(*shape)))
    return {};
  auto geometry = ConvAttr::get(node.getContext(), window->strides,
                                window->pads, window->dilations, groups);
  auto type = RankedTensorType::get(*shape, node.getBuilder().getF32Type());
  return node.create<ConvOp>(type, input, weight, geometry);
}

static LogicalResult importConv(NodeImporter &node) {
  Value weight = node.getReal(1);
  Value result = createConv(node, node.getReal(0), weight);
  if (!result)
    return failure();
  if (!node.hasInput(2))
    return node.setReal(result);
  Value bias = node.getReal(2);
  if (!bias)
    return failure();
  ArrayRef<int64_t> shape = getShape(result);
  if (getShape(bias) != shape.slice(1, 1))
    return node.emitError() << "expected a bias of shape [" << shape[1]
                            << "], but got [" << getShape(bias) << "]";
  SmallVector<int64_t> biasShape(shape.size(), 1);
  biasShape[1] = shape[1];
  return node.setReal(node.createBinary<arith::AddFOp>(
      result, node.createReshape(bias, biasShape)));
}

Value onnx_import::createMatmul(NodeImporter &node, Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return {};
  SmallVector<int64_t> lhsShape(getShape(lhs)), rhsShape(getShape(rhs));
  auto reportMismatch = [&]() -> Value {
    node.emitError() << "operands [" << getShape(lhs) << "] and ["
                     << getShape(rhs) << "] do not fit together";
    return {};
  };
  if (lhsShape.empty() || rhsShape.empty())
    return reportMismatch();
  // Vectors become a row on the left, a column on the right.
  bool isRow = lhsShape.size() == 1, isColumn = rhsShape.size() == 1;
  if (isRow)
    lhsShape.insert(lhsShape.begin(), 1);
  if (isColumn)
    rhsShape.push_back(1);
  size_t rank = std::max(lhsShape.size(), rhsShape.size());
  lhsShape.insert(lhsShape.begin(), rank - lhsShape.size(), 1);
  rhsShape.insert(rhsShape.begin(), rank - rhsShape.size(), 1);
  SmallVector<int64_t> shape;
  for (size_t i = 0; i + 2 < rank; ++i) {
    if (lhsShape[i] != rhsShape[i] && lhsShape[i] != 1 && rhsShape[i] != 1)
      return reportMismatch();
    shape.push_back(lhsShape[i] == 1 ? rhsShape[i] : lhsShape[i]);
  }
  if (lhsShape[rank - 1] != rhsShape[rank - 2])
    return reportMismatch();
  shape.append({lhsShape[rank - 2], rhsShape[rank - 1]});
  if (failed(node.checkShape(shape)))
    return {};
  lhs = node.createReshape(lhs, lhsShape);
  rhs = node.createReshape(rhs, rhsShape);
  auto type = RankedTensorType::get(shape, node.getBuilder().getF32Type());
  Value result = node.create<MatmulOp>(type, lhs, rhs);
  if (isColumn)
    shape.pop_back();
  if (isRow)
    shape.erase(shape.end() - (isColumn ? 1 : 2));
  return node.createReshape(result, shape);
}

static LogicalResult importMatMul(NodeImporter &node) {
  Value lhs = node.getReal(0);
  return node.setReal(createMatmul(node, lhs, node.getReal(1)));
}

static Value createScaled(NodeImporter &node, Value input, float factor) {
  if (!input || factor == 1)
    return input;
  Value splat = node.createSplat(getShape(input), factor);
  return node.create<arith::MulFOp>(input, splat);
}

static LogicalResult importGemm(NodeImporter &node) {
  float alpha = node.getFloat("alpha", 1), beta = node.getFloat("beta", 1);
  std::array<Value, 2> operands{node.getReal(0), node.getReal(1)};
  for (auto [i, operand] : llvm::enumerate(operands)) {
    bool isTransposed = node.getInt(i == 0 ? "transA" : "transB", 0) != 0;
    if (!operand)
      return failure();
    if (getShape(operand).size() != 2)
      return node.emitError() << "expected matrices, but got shape ["
                              << getShape(operand) << "]";
    if (isTransposed)
      operand = node.createTranspose(operand, {1, 0});
  }
  Value result = createMatmul(node, operands[0], operands[1]);
  result = createScaled(node, result, alpha);
  if (!result || !node.hasInput(2))
    return node.setReal(result);
  Value addend = createScaled(node, node.getReal(2), beta);
  if (!addend)
    return failure();
  SmallVector<int64_t> shape =
      node.getCommonShape(getShape(result), getShape(addend));
  if (!node.hasFailed() && ArrayRef(shape) != getShape(result))
    return node.emitError() << "input C of shape [" << getShape(addend)
                            << "] does not broadcast to ["
                            << getShape(result) << "]";
  return node.setReal(node.createBinary<arith::AddFOp>(result, addend));
}

ArrayRef<Operator> onnx_import::getContractionOperators() {
  static constexpr Operator operators[] = {
      {"Conv", importConv, 2, 3},
      {"MatMul", importMatMul, 2, 2},
      {"Gemm", importGemm, 2, 3},
  };
  return operators;
}
