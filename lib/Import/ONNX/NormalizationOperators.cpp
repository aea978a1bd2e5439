//===- NormalizationOperators.cpp - batch normalization and softmax ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Batch normalization stays one op, whose value `dorefa.batch_norm` defines.
// Softmax of old versions runs over all dimensions from an axis on: these are
// flattened into one around the op.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

static LogicalResult importBatchNormalization(NodeImporter &node) {
  float epsilon = node.getFloat("epsilon", 1e-5f);
  node.ignore({"momentum"});
  node.require("training_mode", 0, 0);
  node.require("spatial", 1, 1);
  Value input = node.getReal(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = getShape(input);
  if (shape.size() < 2)
    return node.emitError() << "expected an input with a channel dimension, "
                               "but got shape ["
                            << shape << "]";
  std::array<Value, 4> parameters;
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    parameter = node.getReal(i + 1);
    if (!parameter)
      return failure();
    if (getShape(parameter) != shape.slice(1, 1))
      return node.emitError() << "expected parameters of shape [" << shape[1]
                              << "], but got [" << getShape(parameter) << "]";
  }
  auto [gamma, beta, mean, variance] = parameters;
  return node.setReal(node.create<BatchNormOp>(
      input.getType(), input, gamma, beta, mean, variance,
      node.getBuilder().getF32FloatAttr(epsilon)));
}

/// Before version 13 the softmax ran over all dimensions from `axis` on.
static LogicalResult importSoftmax(NodeImporter &node) {
  bool flattens = node.getOpset() < 13;
  int64_t axis = node.getInt("axis", flattens ? 1 : -1);
  Value input = node.getReal(0);
  if (!input)
    return failure();
  SmallVector<int64_t> shape(getShape(input));
  int64_t rank = shape.size();
  // A version before 13 may name the end of the shape: nothing is left.
  if (flattens && axis == rank)
    return node.setReal(node.createSplat(shape, 1));
  axis = node.normalizeAxis(axis, rank);
  if (node.hasFailed())
    return failure();
  if (flattens && axis != rank - 1) {
    SmallVector<int64_t> flat(ArrayRef<int64_t>(shape).take_front(axis));
    flat.push_back(1);
    for (int64_t extent : ArrayRef<int64_t>(shape).drop_front(axis))
      flat.back() *= extent;
    input = node.createReshape(input, flat);
  }
  Value result = node.create<SoftmaxOp>(
      input.getType(), input, node.getBuilder().getI64IntegerAttr(axis));
  return node.setReal(node.createReshape(result, shape));
}

ArrayRef<Operator> onnx_import::getNormalizationOperators() {
  static constexpr Operator operators[] = {
      {"BatchNormalization", importBatchNormalization, 5, 5},
      {"Softmax", importSoftmax, 1, 1},
  };
  return operators;
}
