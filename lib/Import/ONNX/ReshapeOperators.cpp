//===- ReshapeOperators.cpp - the same elements in another shape ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Operators that keep all elements: in their order, as reshapes with the shape
// worked out here, or permuted, as transposes between reshapes. DepthToSpace
// splits the channels into blocks b x b and interleaves these with the pixels;
// SpaceToDepth is the inverse.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

static LogicalResult setReshaped(NodeImporter &node, Value input,
                                 ArrayRef<int64_t> shape) {
  if (failed(node.checkShape(shape)))
    return failure();
  int64_t have = cast<RankedTensorType>(input.getType()).getNumElements();
  if (*countElements(shape) != have)
    return node.emitError() << "cannot reshape [" << getShape(input)
                            << "] to [" << shape << "]";
  return node.setLike(node.createReshape(input, shape));
}

static LogicalResult importReshape(NodeImporter &node) {
  bool allowsZero = node.getFlag("allowzero", false);
  SmallVector<int64_t> shape = node.getIntegers(1, "shape");
  Value input = node.getInput(0);
  if (!input || node.hasFailed())
    return failure();
  ArrayRef<int64_t> from = getShape(input);
  SmallVector<int64_t> known;
  int64_t *inferred = nullptr;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (extent == 0 && !allowsZero) {
      if (i >= from.size())
        return node.emitError() << "shape [" << ArrayRef(shape)
                                << "] copies a dimension that [" << from
                                << "] does not have";
      extent = from[i];
    }
    if (extent == -1 && !inferred)
      inferred = &extent;
    else
      known.push_back(extent);
  }
  FailureOr<int64_t> count = countElements(known);
  if (failed(count))
    return node.emitError() << "cannot reshape [" << from << "] to ["
                            << ArrayRef(shape) << "]";
  int64_t have = cast<RankedTensorType>(input.getType()).getNumElements();
  if (inferred) {
    if (*count == 0 || have % *count != 0)
      return node.emitError() << "cannot reshape [" << from << "] to ["
                              << ArrayRef(shape) << "]";
    *inferred = have / *count;
  }
  return setReshaped(node, input, shape);
}

static LogicalResult importFlatten(NodeImporter &node) {
  int64_t axis = node.getInt("axis", 1);
  Value input = node.getInput(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> from = getShape(input);
  int64_t rank = from.size();
  if (axis < -rank || axis > rank)
    return node.emitError() << "expected an axis from " << -rank << " to "
                            << rank << ", but got " << axis;
  axis += axis < 0 ? rank : 0;
  SmallVector<int64_t> shape(2, 1);
  for (auto [i, extent] : llvm::enumerate(from))
    shape[static_cast<int64_t>(i) < axis ? 0 : 1] *= extent;
  return setReshaped(node, input, shape);
}

/// The axes of Squeeze and Unsqueeze: an input from version 13 on.
static SmallVector<int64_t> readAxes(NodeImporter &node) {
  if (node.getOpset() < 13)
    return node.getInts("axes");
  return node.hasInput(1) ? node.getIntegers(1, "axes")
                          : SmallVector<int64_t>();
}

static LogicalResult importSqueeze(NodeImporter &node) {
  Value input = node.getInput(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> from = getShape(input);
  SmallVector<int64_t> axes = node.normalizeAxes(readAxes(node), from.size());
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> shape;
  for (auto [i, extent] : llvm::enumerate(from)) {
    bool isNamed = llvm::is_contained(axes, static_cast<int64_t>(i));
    if (isNamed && extent != 1)
      return node.emitError() << "cannot squeeze dimension " << i << " of ["
                              << from << "]";
    if (!isNamed && !(axes.empty() && extent == 1))
      shape.push_back(extent);
  }
  return setReshaped(node, input, shape);
}

static LogicalResult importUnsqueeze(NodeImporter &node) {
  Value input = node.getInput(0);
  if (!input)
    return failure();
  SmallVector<int64_t> axes = readAxes(node);
  ArrayRef<int64_t> from = getShape(input);
  int64_t rank = from.size() + axes.size();
  axes = node.normalizeAxes(axes, rank);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < rank; ++i) {
    shape.push_back(llvm::is_contained(axes, i) ? 1 : from.front());
    if (!llvm::is_contained(axes, i))
      from = from.drop_front();
  }
  return setReshaped(node, input, shape);
}

static LogicalResult importTranspose(NodeImporter &node) {
  Value input = node.getInput(0);
  if (!input)
    return failure();
  int64_t rank = getShape(input).size();
  SmallVector<int64_t> reversed;
  for (int64_t i = rank; i-- > 0;)
    reversed.push_back(i);
  SmallVector<int64_t> permutation = node.getInts("perm", reversed);
  SmallVector<int64_t> sorted = permutation;
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, rank)))
    return node.emitError() << "attribute 'perm': expected a permutation of "
                            << rank << " dimensions, but got ["
                            << ArrayRef(permutation) << "]";
  return node.setLike(node.createTranspose(input, permutation));
}

static LogicalResult importExpand(NodeImporter &node) {
  SmallVector<int64_t> shape = node.getIntegers(1, "shape");
  Value input = node.getInput(0);
  if (!input || node.hasFailed() || failed(node.checkShape(shape)))
    return failure();
  shape = node.getCommonShape(getShape(input), shape);
  return node.setLike(node.createBroadcast(input, shape));
}

/// Reads the block and checks a feature map for DepthToSpace and its inverse.
static FailureOr<int64_t> readBlock(NodeImporter &node, Value input) {
  int64_t block = node.getInt("blocksize");
  if (!input || node.hasFailed())
    return failure();
  constexpr int64_t maxBlock = 1 << 15;
  if (getShape(input).size() != 4 || block < 1 || block > maxBlock)
    return node.emitError() << "expected an input of rank 4 and a block of at "
                               "least 1, but got shape ["
                            << getShape(input) << "] and " << block;
  return block;
}

static LogicalResult checkDepthMode(NodeImporter &node, StringRef mode) {
  if (mode != "DCR" && mode != "CRD")
    return node.emitError() << "attribute 'mode': expected DCR or CRD, but got "
                            << quoteName(mode);
  return success();
}

/// Splits the channels into blocks, and moves these between the pixels. DCR:
/// the block's position is the outer part of the channel; CRD: the inner one.
static LogicalResult importDepthToSpace(NodeImporter &node) {
  std::string mode = node.getString("mode", "DCR");
  Value input = node.getInput(0);
  FailureOr<int64_t> block = readBlock(node, input);
  if (failed(block) || failed(checkDepthMode(node, mode)))
    return failure();
  ArrayRef<int64_t> from = getShape(input);
  int64_t b = *block, channels = from[1] / (b * b);
  if (from[1] % (b * b) != 0)
    return node.emitError() << "expected a multiple of " << b * b
                            << " channels, but got " << from[1];
  bool blocksFirst = mode == "DCR";
  SmallVector<int64_t> split =
      blocksFirst
          ? SmallVector<int64_t>{from[0], b, b, channels, from[2], from[3]}
          : SmallVector<int64_t>{from[0], channels, b, b, from[2], from[3]};
  SmallVector<int64_t> order = blocksFirst
                                   ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2}
                                   : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  Value parts = node.createReshape(input, split);
  return node.setLike(
      node.createReshape(node.createTranspose(parts, order),
                         {from[0], channels, from[2] * b, from[3] * b}));
}

static LogicalResult importSpaceToDepth(NodeImporter &node) {
  std::string mode = node.getString("mode", "DCR");
  Value input = node.getInput(0);
  FailureOr<int64_t> block = readBlock(node, input);
  if (failed(block) || failed(checkDepthMode(node, mode)))
    return failure();
  ArrayRef<int64_t> from = getShape(input);
  int64_t b = *block, height = from[2] / b, width = from[3] / b;
  if (from[2] % b != 0 || from[3] % b != 0)
    return node.emitError() << "expected a height and a width divisible by "
                            << b << ", but got shape [" << from << "]";
  Value parts =
      node.createReshape(input, {from[0], from[1], height, b, width, b});
  SmallVector<int64_t> order = mode == "DCR"
                                   ? SmallVector<int64_t>{0, 3, 5, 1, 2, 4}
                                   : SmallVector<int64_t>{0, 1, 3, 5, 2, 4};
  return node.setLike(
      node.createReshape(node.createTranspose(parts, order),
                         {from[0], from[1] * b * b, height, width}));
}

ArrayRef<Operator> onnx_import::getReshapeOperators() {
  static constexpr Operator operators[] = {
      {"Reshape", importReshape, 2, 2},
      {"Flatten", importFlatten, 1, 1},
      {"Squeeze", importSqueeze, 1, 2},
      {"Unsqueeze", importUnsqueeze, 1, 2},
      {"Transpose", importTranspose, 1, 1},
      {"Expand", importExpand, 2, 2},
      {"DepthToSpace", importDepthToSpace, 1, 1},
      {"SpaceToDepth", importSpaceToDepth, 1, 1},
  };
  return operators;
}
