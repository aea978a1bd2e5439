//===- IntegerProductOperators.cpp - products of integer tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "QuantizerBuilder.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

#include "ContractionBuilder.h"

/// The integers `q - z` as reals, for an exact product.
static Value getCentered(NodeImporter &node, size_t index, size_t zeroIndex,
                         int64_t axis) {
  Value codes = node.getCodes(index);
  ZeroPoints zeros = getZeroPoints(node, zeroIndex);
  if (!codes || node.hasFailed())
    return {};
  int64_t count = zeros.values.size();
  if (count == 1) {
    zeros.shape.clear();
  } else {
    int64_t rank = getShape(codes).size();
    axis = node.normalizeAxis(axis, rank);
    if (node.hasFailed() || zeros.shape.size() != 1 ||
        count != getShape(codes)[axis]) {
      node.emitError() << "unsupported zero points of shape ["
                       << ArrayRef(zeros.shape)
                       << "]: one for the tensor or one for each output "
                          "channel is supported";
      return {};
    }
    zeros.shape.assign(rank, 1);
    zeros.shape[axis] = count;
  }
  return createDequantize(node, codes, node.createSplat({}, 1), zeros);
}

/// The integers of these products are kept as the reals that they round to,
/// which is all that a cast to FLOAT sees of them.
static LogicalResult importConvInteger(NodeImporter &node) {
  Value input = getCentered(node, 0, 2, 0);
  Value weight = getCentered(node, 1, 3, 0);
  return node.setOutput(0, createConv(node, input, weight),
                        ElementType::Int32);
}

static LogicalResult importMatMulInteger(NodeImporter &node) {
  Value lhs = getCentered(node, 0, 2, -2);
  Value rhs = getCentered(node, 1, 3, -1);
  return node.setOutput(0, createMatmul(node, lhs, rhs), ElementType::Int32);
}

ArrayRef<Operator> onnx_import::getIntegerProductOperators() {
  static constexpr Operator operators[] = {
      {"ConvInteger", importConvInteger, 2, 4},
      {"MatMulInteger", importMatMulInteger, 2, 4},
  };
  return operators;
}
