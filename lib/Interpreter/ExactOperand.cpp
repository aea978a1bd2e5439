//===- ExactOperand.cpp - the integers behind a real operand ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sums of codes are taken over integers, `step*q - zero`, in 64 bits, and the
// scale is applied once to the result. An op whose sum could need more than 62
// bits is an error, not a wrong number.
//
//===----------------------------------------------------------------------===//

#include "ExactOperand.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

/// Calls `visit(element, channel)` for each element of a tensor, with its
/// position along `axis`; with channel 0 if there is only one channel.
static void forEachChannelElement(ArrayRef<int64_t> shape, int64_t axis,
                                  int64_t numChannels,
                                  function_ref<void(int64_t, int64_t)> visit) {
  int64_t count = ShapedType::getNumElements(shape);
  if (numChannels <= 1) {
    for (int64_t i = 0; i < count; ++i)
      visit(i, 0);
    return;
  }
  int64_t inner = getStrides(shape)[axis];
  for (int64_t i = 0; i < count; ++i)
    visit(i, i / inner % numChannels);
}

std::vector<int64_t> interpreter::getIntegers(const Tensor &codes,
                                              int64_t step,
                                              ArrayRef<int64_t> zeros,
                                              int64_t axis) {
  std::vector<int64_t> integers(codes.getNumElements());
  ArrayRef<int64_t> elements = codes.getIntegers();
  forEachChannelElement(codes.getShape(), axis, zeros.size(),
                        [&](int64_t i, int64_t channel) {
                          integers[i] = step * elements[i] - zeros[channel];
                        });
  return integers;
}

LogicalResult interpreter::checkSum(Operation *contraction) {
  if (!getCodedContraction(contraction)->fits())
    return contraction->emitOpError(
        "unsupported integer sum of more than 62 bits");
  return success();
}

ExactOperand::ExactOperand(Value operand, const Environment &env) {
  auto op = operand.getDefiningOp<DequantizeOp>();
  integers = interpreter::getIntegers(env[op.getInput()], op.getStep(),
                                      env[op.getZeroPoint()].getIntegers(),
                                      op.getAxis());
  scale = env[op.getScale()];
  axis = op.getAxis();
}

float ExactOperand::getScaledSum(ArrayRef<int64_t> elements,
                                 ArrayRef<int64_t> index) const {
  int64_t sum = 0;
  for (int64_t element : elements)
    sum += integers[element];
  return static_cast<float>(sum) * getScale(index);
}

float ExactOperand::getScale(ArrayRef<int64_t> index) const {
  return scale.getReals()[scale.getNumElements() > 1 ? index[axis] : 0];
}

Tensor interpreter::runDequantize(DequantizeOp op, const Environment &env) {
  Tensor result(op.getType());
  std::vector<int64_t> integers =
      getIntegers(env[op.getInput()], op.getStep(),
                  env[op.getZeroPoint()].getIntegers(), op.getAxis());
  ArrayRef<float> scale = env[op.getScale()].getReals();
  MutableArrayRef<float> reals = result.getReals();
  forEachChannelElement(result.getShape(), op.getAxis(), scale.size(),
                        [&](int64_t i, int64_t channel) {
                          reals[i] = static_cast<float>(integers[i]) *
                                     scale[channel];
                        });
  return result;
}

Tensor interpreter::runQuantizeThresholds(QuantizeThresholdsOp op,
                                          const Environment &env) {
  Tensor result(cast<RankedTensorType>(op.getType()));
  const Tensor &thresholds = env[op.getThresholds()];
  int64_t rows = thresholds.getShape()[0], perRow = thresholds.getShape()[1];
  ArrayRef<float> input = env[op.getInput()].getReals();
  MutableArrayRef<int64_t> codes = result.getIntegers();
  forEachChannelElement(
      result.getShape(), op.getAxis(), rows, [&](int64_t i, int64_t channel) {
        codes[i] = llvm::count_if(
            thresholds.getReals().slice(channel * perRow, perRow),
            [&](float threshold) { return input[i] >= threshold; });
      });
  return result;
}
