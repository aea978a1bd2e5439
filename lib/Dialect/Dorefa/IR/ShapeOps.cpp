//===- ShapeOps.cpp - verifiers and folders of shape ops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Shape ops move elements and never look at them: type and encoding of the
// input are those of the result. Folders drop ops that change nothing and join
// reshapes; constants are folded elsewhere, by FoldConstants.
//
//===----------------------------------------------------------------------===//

#include "ShapeVerification.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Dialect/Dorefa/IR/TensorSize.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Element type and encoding (so: the codes) must pass through unchanged.
static LogicalResult verifySameElements(Operation *op, Value input,
                                        Value result) {
  if (typeOf(input).getElementType() != typeOf(result).getElementType() ||
      typeOf(input).getEncoding() != typeOf(result).getEncoding())
    return op->emitOpError() << "expected the result to have the elements of "
                             << typeOf(input) << ", but got " << typeOf(result);
  return success();
}

LogicalResult BroadcastOp::verify() {
  ArrayRef<int64_t> from = typeOf(getInput()).getShape();
  ArrayRef<int64_t> to = typeOf(getResult()).getShape();
  bool fits = from.size() <= to.size();
  for (size_t i = 0; fits && i < from.size(); ++i) {
    int64_t extent = from[from.size() - 1 - i];
    fits = extent == 1 || extent == to[to.size() - 1 - i];
  }
  if (!fits)
    return emitOpError() << "cannot broadcast [" << from << "] to [" << to
                         << "]";
  return verifySameElements(*this, getInput(), getResult());
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getInput().getType() == getResult().getType()
             ? OpFoldResult(getInput())
             : OpFoldResult();
}

LogicalResult ReshapeOp::verify() {
  if (typeOf(getInput()).getNumElements() !=
      typeOf(getResult()).getNumElements())
    return emitOpError() << "cannot reshape [" << typeOf(getInput()).getShape()
                         << "] to [" << typeOf(getResult()).getShape() << "]";
  return verifySameElements(*this, getInput(), getResult());
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  if (auto before = getInput().getDefiningOp<ReshapeOp>()) {
    getInputMutable().assign(before.getInput());
    return getResult();
  }
  return {};
}

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> from = typeOf(getInput()).getShape();
  SmallVector<int64_t> sorted(getPermutation());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, from.size())))
    return emitOpError() << "expected a permutation of " << from.size()
                         << " dimensions, but got [" << getPermutation() << "]";
  SmallVector<int64_t> shape;
  for (int64_t dimension : getPermutation())
    shape.push_back(from[dimension]);
  if (failed(verifyShape(*this, shape, getResult())))
    return failure();
  return verifySameElements(*this, getInput(), getResult());
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  bool identity = llvm::equal(
      getPermutation(), llvm::seq<int64_t>(0, getPermutation().size()));
  return identity ? OpFoldResult(getInput()) : OpFoldResult();
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("expected at least one input");
  SmallVector<int64_t> shape(typeOf(getInputs().front()).getShape());
  int64_t axis = getAxis();
  if (failed(verifyAxis(*this, axis, getInputs().front())))
    return failure();
  shape[axis] = 0;
  for (Value input : getInputs()) {
    SmallVector<int64_t> other(typeOf(input).getShape());
    if (other.size() != shape.size())
      return emitOpError("expected inputs of one rank");
    shape[axis] += other[axis];
    other[axis] = shape[axis];
    if (other != shape)
      return emitOpError() << "expected inputs that differ along axis " << axis
                           << " only";
    if (failed(verifySameElements(*this, input, getResult())))
      return failure();
  }
  return verifyShape(*this, shape, getResult());
}

LogicalResult SliceOp::verify() {
  ArrayRef<int64_t> from = typeOf(getInput()).getShape();
  ArrayRef<int64_t> to = typeOf(getResult()).getShape();
  if (getOffsets().size() != from.size() || getSteps().size() != from.size() ||
      to.size() != from.size())
    return emitOpError("expected one offset, step and extent a dimension");
  for (auto [extent, size, offset, step] :
       llvm::zip(from, to, getOffsets(), getSteps())) {
    if (step == 0)
      return emitOpError("expected steps other than 0");
    int64_t last = 0;
    bool inside = !llvm::MulOverflow(size - 1, step, last) &&
                  !llvm::AddOverflow(last, offset, last);
    if (size > 0 && (!inside || offset < 0 || offset >= extent || last < 0 ||
                     last >= extent))
      return emitOpError() << "takes elements outside the extent " << extent;
  }
  return verifySameElements(*this, getInput(), getResult());
}

LogicalResult GatherOp::verify() {
  ArrayRef<int64_t> from = typeOf(getInput()).getShape();
  int64_t axis = getAxis();
  if (failed(verifyAxis(*this, axis, getInput())))
    return failure();
  SmallVector<int64_t> shape(from.take_front(axis));
  llvm::append_range(shape, typeOf(getIndices()).getShape());
  llvm::append_range(shape, from.drop_front(axis + 1));
  if (failed(verifyShape(*this, shape, getResult())))
    return failure();
  return verifySameElements(*this, getInput(), getResult());
}

LogicalResult PadOp::verify() {
  SmallVector<int64_t> shape(typeOf(getInput()).getShape());
  if (getLow().size() != shape.size() || getHigh().size() != shape.size())
    return emitOpError("expected one low and one high pad a dimension");
  for (auto [extent, low, high] : llvm::zip(shape, getLow(), getHigh())) {
    if (std::min(low, high) < 0 || std::max(low, high) >= tensorElementLimit)
      return emitOpError() << "expected pads from 0 to "
                           << tensorElementLimit - 1 << ", but got " << low
                           << " and " << high;
    extent += low + high;
  }
  if (typeOf(getValue()).getRank() != 0 ||
      typeOf(getValue()).getElementType() !=
          typeOf(getInput()).getElementType())
    return emitOpError("expected a value of rank 0 and the input's type");
  if (failed(verifyShape(*this, shape, getResult())))
    return failure();
  return verifySameElements(*this, getInput(), getResult());
}

LogicalResult ResizeOp::verify() {
  ArrayRef<int64_t> from = typeOf(getInput()).getShape();
  if (getIndices().size() != from.size())
    return emitOpError("expected one index table a dimension");
  SmallVector<int64_t> shape;
  for (auto [extent, table] : llvm::zip(from, getIndices())) {
    ArrayRef<int64_t> indices = cast<DenseI64ArrayAttr>(table).asArrayRef();
    for (int64_t index : indices)
      if (index < 0 || index >= extent)
        return emitOpError() << "expected indices from 0 to " << extent - 1
                             << ", but got " << index;
    shape.push_back(indices.size());
  }
  if (failed(verifyShape(*this, shape, getResult())))
    return failure();
  return verifySameElements(*this, getInput(), getResult());
}
