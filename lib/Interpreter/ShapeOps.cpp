//===- ShapeOps.cpp - ops that move elements --------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each shape op is written as its definition, a map from the result's index to
// an element of the input; concatenation and padding map the other way. Codes
// pass through as they are.
//
//===----------------------------------------------------------------------===//

#include "Operations.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

/// The tensor of the given type whose element at each index is the one of
/// `input` at the linear position `getPosition(index)`.
static Tensor pick(Type type, const Tensor &input,
                   function_ref<int64_t(ArrayRef<int64_t>)> getPosition) {
  Tensor result(cast<RankedTensorType>(type));
  int64_t next = 0;
  forEachIndex(result.getShape(), [&](ArrayRef<int64_t> index) {
    int64_t position = getPosition(index);
    if (result.isReal())
      result.getReals()[next++] = input.getReals()[position];
    else
      result.getIntegers()[next++] = input.getIntegers()[position];
  });
  return result;
}

Tensor interpreter::runBroadcast(BroadcastOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()];
  ArrayRef<int64_t> shape = input.getShape();
  SmallVector<int64_t> strides = getStrides(shape);
  return pick(op.getType(), input, [&](ArrayRef<int64_t> index) {
    ArrayRef<int64_t> aligned = index.take_back(shape.size());
    int64_t position = 0;
    for (auto [i, extent, stride] : llvm::zip_equal(aligned, shape, strides))
      position += extent == 1 ? 0 : i * stride;
    return position;
  });
}

Tensor interpreter::runTranspose(TransposeOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()];
  SmallVector<int64_t> strides = getStrides(input.getShape());
  return pick(op.getType(), input, [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [i, dimension] : llvm::zip_equal(index, op.getPermutation()))
      position += i * strides[dimension];
    return position;
  });
}

Tensor interpreter::runConcat(ConcatOp op, const Environment &env) {
  Tensor result(cast<RankedTensorType>(op.getType()));
  int64_t axis = op.getAxis(), firstOnAxis = 0;
  SmallVector<int64_t> strides = getStrides(result.getShape());
  for (Value operand : op.getInputs()) {
    const Tensor &input = env[operand];
    int64_t next = 0;
    forEachIndex(input.getShape(), [&](ArrayRef<int64_t> index) {
      int64_t position = firstOnAxis * strides[axis];
      for (auto [i, stride] : llvm::zip_equal(index, strides))
        position += i * stride;
      if (result.isReal())
        result.getReals()[position] = input.getReals()[next++];
      else
        result.getIntegers()[position] = input.getIntegers()[next++];
    });
    firstOnAxis += input.getShape()[axis];
  }
  return result;
}

Tensor interpreter::runSlice(SliceOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()];
  SmallVector<int64_t> strides = getStrides(input.getShape());
  return pick(op.getType(), input, [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [i, offset, step, stride] :
         llvm::zip_equal(index, op.getOffsets(), op.getSteps(), strides))
      position += (offset + i * step) * stride;
    return position;
  });
}

FailureOr<Tensor> interpreter::runGather(GatherOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()], &indices = env[op.getIndices()];
  int64_t axis = op.getAxis(), extent = input.getShape()[axis];
  bool constant = op.getIndices().getDefiningOp<arith::ConstantOp>() != nullptr;
  SmallVector<int64_t> picked;
  for (int64_t index : indices.getIntegers()) {
    bool inside = index >= -extent && index < extent;
    if (constant && !inside)
      return op.emitOpError() << "index " << index << " is outside the extent "
                              << extent;
    index = std::clamp(index, -extent, std::max<int64_t>(extent - 1, 0));
    picked.push_back(index < 0 ? index + extent : index);
  }
  if (extent == 0 && !picked.empty())
    return op.emitOpError("picks from a dimension without elements");
  SmallVector<int64_t> strides = getStrides(input.getShape());
  SmallVector<int64_t> indexStrides = getStrides(indices.getShape());
  return pick(op.getType(), input, [&](ArrayRef<int64_t> index) {
    int64_t position = 0, which = 0;
    for (auto [i, stride] :
         llvm::zip_equal(index.slice(axis, indexStrides.size()), indexStrides))
      which += i * stride;
    for (int64_t d = 0; d < axis; ++d)
      position += index[d] * strides[d];
    for (size_t d = axis + 1; d < strides.size(); ++d)
      position += index[d - 1 + indexStrides.size()] * strides[d];
    return position + picked[which] * strides[axis];
  });
}

Tensor interpreter::runPad(PadOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()], &value = env[op.getValue()];
  Tensor result(cast<RankedTensorType>(op.getType()));
  if (result.isReal())
    llvm::fill(result.getReals(), value.getReals()[0]);
  else
    llvm::fill(result.getIntegers(), value.getIntegers()[0]);
  SmallVector<int64_t> strides = getStrides(result.getShape());
  int64_t next = 0;
  forEachIndex(input.getShape(), [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [i, low, stride] : llvm::zip_equal(index, op.getLow(), strides))
      position += (low + i) * stride;
    if (result.isReal())
      result.getReals()[position] = input.getReals()[next++];
    else
      result.getIntegers()[position] = input.getIntegers()[next++];
  });
  return result;
}

Tensor interpreter::runResize(ResizeOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()];
  SmallVector<int64_t> strides = getStrides(input.getShape());
  return pick(op.getType(), input, [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [i, table, stride] :
         llvm::zip_equal(index, op.getIndices(), strides))
      position += cast<DenseI64ArrayAttr>(table)[i] * stride;
    return position;
  });
}
