//===- Reductions.cpp - reductions over whole dimensions --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Ops over whole dimensions: reductions, softmax, arg max and batch
// normalization. A walk gives each result the positions of its elements in
// row-major order; sums of reals go through 64 lanes in this order, those of
// codes are exact.
//
//===----------------------------------------------------------------------===//

#include "ExactOperand.h"
#include "Numerics.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "dorefa/Runtime/dorefa_math.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

/// For each element of the result of reducing `axes` to extent 1, in row-major
/// order, calls `visit(index, elements)` with the linear positions of the
/// elements that are reduced to it, in row-major order.
static void forEachReduction(
    ArrayRef<int64_t> inputShape, ArrayRef<int64_t> axes,
    function_ref<void(ArrayRef<int64_t> index, ArrayRef<int64_t> elements)>
        visit) {
  SmallVector<int64_t> resultShape(inputShape), reducedShape(inputShape);
  for (auto [d, extent] : llvm::enumerate(inputShape)) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(d));
    resultShape[d] = reduced ? 1 : extent;
    reducedShape[d] = reduced ? extent : 1;
  }
  SmallVector<int64_t> strides = getStrides(inputShape);
  auto getPosition = [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [i, stride] : llvm::zip_equal(index, strides))
      position += i * stride;
    return position;
  };
  SmallVector<int64_t> elements;
  forEachIndex(resultShape, [&](ArrayRef<int64_t> index) {
    elements.clear();
    int64_t first = getPosition(index);
    forEachIndex(reducedShape, [&](ArrayRef<int64_t> offset) {
      elements.push_back(first + getPosition(offset));
    });
    visit(index, elements);
  });
}

static float reduceReals(ReduceKind kind, ArrayRef<float> values,
                         ArrayRef<int64_t> elements) {
  float infinity = std::numeric_limits<float>::infinity();
  switch (kind) {
  case ReduceKind::Max: {
    float selected = -infinity;
    for (int64_t element : elements)
      selected = maximum(selected, values[element]);
    return selected;
  }
  case ReduceKind::Min: {
    float selected = infinity;
    for (int64_t element : elements)
      selected = minimum(selected, values[element]);
    return selected;
  }
  case ReduceKind::Sum:
  case ReduceKind::Mean: {
    LaneSum sum;
    for (int64_t element : elements)
      sum.add(values[element]);
    return sum.get();
  }
  }
  llvm_unreachable("all kinds are handled");
}

FailureOr<Tensor> interpreter::runReduce(ReduceOp op, const Environment &env) {
  Tensor result(op.getType());
  float *target = result.getReals().data();
  auto finish = [&](float value, size_t count) {
    *target++ = op.getKind() == ReduceKind::Mean
                    ? value / static_cast<float>(count)
                    : value;
  };
  ArrayRef<int64_t> inputShape = op.getInput().getType().getShape();
  if (isCodedContraction(op)) {
    if (failed(checkSum(op)))
      return failure();
    ExactOperand x(op.getInput(), env);
    forEachReduction(inputShape, op.getAxes(),
                     [&](ArrayRef<int64_t> index, ArrayRef<int64_t> elements) {
                       finish(x.getScaledSum(elements, index), elements.size());
                     });
    return result;
  }
  ArrayRef<float> input = env[op.getInput()].getReals();
  forEachReduction(inputShape, op.getAxes(),
                   [&](ArrayRef<int64_t>, ArrayRef<int64_t> elements) {
                     finish(reduceReals(op.getKind(), input, elements),
                            elements.size());
                   });
  return result;
}

Tensor interpreter::runSoftmax(SoftmaxOp op, const Environment &env) {
  ArrayRef<float> input = env[op.getInput()].getReals();
  Tensor result(cast<RankedTensorType>(op.getType()));
  MutableArrayRef<float> reals = result.getReals();
  forEachReduction(
      result.getShape(), {static_cast<int64_t>(op.getAxis())},
      [&](ArrayRef<int64_t>, ArrayRef<int64_t> elements) {
        float max = reduceReals(ReduceKind::Max, input, elements);
        LaneSum sum;
        for (int64_t element : elements) {
          reals[element] = dorefa_expf(input[element] - max);
          sum.add(reals[element]);
        }
        for (int64_t element : elements)
          reals[element] /= sum.get();
      });
  return result;
}

Tensor interpreter::runArgMax(ArgMaxOp op, const Environment &env) {
  const Tensor &input = env[op.getInput()];
  ArrayRef<float> reals = input.getReals();
  Tensor result(op.getType());
  int64_t *target = result.getIntegers().data();
  // NaN counts as the largest number.
  auto isLess = [&](int64_t a, int64_t b) {
    return std::isnan(reals[b]) ? !std::isnan(reals[a]) : reals[a] < reals[b];
  };
  forEachReduction(input.getShape(), {static_cast<int64_t>(op.getAxis())},
                   [&](ArrayRef<int64_t>, ArrayRef<int64_t> elements) {
                     size_t best = 0;
                     for (size_t i = 1; i < elements.size(); ++i)
                       if (isLess(elements[best], elements[i]) ||
                           (op.getSelectLast() &&
                            !isLess(elements[i], elements[best])))
                         best = i;
                     *target++ = best;
                   });
  return result;
}

Tensor interpreter::runBatchNorm(BatchNormOp op, const Environment &env) {
  ArrayRef<float> input = env[op.getInput()].getReals();
  Tensor result(op.getType());
  MutableArrayRef<float> reals = result.getReals();
  int64_t numChannels = result.getShape()[1];
  int64_t inner = getStrides(result.getShape())[1];
  for (int64_t channel = 0; channel < numChannels; ++channel) {
    auto parameter = [&](Value value) {
      return env[value].getReals()[channel];
    };
    BatchNormChannel normalize(parameter(op.getGamma()),
                               parameter(op.getBeta()),
                               parameter(op.getMean()),
                               parameter(op.getVariance()),
                               op.getEpsilon().convertToFloat());
    for (int64_t first = channel * inner; first < result.getNumElements();
         first += numChannels * inner)
      for (int64_t i = first; i < first + inner; ++i)
        reals[i] = normalize(input[i]);
  }
  return result;
}
