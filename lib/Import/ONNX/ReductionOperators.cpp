//===- ReductionOperators.cpp - reductions over dimensions ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Reductions to extent 1, and a reshape where the dimensions are dropped. Axes
// have moved from attribute to input at a version that differs from operator to
// operator, hence the template parameter.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

/// The reduced dimensions: an attribute in old versions, then an input.
static FailureOr<SmallVector<int64_t>>
readReducedAxes(NodeImporter &node, int64_t rank, int64_t firstWithInput) {
  SmallVector<int64_t> axes;
  bool keepsAll = false;
  if (node.getOpset() < firstWithInput) {
    axes = node.getInts("axes");
  } else {
    keepsAll = node.getFlag("noop_with_empty_axes", false);
    if (node.hasInput(1))
      axes = node.getIntegers(1, "axes");
  }
  axes = node.normalizeAxes(axes, rank);
  if (node.hasFailed())
    return failure();
  if (axes.empty() && !keepsAll)
    llvm::append_range(axes, llvm::seq<int64_t>(0, rank));
  return axes;
}

template <ReduceKind kind, int64_t firstWithInput>
static LogicalResult importReduce(NodeImporter &node) {
  bool keepsDims = node.getFlag("keepdims", true);
  Value input = node.getReal(0);
  if (!input)
    return failure();
  SmallVector<int64_t> shape(getShape(input));
  FailureOr<SmallVector<int64_t>> axes =
      readReducedAxes(node, shape.size(), firstWithInput);
  if (failed(axes))
    return failure();
  if (axes->empty())
    return node.setReal(input);
  SmallVector<int64_t> kept;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (llvm::is_contained(*axes, static_cast<int64_t>(i)))
      extent = 1;
    else
      kept.push_back(extent);
  }
  Value result = node.create<ReduceOp>(
      node.getTypeLike(input, shape), input,
      ReduceKindAttr::get(node.getContext(), kind),
      node.getBuilder().getDenseI64ArrayAttr(*axes));
  return node.setReal(keepsDims ? result : node.createReshape(result, kept));
}

static LogicalResult importArgMax(NodeImporter &node) {
  int64_t axis = node.getInt("axis", 0);
  bool keepsDims = node.getFlag("keepdims", true);
  bool selectsLast = node.getFlag("select_last_index", false);
  Value input = node.getReal(0);
  if (!input)
    return failure();
  SmallVector<int64_t> shape(getShape(input));
  axis = node.normalizeAxis(axis, shape.size());
  if (node.hasFailed())
    return failure();
  shape[axis] = 1;
  auto type = RankedTensorType::get(shape, node.getBuilder().getI64Type());
  Value result = node.create<ArgMaxOp>(
      type, input, node.getBuilder().getI64IntegerAttr(axis),
      selectsLast ? node.getBuilder().getUnitAttr() : UnitAttr());
  if (!keepsDims) {
    shape.erase(shape.begin() + axis);
    result = node.createReshape(result, shape);
  }
  return node.setOutput(0, result, ElementType::Int64);
}

ArrayRef<Operator> onnx_import::getReductionOperators() {
  static constexpr Operator operators[] = {
      {"ReduceMean", importReduce<ReduceKind::Mean, 18>, 1, 2},
      {"ReduceSum", importReduce<ReduceKind::Sum, 13>, 1, 2},
      {"ReduceMax", importReduce<ReduceKind::Max, 18>, 1, 2},
      {"ReduceMin", importReduce<ReduceKind::Min, 18>, 1, 2},
      {"ArgMax", importArgMax, 1, 1},
  };
  return operators;
}
