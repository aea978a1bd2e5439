//===- CodedContraction.cpp - which contractions are exact ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "ShapeVerification.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Whether the scale of a dequantized operand is constant along the dimensions
/// that `isContracted` names, if these are cut into runs of `groupExtent`
/// positions each.
static bool isScaleConstant(Value operand, int64_t groupExtent,
                            function_ref<bool(int64_t)> isContracted) {
  auto dequantize = operand.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return false;
  int64_t channels = typeOf(dequantize.getScale()).getNumElements();
  if (channels <= 1 || !isContracted(dequantize.getAxis()))
    return true;
  DenseFPElementsAttr scale;
  if (!matchPattern(dequantize.getScale(), m_Constant(&scale)))
    return false;
  if (scale.isSplat())
    return true;
  auto values = llvm::to_vector(scale.getValues<float>());
  for (int64_t first = 0; first < channels; first += groupExtent)
    for (int64_t i = first; i < std::min(first + groupExtent, channels); ++i)
      if (values[i] != values[first])
        return false;
  return true;
}

/// The same for dimensions that are contracted as a whole.
static bool isScaleConstant(Value operand,
                            function_ref<bool(int64_t)> isContracted) {
  return isScaleConstant(operand, INT64_MAX / 2, isContracted);
}

static bool isCodedConv(ConvOp op) {
  // Dimension 0 of the input is the batch, that of the weights the output
  // channel: everything behind is contracted.
  auto afterFirst = [](int64_t dimension) { return dimension > 0; };
  if (!isScaleConstant(op.getWeight(), afterFirst))
    return false;
  auto input = op.getInput().getDefiningOp<DequantizeOp>();
  bool onChannels = input && input.getAxis() == 1;
  int64_t groupExtent =
      onChannels ? shapeOf(op.getWeight())[1] : INT64_MAX / 2;
  return isScaleConstant(op.getInput(), groupExtent, afterFirst);
}

static bool isCodedMatmul(MatmulOp op) {
  int64_t rank = shapeOf(op.getLhs()).size();
  return isScaleConstant(op.getLhs(),
                         [&](int64_t i) { return i == rank - 1; }) &&
         isScaleConstant(op.getRhs(), [&](int64_t i) { return i == rank - 2; });
}

static bool isCodedPool(PoolOp op) {
  return (op.getKind() == PoolKind::Sum || op.getKind() == PoolKind::Average) &&
         isScaleConstant(op.getInput(), [](int64_t i) { return i > 1; });
}

static bool isCodedReduce(ReduceOp op) {
  return (op.getKind() == ReduceKind::Sum ||
          op.getKind() == ReduceKind::Mean) &&
         isScaleConstant(op.getInput(), [&](int64_t i) {
           return llvm::is_contained(op.getAxes(), i);
         });
}

bool mlir::dorefa::isCodedContraction(Operation *op) {
  return TypeSwitch<Operation *, bool>(op)
      .Case(isCodedConv)
      .Case(isCodedMatmul)
      .Case(isCodedPool)
      .Case(isCodedReduce)
      .Default(false);
}
