//===- QuantizerBuilder.cpp - parts that quantizers share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Parameters may have any shape that broadcasts. Where they vary along one
// dimension at most and zero points are integers, a dequantizer is one op on
// codes; else it is arithmetic on reals behind a dequantizer of scale 1.
//
//===----------------------------------------------------------------------===//

#include "QuantizerBuilder.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

namespace {

/// A parameter with one value, or with one a channel of dimension `axis`.
struct ChannelShape {
  std::optional<int64_t> axis;
  int64_t channels = 1;
};

} // namespace

bool ZeroPoints::isIntegral() const {
  return llvm::all_of(values, [](double value) {
    return value >= std::numeric_limits<int32_t>::min() &&
           value <= std::numeric_limits<int32_t>::max() &&
           value == static_cast<int32_t>(value);
  });
}

Value onnx_import::getScale(NodeImporter &node, size_t index) {
  Value scale = node.getReal(index);
  DenseElementsAttr elements = getElements(scale);
  if (!elements)
    return scale;
  int64_t count = elements.isSplat() ? 1 : elements.getNumElements();
  for (const APFloat &value :
       llvm::make_range(elements.value_begin<APFloat>(),
                        elements.value_begin<APFloat>() + count))
    if (!value.isFinite() || value.isNegative() || value.isZero()) {
      SmallString<16> text;
      value.toString(text);
      node.emitError() << "expected finite scales greater than 0, but got "
                       << text;
      return {};
    }
  return scale;
}

ZeroPoints onnx_import::getZeroPoints(NodeImporter &node, size_t index) {
  ZeroPoints zeros;
  if (!node.hasInput(index))
    return zeros;
  zeros.values = node.getNumbers(index, "zero point");
  if (Value stored = node.getStored(index))
    zeros.shape.assign(getShape(stored).begin(), getShape(stored).end());
  return zeros;
}

Value onnx_import::createRealZeroPoints(NodeImporter &node,
                                        const ZeroPoints &zeros) {
  SmallVector<float> reals(zeros.values.begin(), zeros.values.end());
  auto type =
      RankedTensorType::get(zeros.shape, node.getBuilder().getF32Type());
  return node.createConstant(DenseElementsAttr::get(type, ArrayRef(reals)));
}

Value onnx_import::createQuantize(NodeImporter &node, Value input,
                                  Rounding rounding, CodeAttr code,
                                  int64_t min, int64_t max) {
  if (!input)
    return {};
  Builder &builder = node.getBuilder();
  bool isWhole = min == code.getMin() && max == code.getMax();
  IntegerAttr none;
  return node.create<QuantizeOp>(
      code.getTensorType(getShape(input)), input, rounding,
      isWhole ? none : builder.getI64IntegerAttr(min),
      isWhole ? none : builder.getI64IntegerAttr(max));
}

Value onnx_import::createQuantize(NodeImporter &node, Value input,
                                  Rounding rounding, CodeAttr code) {
  return createQuantize(node, input, rounding, code, code.getMin(),
                        code.getMax());
}

/// Along which dimension of `rank` a parameter's values lie; nothing if along
/// several.
static std::optional<ChannelShape> getChannels(ArrayRef<int64_t> shape,
                                               int64_t rank) {
  ChannelShape result;
  int64_t offset = rank - static_cast<int64_t>(shape.size());
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (extent == 1)
      continue;
    if (result.axis)
      return std::nullopt;
    result.axis = offset + static_cast<int64_t>(i);
    result.channels = extent;
  }
  return result;
}

static Value createRealDequantize(NodeImporter &node, Value codes, Value scale,
                                  const ZeroPoints &zeros, int64_t step) {
  Value reals =
      createDequantize(node, codes, node.createSplat({}, 1), ZeroPoints());
  if (step != 1)
    reals = node.createBinary<arith::MulFOp>(reals, node.createSplat({}, step));
  if (!zeros.isZero())
    reals = node.createBinary<arith::SubFOp>(reals,
                                             createRealZeroPoints(node, zeros));
  return node.createBinary<arith::MulFOp>(reals, scale);
}

Value onnx_import::createDequantize(NodeImporter &node, Value codes,
                                    Value scale, const ZeroPoints &zeros,
                                    int64_t step) {
  if (!codes || !scale || node.hasFailed())
    return {};
  ArrayRef<int64_t> shape = getShape(codes);
  std::optional<ChannelShape> scales =
      getChannels(getShape(scale), shape.size());
  std::optional<ChannelShape> zeroPoints =
      getChannels(zeros.shape, shape.size());
  if (!zeros.isIntegral() || !scales || !zeroPoints ||
      (scales->axis && zeroPoints->axis && scales->axis != zeroPoints->axis))
    return createRealDequantize(node, codes, scale, zeros, step);
  auto toShape = [](const ChannelShape &channels) {
    return channels.axis ? SmallVector<int64_t>{channels.channels}
                         : SmallVector<int64_t>{};
  };
  SmallVector<int32_t> integers(zeros.values.begin(), zeros.values.end());
  auto zeroType = RankedTensorType::get(toShape(*zeroPoints),
                                        node.getBuilder().getI32Type());
  Value zero = node.createConstant(
      DenseElementsAttr::get(zeroType, ArrayRef(integers)));
  int64_t axis = scales->axis.value_or(zeroPoints->axis.value_or(0));
  auto type = RankedTensorType::get(shape, node.getBuilder().getF32Type());
  return node.create<DequantizeOp>(type, codes,
                                   node.createReshape(scale, toShape(*scales)),
                                   zero, axis, step);
}

Value onnx_import::createBipolar(NodeImporter &node, Value input,
                                 Value scale) {
  if (!input || !scale)
    return {};
  auto code = CodeAttr::get(node.getContext(), /*isSigned=*/false, 1);
  ZeroPoints one;
  one.values = {1};
  return createDequantize(node,
                          createQuantize(node, input, Rounding::Sign, code),
                          scale, one, /*step=*/2);
}
