//===- ShapeArithmetic.cpp - shape ops on constants ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Models compute shapes by long chains of Shape, Gather, Concat and the like.
// The importers of these operators build the same ops as for data; here those
// whose operands are constants are evaluated, element by element.
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

namespace {

using Index = SmallVector<int64_t>;

/// A constant whose elements can be fetched by index.
struct Source {
  explicit Source(Value value)
      : shape(getShape(value)),
        elements(llvm::to_vector(
            getElements(value).getValues<Attribute>())) {}

  Attribute at(ArrayRef<int64_t> index) const {
    int64_t linear = 0;
    for (auto [extent, position] : llvm::zip(shape, index))
      linear = linear * extent + position;
    return elements[linear];
  }

  ArrayRef<int64_t> shape;
  SmallVector<Attribute> elements;
};

} // namespace

/// The tensor whose element at an index is what `fetch` gives for it.
static DenseElementsAttr
generate(RankedTensorType type,
         function_ref<Attribute(ArrayRef<int64_t>)> fetch) {
  SmallVector<Attribute> elements;
  Index index(type.getRank(), 0);
  for (int64_t i = 0, count = type.getNumElements(); i < count; ++i) {
    Attribute element = fetch(index);
    if (!element)
      return {};
    elements.push_back(element);
    for (int64_t d = type.getRank() - 1; d >= 0; --d) {
      if (++index[d] < type.getDimSize(d))
        break;
      index[d] = 0;
    }
  }
  return DenseElementsAttr::get(type, elements);
}

static DenseElementsAttr evaluate(BroadcastOp op, RankedTensorType type) {
  Source input(op.getInput());
  size_t missing = type.getRank() - input.shape.size();
  return generate(type, [&](ArrayRef<int64_t> index) {
    Index from(index.drop_front(missing));
    for (auto [position, extent] : llvm::zip(from, input.shape))
      position = extent == 1 ? 0 : position;
    return input.at(from);
  });
}

static DenseElementsAttr evaluate(TransposeOp op, RankedTensorType type) {
  Source input(op.getInput());
  return generate(type, [&](ArrayRef<int64_t> index) {
    Index from(index.size());
    for (auto [i, dimension] : llvm::enumerate(op.getPermutation()))
      from[dimension] = index[i];
    return input.at(from);
  });
}

static DenseElementsAttr evaluate(SliceOp op, RankedTensorType type) {
  Source input(op.getInput());
  return generate(type, [&](ArrayRef<int64_t> index) {
    Index from(index);
    for (auto [position, offset, step] :
         llvm::zip(from, op.getOffsets(), op.getSteps()))
      position = offset + position * step;
    return input.at(from);
  });
}

static DenseElementsAttr evaluate(ConcatOp op, RankedTensorType type) {
  SmallVector<Source> inputs;
  for (Value input : op.getInputs())
    inputs.emplace_back(input);
  return generate(type, [&](ArrayRef<int64_t> index) -> Attribute {
    Index from(index);
    int64_t &position = from[op.getAxis()];
    for (const Source &input : inputs) {
      if (position < input.shape[op.getAxis()])
        return input.at(from);
      position -= input.shape[op.getAxis()];
    }
    return {};
  });
}

static DenseElementsAttr evaluate(GatherOp op, RankedTensorType type) {
  Source input(op.getInput()), indices(op.getIndices());
  int64_t axis = op.getAxis(), extent = input.shape[axis];
  size_t picked = indices.shape.size();
  return generate(type, [&](ArrayRef<int64_t> index) -> Attribute {
    auto pick = cast<IntegerAttr>(indices.at(index.slice(axis, picked)));
    int64_t position = pick.getInt();
    position += position < 0 ? extent : 0;
    if (position < 0 || position >= extent)
      return {};
    Index from(index.take_front(axis));
    from.push_back(position);
    llvm::append_range(from, index.drop_front(axis + picked));
    return input.at(from);
  });
}

DenseElementsAttr onnx_import::evaluateShapeOp(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return TypeSwitch<Operation *, DenseElementsAttr>(op)
      .Case<ReshapeOp>([&](ReshapeOp reshape) {
        return getElements(reshape.getInput()).reshape(type);
      })
      .Case<BroadcastOp, TransposeOp, SliceOp, ConcatOp, GatherOp>(
          [&](auto shapeOp) { return evaluate(shapeOp, type); })
      .Default(DenseElementsAttr());
}
