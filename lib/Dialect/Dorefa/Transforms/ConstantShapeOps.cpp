//===- ConstantShapeOps.cpp - shape ops and reductions of constants ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Every shape op is a copy between positions that are sums, one term a
// dimension: a table of offsets a dimension of the source and one of the target
// say all. Reductions bring the reduced dimensions behind the others in this
// way and then run over contiguous elements, in the 64 lanes of
// `dorefa.reduce`.
//
//===----------------------------------------------------------------------===//

#include "ConstantEvaluator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <array>
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// Where the positions along one dimension lie in a flat buffer: position i at
/// `[i]`, to be added to what the other dimensions give.
using Offsets = std::vector<int64_t>;
using Result = std::optional<ConstantTensor>;
} // namespace

static RankedTensorType getResultType(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType());
}

static SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

static Offsets getRange(int64_t first, int64_t count, int64_t stride) {
  Offsets offsets(count);
  for (int64_t i = 0; i < count; ++i)
    offsets[i] = first + i * stride;
  return offsets;
}

static std::vector<Offsets> getAllOffsets(ArrayRef<int64_t> shape) {
  std::vector<Offsets> offsets;
  for (auto [extent, stride] : llvm::zip(shape, getStrides(shape)))
    offsets.push_back(getRange(0, extent, stride));
  return offsets;
}

/// Copies the element at the sum of `from`'s offsets to the sum of `to`'s, for
/// each combination of one position a dimension.
template <typename Element>
static void copy(ArrayRef<Element> source, const std::vector<Offsets> &from,
                 MutableArrayRef<Element> target,
                 const std::vector<Offsets> &to) {
  size_t rank = from.size();
  if (llvm::any_of(from,
                   [](const Offsets &offsets) { return offsets.empty(); }))
    return;
  if (rank == 0) {
    target.front() = source.front();
    return;
  }
  SmallVector<size_t> index(rank - 1, 0);
  const Offsets &innerFrom = from.back(), &innerTo = to.back();
  while (true) {
    int64_t sourceBase = 0, targetBase = 0;
    for (size_t i = 0; i + 1 < rank; ++i) {
      sourceBase += from[i][index[i]];
      targetBase += to[i][index[i]];
    }
    for (size_t i = 0, end = innerFrom.size(); i < end; ++i)
      target[targetBase + innerTo[i]] = source[sourceBase + innerFrom[i]];
    size_t dimension = rank - 1;
    while (dimension > 0 &&
           ++index[dimension - 1] == from[dimension - 1].size())
      index[--dimension] = 0;
    if (dimension == 0)
      return;
  }
}

static void copy(const ConstantTensor &source, const std::vector<Offsets> &from,
                 ConstantTensor &target, const std::vector<Offsets> &to) {
  withInteger(source.getElementBytes(), [&](auto tag) {
    using Element = decltype(tag);
    copy<Element>(source.getValues<Element>(), from,
                  target.getMutableValues<Element>(), to);
  });
}

/// Result position (i0, i1, ..) is the input's element at the sum of offsets.
static ConstantTensor pick(RankedTensorType type, const ConstantTensor &input,
                           const std::vector<Offsets> &offsets,
                           ArrayRef<int64_t> shape) {
  if (input.isSplat())
    return type.getNumElements() > 0 ? input.withType(type)
                                     : ConstantTensor::allocate(type, false);
  ConstantTensor result = ConstantTensor::allocate(type, /*isSplat=*/false);
  copy(input, offsets, result, getAllOffsets(shape));
  return result;
}

static Result broadcast(BroadcastOp op, const ConstantTensor &input) {
  RankedTensorType type = getResultType(op);
  ArrayRef<int64_t> from = input.getShape(), to = type.getShape();
  if (input.getNumElements() == 1 && type.getNumElements() > 0) {
    ConstantTensor result = ConstantTensor::allocate(type, /*isSplat=*/true);
    llvm::copy(input.getBytes(), result.getMutableValues<char>().begin());
    return result;
  }
  SmallVector<int64_t> strides = getStrides(from);
  std::vector<Offsets> offsets;
  for (size_t i = 0, missing = to.size() - from.size(); i < to.size(); ++i) {
    bool repeats = i < missing || from[i - missing] == 1;
    offsets.push_back(getRange(0, to[i], repeats ? 0 : strides[i - missing]));
  }
  return pick(type, input, offsets, to);
}

static Result gather(GatherOp op, const ConstantTensor &input,
                     const ConstantTensor &indices) {
  RankedTensorType type = getResultType(op);
  int64_t extent = input.getShape()[op.getAxis()];
  SmallVector<int64_t> strides = getStrides(input.getShape());
  std::vector<Offsets> offsets = getAllOffsets(input.getShape());
  // The indices are one dimension here, whatever their rank.
  Offsets picked;
  for (int64_t i = 0, end = indices.getNumElements(); i < end; ++i) {
    int64_t index = indices.getInteger(i);
    index += index < 0 ? extent : 0;
    if (index < 0 || index >= extent)
      return std::nullopt;
    picked.push_back(index * strides[op.getAxis()]);
  }
  offsets[op.getAxis()] = std::move(picked);
  SmallVector<int64_t> shape(input.getShape());
  shape[op.getAxis()] = indices.getNumElements();
  return pick(type, input, offsets, shape);
}

static Result concat(ConcatOp op, ArrayRef<ConstantTensor> inputs) {
  ConstantTensor result =
      ConstantTensor::allocate(getResultType(op), /*isSplat=*/false);
  SmallVector<int64_t> strides = getStrides(result.getShape());
  int64_t start = 0, axis = op.getAxis();
  for (const ConstantTensor &input : inputs) {
    std::vector<Offsets> to;
    for (int64_t i = 0, rank = strides.size(); i < rank; ++i)
      to.push_back(getRange(i == axis ? start * strides[i] : 0,
                            input.getShape()[i], strides[i]));
    copy(input.expanded(), getAllOffsets(input.getShape()), result, to);
    start += input.getShape()[axis];
  }
  return result;
}

static Result pad(PadOp op, const ConstantTensor &input,
                  const ConstantTensor &value) {
  ConstantTensor filled = ConstantTensor::allocate(getResultType(op), true);
  if (filled.isSplat())
    llvm::copy(value.getBytes(), filled.getMutableValues<char>().begin());
  ConstantTensor result = filled.expanded();
  SmallVector<int64_t> strides = getStrides(result.getShape());
  std::vector<Offsets> to;
  for (auto [extent, low, stride] :
       llvm::zip(input.getShape(), op.getLow(), strides))
    to.push_back(getRange(low * stride, extent, stride));
  copy(input.expanded(), getAllOffsets(input.getShape()), result, to);
  return result;
}

Result mlir::dorefa::evaluateShapeOp(Operation *op,
                                     ArrayRef<ConstantTensor> operands) {
  RankedTensorType type =
      op->getNumResults() == 1 ? getResultType(op) : nullptr;
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](ReshapeOp) -> Result { return operands[0].withType(type); })
      .Case([&](BroadcastOp op) { return broadcast(op, operands[0]); })
      .Case([&](TransposeOp op) -> Result {
        SmallVector<int64_t> strides = getStrides(operands[0].getShape());
        std::vector<Offsets> offsets;
        for (auto [extent, dimension] :
             llvm::zip(type.getShape(), op.getPermutation()))
          offsets.push_back(getRange(0, extent, strides[dimension]));
        return pick(type, operands[0], offsets, type.getShape());
      })
      .Case([&](SliceOp op) -> Result {
        SmallVector<int64_t> strides = getStrides(operands[0].getShape());
        std::vector<Offsets> offsets;
        for (auto [extent, offset, step, stride] : llvm::zip(
                 type.getShape(), op.getOffsets(), op.getSteps(), strides))
          offsets.push_back(getRange(offset * stride, extent, step * stride));
        return pick(type, operands[0], offsets, type.getShape());
      })
      .Case([&](ResizeOp op) -> Result {
        SmallVector<int64_t> strides = getStrides(operands[0].getShape());
        std::vector<Offsets> offsets;
        for (auto [table, stride] : llvm::zip(op.getIndices(), strides)) {
          Offsets &offset = offsets.emplace_back();
          for (int64_t index : cast<DenseI64ArrayAttr>(table).asArrayRef())
            offset.push_back(index * stride);
        }
        return pick(type, operands[0], offsets, type.getShape());
      })
      .Case([&](GatherOp op) { return gather(op, operands[0], operands[1]); })
      .Case([&](ConcatOp op) { return concat(op, operands); })
      .Case([&](PadOp op) { return pad(op, operands[0], operands[1]); })
      .Default(Result());
}

//===----------------------------------------------------------------------===//
// Reductions of reals
//===----------------------------------------------------------------------===//

/// Sum in 64 lanes, folded in halves.
static float getSum(ArrayRef<float> values) {
  std::array<float, 64> lanes{};
  for (size_t i = 0; i < values.size(); ++i)
    lanes[i % 64] += values[i];
  for (size_t half = 32; half > 0; half /= 2)
    for (size_t i = 0; i < half; ++i)
      lanes[i] += lanes[i + half];
  return lanes[0];
}

static float reduce(ReduceKind kind, ArrayRef<float> values) {
  if (kind == ReduceKind::Sum)
    return getSum(values);
  if (kind == ReduceKind::Mean)
    return getSum(values) / static_cast<float>(values.size());
  // IEEE 754's maximum and minimum: NaN wins, +0 is above -0.
  float best = values.front();
  for (float value : values.drop_front()) {
    if (best != best)
      break;
    bool isAbove = value > best || (value == best && std::signbit(best));
    bool isBelow = value < best || (value == best && std::signbit(value));
    if (value != value || (kind == ReduceKind::Max ? isAbove : isBelow))
      best = value;
  }
  return best;
}

Result mlir::dorefa::evaluateReduce(Operation *op,
                                    ArrayRef<ConstantTensor> operands) {
  auto reduceOp = dyn_cast<ReduceOp>(op);
  if (!reduceOp)
    return std::nullopt;
  ConstantTensor input = operands[0].expanded();
  ArrayRef<int64_t> shape = input.getShape();
  SmallVector<int64_t> strides = getStrides(shape);
  // The reduced dimensions behind the others, so that each result's elements
  // lie side by side in row-major order.
  std::vector<Offsets> all;
  int64_t terms = 1;
  for (bool isReduced : {false, true}) {
    for (int64_t i = 0, rank = shape.size(); i < rank; ++i) {
      if (llvm::is_contained(reduceOp.getAxes(), i) != isReduced)
        continue;
      all.push_back(getRange(0, shape[i], strides[i]));
      terms *= isReduced ? shape[i] : 1;
    }
  }
  if (input.getNumElements() == 0)
    return std::nullopt;
  SmallVector<int64_t> order;
  for (const Offsets &offsets : all)
    order.push_back(offsets.size());
  ConstantTensor sorted =
      pick(input.getType().clone(order), input, all, order);
  ConstantTensor result = ConstantTensor::allocate(getResultType(op), false);
  ArrayRef<float> values = sorted.getValues<float>();
  for (auto [i, value] : llvm::enumerate(result.getMutableValues<float>()))
    value = reduce(reduceOp.getKind(), values.slice(i * terms, terms));
  return result;
}
