//===- GraphOps.cpp - verifiers of the graph level ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Shapes and types of graph ops, checked against what their operands and
// geometry give, so that whatever reads an op may rely on them.
//
//===----------------------------------------------------------------------===//

#include "ShapeVerification.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Dialect/Dorefa/IR/WindowGeometry.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Between reals and codes
//===----------------------------------------------------------------------===//

/// What quantizers on tensors and on scalars have in common.
static LogicalResult verifyRounding(Operation *op, Rounding rounding,
                                    CodeAttr code, std::optional<int64_t> min,
                                    std::optional<int64_t> max,
                                    Type element) {
  if (element != code.getStorageType())
    return op->emitOpError()
           << "expected " << code << " to be stored in "
           << code.getStorageType() << ", but got " << element;
  int64_t low = min.value_or(code.getMin()), high = max.value_or(code.getMax());
  if (low > high || low < code.getMin() || high > code.getMax())
    return op->emitOpError() << "expected min <= max inside [" << code.getMin()
                             << ", " << code.getMax() << "], but got [" << low
                             << ", " << high << "]";
  if (rounding == Rounding::Sign &&
      (code.getIsSigned() || code.getBits() != 1 || min || max))
    return op->emitOpError() << "requires u1 codes and no min or max for sign";
  return success();
}

CodeAttr QuantizeOp::getCode() {
  return dorefa::getCode(getResult().getType());
}

LogicalResult QuantizeOp::verify() {
  return verifyRounding(*this, getRounding(), getCode(), getMin(), getMax(),
                        getElementTypeOrSelf(getResult()));
}

LogicalResult QuantizeScalarOp::verify() {
  return verifyRounding(*this, getRounding(), getCode(), getMin(), getMax(),
                        getResult().getType());
}

LogicalResult QuantizeThresholdsOp::verify() {
  if (failed(verifyAxis(*this, getAxis(), getInput())) ||
      failed(verifyShape(*this, shapeOf(getInput()), getResult())))
    return failure();
  ArrayRef<int64_t> thresholds = shapeOf(getThresholds());
  int64_t channels = shapeOf(getInput())[getAxis()];
  if (thresholds.size() != 2 ||
      (thresholds[0] != 1 && thresholds[0] != channels))
    return emitOpError() << "expected thresholds of shape [1 or " << channels
                         << ", count], but got [" << thresholds << "]";
  CodeAttr code = dorefa::getCode(getResult().getType());
  if (code.getIsSigned() || thresholds[1] > code.getMax())
    return emitOpError() << "expected unsigned codes that hold a count of "
                         << thresholds[1] << ", but got " << code;
  return success();
}

CodeAttr DequantizeOp::getCode() {
  return dorefa::getCode(getInput().getType());
}

LogicalResult DequantizeOp::verify() {
  if (failed(verifyShape(*this, shapeOf(getInput()), getResult())))
    return failure();
  if (getStep() != 1 && getStep() != 2)
    return emitOpError() << "expected a step of 1 or 2, but got " << getStep();
  for (Value parameter : {Value(getScale()), Value(getZeroPoint())}) {
    ArrayRef<int64_t> shape = shapeOf(parameter);
    if (shape.empty())
      continue;
    if (failed(verifyAxis(*this, getAxis(), getInput())))
      return failure();
    int64_t channels = shapeOf(getInput())[getAxis()];
    if (shape.size() != 1 || shape[0] != channels)
      return emitOpError() << "expected a single value or " << channels
                           << " values along axis " << getAxis()
                           << ", but got shape [" << shape << "]";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

LogicalResult ConvOp::verify() {
  ConvAttr geometry = getGeometry();
  if (geometry.getRank() < 1 || geometry.getRank() > 2)
    return emitOpError() << "expected one or two spatial dimensions, but got "
                         << geometry.getRank();
  FailureOr<SmallVector<int64_t>> shape =
      getConvShape(shapeOf(getInput()), shapeOf(getWeight()),
                   geometry.getStrides(), geometry.getPads(),
                   geometry.getDilations(), geometry.getGroups());
  if (failed(shape))
    return emitOpError() << "input [" << shapeOf(getInput())
                         << "], weights [" << shapeOf(getWeight()) << "] and "
                         << geometry << " do not fit together";
  return verifyShape(*this, *shape, getResult());
}

LogicalResult MatmulOp::verify() {
  ArrayRef<int64_t> lhs = shapeOf(getLhs()), rhs = shapeOf(getRhs());
  size_t rank = lhs.size();
  if (rank < 2 || rhs.size() != rank || lhs[rank - 1] != rhs[rank - 2])
    return emitOpError() << "operands [" << lhs << "] and [" << rhs
                         << "] do not fit together";
  SmallVector<int64_t> shape;
  for (size_t i = 0; i + 2 < rank; ++i) {
    if (lhs[i] != rhs[i] && lhs[i] != 1 && rhs[i] != 1)
      return emitOpError() << "dimension " << i << " does not broadcast: "
                           << lhs[i] << " and " << rhs[i];
    shape.push_back(std::max(lhs[i], rhs[i]));
  }
  shape.append({lhs[rank - 2], rhs[rank - 1]});
  return verifyShape(*this, shape, getResult());
}

//===----------------------------------------------------------------------===//
// Other structured ops on reals
//===----------------------------------------------------------------------===//

LogicalResult BatchNormOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), gamma = shapeOf(getGamma());
  if (input.size() < 2 || gamma.size() != 1 || gamma[0] != input[1])
    return emitOpError() << "expected one parameter a channel of dimension 1 "
                            "of [" << input << "], but got [" << gamma << "]";
  return success();
}

LogicalResult PoolOp::verify() {
  WindowAttr window = getWindow();
  FailureOr<SmallVector<int64_t>> shape =
      getPoolShape(shapeOf(getInput()), window.getKernel(), window.getStrides(),
                   window.getPads(), window.getDilations());
  if (failed(shape))
    return emitOpError() << "input [" << shapeOf(getInput()) << "] and "
                         << window << " do not fit together";
  auto inputType = cast<RankedTensorType>(getInput().getType());
  auto resultType = cast<RankedTensorType>(getResult().getType());
  if (inputType.getElementType() != resultType.getElementType() ||
      inputType.getEncoding() != resultType.getEncoding())
    return emitOpError("expected the result to have the input's elements");
  bool order = getKind() == PoolKind::Max || getKind() == PoolKind::Min;
  if (!order && !inputType.getElementType().isF32())
    return emitOpError("requires reals for a sum or an average");
  if (getCountPadding() && getKind() != PoolKind::Average)
    return emitOpError("requires an average for count_padding");
  return verifyShape(*this, *shape, getResult());
}

LogicalResult ReduceOp::verify() {
  SmallVector<int64_t> shape(shapeOf(getInput()));
  for (int64_t axis : getAxes()) {
    if (failed(verifyAxis(*this, axis, getInput())))
      return failure();
    shape[axis] = 1;
  }
  return verifyShape(*this, shape, getResult());
}

LogicalResult SoftmaxOp::verify() {
  return verifyAxis(*this, getAxis(), getInput());
}

LogicalResult ArgMaxOp::verify() {
  if (failed(verifyAxis(*this, getAxis(), getInput())))
    return failure();
  SmallVector<int64_t> shape(shapeOf(getInput()));
  shape[getAxis()] = 1;
  return verifyShape(*this, shape, getResult());
}
