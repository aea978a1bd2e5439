//===- ConstantCodes.cpp - quantizers of constants -------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Quantizers, threshold counts and dequantizers of constant tensors, to the
// same bits as compiled code: bounds are applied in binary64, where codes of 32
// bits are exact, and NaN gives the lowest code.
//
//===----------------------------------------------------------------------===//

#include "ConstantEvaluator.h"
#include "dorefa/Dialect/Dorefa/IR/Rounding.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

using Result = std::optional<ConstantTensor>;

template <typename Stored>
static ConstantTensor quantize(QuantizeOp op, const ConstantTensor &input) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  ConstantTensor result = ConstantTensor::allocate(type, input.isSplat());
  ArrayRef<float> from = input.getValues<float>();
  MutableArrayRef<Stored> to = result.getMutableValues<Stored>();
  // Exact in binary64, where widths of 32 bits need it.
  double low = op.getLowest(), high = op.getHighest();
  Rounding rounding = op.getRounding();
  for (size_t i = 0, end = to.size(); i < end; ++i) {
    double code = applyRounding(rounding, from[i]);
    // Written so that NaN gives the lowest code.
    code = code >= low ? std::min(code, high) : low;
    to[i] = static_cast<Stored>(static_cast<int64_t>(code));
  }
  return result;
}

static ConstantTensor quantize(QuantizeOp op, const ConstantTensor &input) {
  switch (op.getCode().getStorageType().getWidth()) {
  case 8:
    return quantize<int8_t>(op, input);
  case 16:
    return quantize<int16_t>(op, input);
  default:
    return quantize<int32_t>(op, input);
  }
}

static ConstantTensor countThresholds(QuantizeThresholdsOp op,
                                      const ConstantTensor &operand,
                                      const ConstantTensor &table) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  ConstantTensor input = operand.expanded(), thresholds = table.expanded();
  ConstantTensor result = ConstantTensor::allocate(type, /*isSplat=*/false);
  int64_t rows = thresholds.getShape()[0], steps = thresholds.getShape()[1];
  int64_t channels = type.getDimSize(op.getAxis());
  int64_t inner = ShapedType::getNumElements(
      type.getShape().drop_front(op.getAxis() + 1));
  ArrayRef<float> from = input.getValues<float>();
  withInteger(result.getElementBytes(), [&](auto tag) {
    MutableArrayRef<decltype(tag)> to =
        result.getMutableValues<decltype(tag)>();
    for (size_t i = 0; i < to.size(); ++i) {
      int64_t row = rows == 1 ? 0 : int64_t(i) / inner % channels;
      to[i] = llvm::count_if(
          thresholds.getValues<float>().slice(row * steps, steps),
          [&](float threshold) { return from[i] >= threshold; });
    }
  });
  return result;
}

static ConstantTensor dequantize(DequantizeOp op, const ConstantTensor &codes,
                                 const ConstantTensor &scale,
                                 const ConstantTensor &zero) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  bool isUniform = scale.getBytes().size() == sizeof(float) &&
                   zero.getBytes().size() == sizeof(int32_t);
  ConstantTensor result =
      ConstantTensor::allocate(type, isUniform && codes.isSplat());
  ConstantTensor input = result.isSplat() ? codes : codes.expanded();
  ArrayRef<float> scales = scale.getValues<float>();
  ArrayRef<int32_t> zeros = zero.getValues<int32_t>();
  MutableArrayRef<float> to = result.getMutableValues<float>();
  int64_t channels = isUniform ? 1 : type.getDimSize(op.getAxis());
  int64_t inner = isUniform ? 1
                            : ShapedType::getNumElements(
                                  type.getShape().drop_front(op.getAxis() + 1));
  int64_t step = op.getStep();
  auto convert = [&](auto tag) {
    using Stored = decltype(tag);
    ArrayRef<Stored> from = input.getValues<Stored>();
    for (size_t i = 0, channel = 0; i < to.size(); ++channel) {
      float factor = scales[scales.size() == 1 ? 0 : channel % channels];
      int64_t offset = zeros[zeros.size() == 1 ? 0 : channel % channels];
      size_t end = isUniform ? to.size() : i + inner;
      for (; i < end; ++i)
        to[i] = static_cast<float>(step * int64_t(from[i]) - offset) * factor;
    }
  };
  withInteger(input.getElementBytes(), [&](auto tag) {
    if (op.getCode().getIsSigned())
      convert(tag);
    else
      convert(std::make_unsigned_t<decltype(tag)>());
  });
  return result;
}

Result mlir::dorefa::evaluateCodeOp(Operation *op,
                                    ArrayRef<ConstantTensor> operands) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](QuantizeOp op) { return quantize(op, operands[0]); })
      .Case([&](QuantizeThresholdsOp op) {
        return countThresholds(op, operands[0], operands[1]);
      })
      .Case([&](DequantizeOp op) {
        return dequantize(op, operands[0], operands[1], operands[2]);
      })
      .Default(Result());
}
