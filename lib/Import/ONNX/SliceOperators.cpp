//===- SliceOperators.cpp - parts of tensors, and joining them ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Slice, Split, Concat and Gather. Bounds follow NumPy's rules: negative ones
// count from the end and all are clamped, so that `dorefa.slice` gets offsets
// inside the input. Without elements are only constants, from which shapes are
// computed.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

static Value createSlice(NodeImporter &node, Value input,
                         ArrayRef<int64_t> offsets, ArrayRef<int64_t> steps,
                         ArrayRef<int64_t> shape) {
  return node.create<SliceOp>(node.getTypeLike(input, shape), input, offsets,
                              steps);
}

namespace {

/// The bounds of a Slice, one entry a sliced axis.
struct SliceBounds {
  SmallVector<int64_t> starts, ends, axes, steps;
};

} // namespace

/// Attributes before version 10, inputs since.
static SliceBounds readSliceBounds(NodeImporter &node) {
  SliceBounds bounds;
  if (node.getOpset() < 10) {
    bounds.starts = node.getInts("starts");
    bounds.ends = node.getInts("ends");
    bounds.axes = node.getInts("axes");
  } else {
    bounds.starts = node.getIntegers(1, "starts");
    bounds.ends = node.getIntegers(2, "ends");
    if (node.hasInput(3))
      bounds.axes = node.getIntegers(3, "axes");
    if (node.hasInput(4))
      bounds.steps = node.getIntegers(4, "steps");
  }
  if (bounds.axes.empty())
    llvm::append_range(bounds.axes,
                       llvm::seq<int64_t>(0, bounds.starts.size()));
  if (bounds.steps.empty())
    bounds.steps.assign(bounds.starts.size(), 1);
  return bounds;
}

static LogicalResult importSlice(NodeImporter &node) {
  Value input = node.getInput(0);
  SliceBounds bounds = readSliceBounds(node);
  if (!input || node.hasFailed())
    return failure();
  size_t count = bounds.starts.size();
  if (bounds.ends.size() != count || bounds.axes.size() != count ||
      bounds.steps.size() != count)
    return node.emitError() << "expected as many ends, axes and steps as the "
                            << count << " starts";
  SmallVector<int64_t> shape(getShape(input));
  int64_t rank = shape.size();
  SmallVector<int64_t> offsets(rank, 0), steps(rank, 1);
  for (size_t i = 0; i < count; ++i) {
    int64_t axis = node.normalizeAxis(bounds.axes[i], rank);
    int64_t step = bounds.steps[i];
    if (node.hasFailed())
      return failure();
    int64_t extent = getShape(input)[axis];
    if (step == 0)
      return node.emitError() << "expected steps other than 0";
    // Longer steps than the extent take the first element alone.
    step = std::clamp<int64_t>(step, -extent - 1, extent + 1);
    auto toPosition = [&](int64_t bound) {
      // A negative step counts down to a position before the first.
      int64_t least = step > 0 ? 0 : -1, most = step > 0 ? extent : extent - 1;
      if (bound < -extent)
        return least;
      return std::clamp(bound < 0 ? bound + extent : bound, least, most);
    };
    int64_t start = toPosition(bounds.starts[i]);
    int64_t end = toPosition(bounds.ends[i]);
    if (step < 0)
      start = std::max<int64_t>(start, 0);
    int64_t length = step > 0 ? llvm::divideCeilSigned(end - start, step)
                              : llvm::divideCeilSigned(start - end, -step);
    shape[axis] = std::max<int64_t>(length, 0);
    offsets[axis] =
        std::clamp<int64_t>(start, 0, std::max<int64_t>(extent - 1, 0));
    steps[axis] = step;
  }
  bool isEmpty = llvm::is_contained(shape, 0);
  if (isEmpty && !getElements(input))
    return node.emitError() << "takes no element of [" << getShape(input)
                            << "]";
  return node.setLike(createSlice(node, input, offsets, steps, shape));
}

/// The extents of a Split's outputs along the axis.
static FailureOr<SmallVector<int64_t>> readParts(NodeImporter &node,
                                                 int64_t extent) {
  SmallVector<int64_t> parts;
  if (node.getOpset() < 13)
    parts = node.getInts("split");
  else if (node.hasInput(1))
    parts = node.getIntegers(1, "split");
  int64_t count = node.getNumOutputs();
  if (node.getInt("num_outputs", count) != count)
    node.emitError() << "attribute 'num_outputs': expected " << count
                     << " as the node has outputs";
  if (node.hasFailed())
    return failure();
  if (parts.empty() && count > 0) {
    // The last part is what is left; before version 18 all are equal.
    int64_t part = llvm::divideCeil(extent, count);
    parts.assign(count, part);
    parts.back() = extent - part * (count - 1);
    if (node.getOpset() < 18 && parts.back() != part)
      return node.emitError() << "cannot split an extent of " << extent
                              << " into " << count << " equal parts";
  }
  int64_t sum = 0;
  for (int64_t part : parts) {
    if (part < 1 || part > extent)
      return node.emitError() << "cannot split an extent of " << extent
                              << " into [" << ArrayRef(parts) << "]";
    sum += part;
  }
  if (sum != extent || static_cast<int64_t>(parts.size()) != count)
    return node.emitError() << "cannot split an extent of " << extent
                            << " into [" << ArrayRef(parts) << "]";
  return parts;
}

static LogicalResult importSplit(NodeImporter &node) {
  int64_t axis = node.getInt("axis", 0);
  Value input = node.getInput(0);
  if (!input)
    return failure();
  SmallVector<int64_t> shape(getShape(input));
  axis = node.normalizeAxis(axis, shape.size());
  if (node.hasFailed())
    return failure();
  FailureOr<SmallVector<int64_t>> parts = readParts(node, shape[axis]);
  if (failed(parts))
    return failure();
  SmallVector<int64_t> offsets(shape.size(), 0), steps(shape.size(), 1);
  for (auto [i, part] : llvm::enumerate(*parts)) {
    shape[axis] = part;
    if (failed(node.setOutput(i,
                              createSlice(node, input, offsets, steps, shape),
                              node.getInputType(0))))
      return failure();
    offsets[axis] += part;
  }
  return success();
}

static LogicalResult importConcat(NodeImporter &node) {
  int64_t axis = node.getInt("axis");
  SmallVector<Value> inputs;
  for (size_t i = 0; i < node.getNumInputs(); ++i) {
    Value input = node.getInput(i);
    if (!input)
      return failure();
    if (node.getInputType(i) != node.getInputType(0))
      return node.emitError() << "expected inputs of one type, but got "
                              << getElementTypeName(node.getInputType(0))
                              << " and "
                              << getElementTypeName(node.getInputType(i));
    inputs.push_back(input);
  }
  SmallVector<int64_t> shape(getShape(inputs.front()));
  axis = node.normalizeAxis(axis, shape.size());
  if (node.hasFailed())
    return failure();
  shape[axis] = 0;
  for (Value input : inputs) {
    SmallVector<int64_t> other(getShape(input));
    if (other.size() == shape.size())
      shape[axis] += other[axis], other[axis] = shape[axis];
    if (other != shape)
      return node.emitError() << "expected inputs that differ along axis "
                              << axis << " only, but got ["
                              << getShape(inputs.front()) << "] and ["
                              << getShape(input) << "]";
  }
  if (failed(node.checkShape(shape)))
    return failure();
  if (inputs.size() == 1)
    return node.setLike(inputs.front());
  return node.setLike(node.create<ConcatOp>(
      node.getTypeLike(inputs.front(), shape), inputs,
      node.getBuilder().getI64IntegerAttr(axis)));
}

static LogicalResult importGather(NodeImporter &node) {
  int64_t axis = node.getInt("axis", 0);
  Value input = node.getInput(0), indices = node.getInput(1);
  if (!input || !indices)
    return failure();
  ElementType indexType = node.getInputType(1);
  if (indexType != ElementType::Int64 && indexType != ElementType::Int32)
    return node.emitError() << "expected indices of INT32 or INT64, but got "
                            << getElementTypeName(indexType);
  ArrayRef<int64_t> from = getShape(input);
  axis = node.normalizeAxis(axis, from.size());
  if (node.hasFailed())
    return failure();
  if (getElements(indices))
    for (int64_t index : node.getIntegers(1, "indices"))
      if (index < -from[axis] || index >= from[axis])
        return node.emitError() << "index " << index
                                << " is outside an extent of " << from[axis];
  SmallVector<int64_t> shape(from.take_front(axis));
  llvm::append_range(shape, getShape(indices));
  llvm::append_range(shape, from.drop_front(axis + 1));
  if (failed(node.checkShape(shape)))
    return failure();
  return node.setLike(node.create<GatherOp>(
      node.getTypeLike(input, shape), input, indices,
      node.getBuilder().getI64IntegerAttr(axis)));
}

ArrayRef<Operator> onnx_import::getSliceOperators() {
  static constexpr Operator operators[] = {
      {"Slice", importSlice, 1, 5},
      {"Split", importSplit, 1, 2},
      {"Concat", importConcat, 1, anyNumber},
      {"Gather", importGather, 2, 2},
  };
  return operators;
}
