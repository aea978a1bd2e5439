//===- Pools.cpp - pools ----------------------------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One walk over all windows serves every kind of pool: it collects the
// positions inside the image, in the kernel's order, which is the order of
// sums.
//
//===----------------------------------------------------------------------===//

#include "ExactOperand.h"
#include "Numerics.h"
#include "Windows.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include <limits>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

void interpreter::forEachWindow(
    ArrayRef<int64_t> inputShape, ArrayRef<int64_t> resultShape,
    WindowAttr window,
    function_ref<void(ArrayRef<int64_t> index, ArrayRef<int64_t> elements)>
        visit) {
  SmallVector<int64_t> strides = getStrides(inputShape);
  SmallVector<int64_t> elements;
  forEachIndex(resultShape, [&](ArrayRef<int64_t> index) {
    elements.clear();
    int64_t plane = index[0] * strides[0] + index[1] * strides[1];
    forEachIndex(window.getKernel(), [&](ArrayRef<int64_t> tap) {
      int64_t element = plane;
      for (auto [d, offset] : llvm::enumerate(tap)) {
        int64_t position = index[2 + d] * window.getStrides()[d] -
                           window.getPads()[d] +
                           offset * window.getDilations()[d];
        if (position < 0 || position >= inputShape[2 + d])
          return;
        element += position * strides[2 + d];
      }
      elements.push_back(element);
    });
    visit(index, elements);
  });
}

static float selectReal(PoolKind kind, ArrayRef<float> values,
                        ArrayRef<int64_t> elements) {
  float infinity = std::numeric_limits<float>::infinity();
  float selected = kind == PoolKind::Max ? -infinity : infinity;
  for (int64_t element : elements)
    selected = kind == PoolKind::Max ? maximum(selected, values[element])
                                     : minimum(selected, values[element]);
  return selected;
}

static int64_t selectInteger(PoolKind kind, ArrayRef<int64_t> values,
                             ArrayRef<int64_t> elements, int64_t none) {
  int64_t selected = none;
  for (int64_t element : elements)
    selected = kind == PoolKind::Max ? std::max(selected, values[element])
                                     : std::min(selected, values[element]);
  return selected;
}

Tensor interpreter::selectFromWindows(PoolKind kind, WindowAttr window,
                                      const Tensor &input,
                                      RankedTensorType resultType) {
  Tensor result(resultType);
  CodeAttr code = getCode(resultType);
  int64_t none = kind == PoolKind::Max ? std::numeric_limits<int64_t>::min()
                                       : std::numeric_limits<int64_t>::max();
  if (code)
    none = kind == PoolKind::Max ? code.getMin() : code.getMax();
  int64_t next = 0;
  forEachWindow(input.getShape(), result.getShape(), window,
                [&](ArrayRef<int64_t>, ArrayRef<int64_t> elements) {
                  if (result.isReal())
                    result.getReals()[next++] =
                        selectReal(kind, input.getReals(), elements);
                  else
                    result.getIntegers()[next++] = selectInteger(
                        kind, input.getIntegers(), elements, none);
                });
  return result;
}

FailureOr<Tensor> interpreter::runPool(PoolOp op, const Environment &env) {
  if (op.getKind() == PoolKind::Max || op.getKind() == PoolKind::Min)
    return selectFromWindows(op.getKind(), op.getWindow(), env[op.getInput()],
                             cast<RankedTensorType>(op.getType()));

  auto inputType = cast<RankedTensorType>(op.getInput().getType());
  Tensor result(cast<RankedTensorType>(op.getType()));
  int64_t windowSize = ShapedType::getNumElements(op.getWindow().getKernel());
  float *target = result.getReals().data();
  auto finish = [&](float sum, size_t numInside) {
    if (op.getKind() == PoolKind::Average)
      sum /= static_cast<float>(
          op.getCountPadding() ? windowSize : static_cast<int64_t>(numInside));
    *target++ = sum;
  };

  if (isCodedContraction(op)) {
    if (failed(checkSum(op)))
      return failure();
    ExactOperand x(op.getInput(), env);
    forEachWindow(inputType.getShape(), result.getShape(), op.getWindow(),
                  [&](ArrayRef<int64_t> index, ArrayRef<int64_t> elements) {
                    finish(x.getScaledSum(elements, index), elements.size());
                  });
    return result;
  }
  ArrayRef<float> input = env[op.getInput()].getReals();
  forEachWindow(inputType.getShape(), result.getShape(), op.getWindow(),
                [&](ArrayRef<int64_t>, ArrayRef<int64_t> elements) {
                  float sum = 0;
                  for (int64_t element : elements)
                    sum += input[element];
                  finish(sum, elements.size());
                });
  return result;
}
