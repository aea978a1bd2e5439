//===- LayerConstants.cpp - constants seen from a layer -------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Constants of the graph have the shape of the tensors that they meet, whereas
// a layer has them once: as a scalar, or one a channel, or (where they vary
// otherwise) as a residual. Elements are compared as bits, so that NaN equals
// itself and zeros of both signs differ. Batch normalization becomes
// `fl(fl(a*x) + b)` here, with a and b from binary64 as `dorefa.batch_norm`
// says.
//
//===----------------------------------------------------------------------===//

#include "LayerConstants.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Elements as words: a float's bits, an integer sign-extended
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getWords(DenseElementsAttr elements) {
  SmallVector<int64_t> words;
  words.reserve(elements.getNumElements());
  if (elements.getElementType().isF32())
    for (float value : elements.getValues<float>())
      words.push_back(llvm::bit_cast<int32_t>(value));
  else if (elements.getElementType().isInteger(1))
    for (bool value : elements.getValues<bool>())
      words.push_back(value);
  else
    for (const APInt &value : elements.getValues<APInt>())
      words.push_back(value.getSExtValue());
  return words;
}

static Attribute getEncoding(DenseElementsAttr elements) {
  return cast<RankedTensorType>(elements.getType()).getEncoding();
}

static DenseElementsAttr getElements(RankedTensorType type,
                                     ArrayRef<int64_t> words) {
  Type element = type.getElementType();
  if (element.isF32()) {
    SmallVector<float> values;
    values.reserve(words.size());
    for (int64_t word : words)
      values.push_back(llvm::bit_cast<float>(static_cast<int32_t>(word)));
    return DenseElementsAttr::get(type, ArrayRef<float>(values));
  }
  unsigned width = element.getIntOrFloatBitWidth();
  SmallVector<APInt> values;
  values.reserve(words.size());
  for (int64_t word : words)
    values.emplace_back(width, word, /*isSigned=*/false,
                        /*implicitTrunc=*/true);
  return DenseElementsAttr::get(type, values);
}

/// The index of each element of the input of a broadcast, in the order of the
/// result's elements.
static DenseElementsAttr broadcastElements(DenseElementsAttr elements,
                                           RankedTensorType type) {
  if (elements.isSplat())
    return elements.resizeSplat(type);
  ArrayRef<int64_t> from = elements.getType().getShape();
  ArrayRef<int64_t> to = type.getShape();
  SmallVector<int64_t> strides(to.size(), 0);
  int64_t stride = 1;
  for (size_t i = 0; i < from.size(); ++i) {
    int64_t extent = from[from.size() - 1 - i];
    if (extent != 1)
      strides[to.size() - 1 - i] = stride;
    stride *= extent;
  }
  SmallVector<int64_t> words = getWords(elements), result;
  result.reserve(type.getNumElements());
  SmallVector<int64_t> position(to.size(), 0);
  int64_t source = 0;
  for (int64_t i = 0, end = type.getNumElements(); i < end; ++i) {
    result.push_back(words[source]);
    for (size_t d = to.size(); d-- > 0;) {
      source += strides[d];
      if (++position[d] < to[d])
        break;
      source -= strides[d] * to[d];
      position[d] = 0;
    }
  }
  return getElements(type, result);
}

//===----------------------------------------------------------------------===//
// Constants of the graph
//===----------------------------------------------------------------------===//

bool mlir::dorefa::isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast_or_null<arith::ConstantOp>(op))
    return isa<DenseElementsAttr>(constant.getValue());
  return isa_and_nonnull<BroadcastOp, ReshapeOp, DequantizeOp>(op) &&
         llvm::all_of(op->getOperands(), isConstant);
}

static DenseElementsAttr dequantizeElements(DequantizeOp op) {
  DenseElementsAttr codes = getConstantElements(op.getInput());
  std::optional<SmallVector<float>> scales = getConstantFloats(op.getScale());
  std::optional<SmallVector<int64_t>> zeros =
      getConstantIntegers(op.getZeroPoint());
  if (!codes || !scales || !zeros)
    return {};
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  int64_t channels = shape.empty() ? 1 : shape[op.getAxis()];
  int64_t behind = 1;
  for (size_t d = op.getAxis() + 1; d < shape.size(); ++d)
    behind *= shape[d];
  CodeAttr code = op.getCode();
  SmallVector<float> values;
  values.reserve(codes.getNumElements());
  int64_t i = 0;
  for (const APInt &stored : codes.getValues<APInt>()) {
    int64_t channel = (i++ / behind) % channels;
    int64_t integer = op.getStep() * code.decode(stored) -
                      (*zeros)[zeros->size() == 1 ? 0 : channel];
    values.push_back(static_cast<float>(integer) *
                     (*scales)[scales->size() == 1 ? 0 : channel]);
  }
  return DenseElementsAttr::get(typeOf(op.getResult()),
                                ArrayRef<float>(values));
}

DenseElementsAttr mlir::dorefa::getConstantElements(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return dyn_cast<DenseElementsAttr>(constant.getValue());
  if (auto dequantize = dyn_cast<DequantizeOp>(op))
    return dequantizeElements(dequantize);
  if (!isa<BroadcastOp, ReshapeOp>(op))
    return {};
  DenseElementsAttr elements = getConstantElements(op->getOperand(0));
  if (!elements)
    return {};
  RankedTensorType type = typeOf(value);
  return isa<ReshapeOp>(op) ? elements.reshape(type)
                            : broadcastElements(elements, type);
}

std::optional<SmallVector<float>>
mlir::dorefa::getConstantFloats(Value value) {
  DenseElementsAttr elements = getConstantElements(value);
  if (!elements || !elements.getElementType().isF32())
    return std::nullopt;
  return llvm::to_vector(elements.getValues<float>());
}

std::optional<SmallVector<int64_t>>
mlir::dorefa::getConstantIntegers(Value value) {
  DenseElementsAttr elements = getConstantElements(value);
  if (!elements || !elements.getElementType().isInteger())
    return std::nullopt;
  CodeAttr code = getCode(value.getType());
  SmallVector<int64_t> values;
  values.reserve(elements.getNumElements());
  for (const APInt &stored : elements.getValues<APInt>())
    values.push_back(code ? code.decode(stored) : stored.getSExtValue());
  return values;
}

//===----------------------------------------------------------------------===//
// Constants of a layer
//===----------------------------------------------------------------------===//

DenseElementsAttr mlir::dorefa::getFloatElements(MLIRContext *context,
                                                 ArrayRef<float> values) {
  Type f32 = Float32Type::get(context);
  if (llvm::all_of(values, [&](float value) {
        return llvm::bit_cast<int32_t>(value) ==
               llvm::bit_cast<int32_t>(values.front());
      }))
    return DenseElementsAttr::get(RankedTensorType::get({}, f32),
                                  values.take_front());
  return DenseElementsAttr::get(
      RankedTensorType::get(static_cast<int64_t>(values.size()), f32), values);
}

DenseElementsAttr mlir::dorefa::expandAlong(DenseElementsAttr elements,
                                            ArrayRef<int64_t> shape,
                                            int64_t axis) {
  RankedTensorType type =
      RankedTensorType::get(shape, elements.getElementType());
  if (elements.getNumElements() == 1)
    return DenseElementsAttr::get(
        type, *elements.getValues<Attribute>().begin());
  SmallVector<int64_t> aligned(shape.size() - axis, 1);
  aligned[0] = elements.getNumElements();
  return broadcastElements(
      elements.reshape(
          RankedTensorType::get(aligned, elements.getElementType())),
      type);
}

DenseElementsAttr mlir::dorefa::reduceToLayer(DenseElementsAttr elements,
                                              ArrayRef<int64_t> layerShape) {
  Type element = elements.getElementType();
  auto scalarType = RankedTensorType::get({}, element);
  if (elements.isSplat())
    return elements.resizeSplat(scalarType);
  SmallVector<int64_t> words = getWords(elements);
  if (llvm::all_equal(words))
    return getElements(scalarType, words.front());
  int64_t channels = layerShape[1], behind = 1;
  for (int64_t extent : layerShape.drop_front(2))
    behind *= extent;
  for (size_t i = 0; i < words.size(); ++i)
    if (words[i] != words[(i / behind) % channels * behind])
      return elements.reshape(RankedTensorType::get(
          layerShape, element, getEncoding(elements)));
  SmallVector<int64_t> perChannel;
  for (int64_t channel = 0; channel < channels; ++channel)
    perChannel.push_back(words[channel * behind]);
  return getElements(RankedTensorType::get(channels, element), perChannel);
}

/// In tiles that keep both sides in the cache: matrices have millions of
/// elements.
template <typename T>
static void transpose(const char *from, char *to, int64_t rows,
                      int64_t columns) {
  constexpr int64_t tile = 64;
  auto *source = reinterpret_cast<const T *>(from);
  auto *target = reinterpret_cast<T *>(to);
  for (int64_t row0 = 0; row0 < rows; row0 += tile)
    for (int64_t column0 = 0; column0 < columns; column0 += tile)
      for (int64_t column = column0;
           column < std::min(column0 + tile, columns); ++column)
        for (int64_t row = row0; row < std::min(row0 + tile, rows); ++row)
          target[column * rows + row] = source[row * columns + column];
}

DenseElementsAttr mlir::dorefa::transposeMatrix(DenseElementsAttr elements,
                                                int64_t rows,
                                                int64_t columns) {
  auto type = RankedTensorType::get({columns, rows}, elements.getElementType(),
                                    getEncoding(elements));
  if (elements.isSplat())
    return elements.resizeSplat(type);
  const char *from = elements.getRawData().data();
  std::vector<char> to(elements.getRawData().size());
  switch (elements.getElementType().getIntOrFloatBitWidth()) {
  case 8:
    transpose<int8_t>(from, to.data(), rows, columns);
    break;
  case 16:
    transpose<int16_t>(from, to.data(), rows, columns);
    break;
  case 32:
    transpose<int32_t>(from, to.data(), rows, columns);
    break;
  default:
    return {};
  }
  return DenseElementsAttr::getFromRawBuffer(type, to);
}

std::optional<BatchNormConstants>
mlir::dorefa::getBatchNormConstants(BatchNormOp op) {
  std::optional<SmallVector<float>> gamma = getConstantFloats(op.getGamma());
  std::optional<SmallVector<float>> beta = getConstantFloats(op.getBeta());
  std::optional<SmallVector<float>> mean = getConstantFloats(op.getMean());
  std::optional<SmallVector<float>> variance =
      getConstantFloats(op.getVariance());
  if (!gamma || !beta || !mean || !variance)
    return std::nullopt;
  double epsilon = op.getEpsilon().convertToFloat();
  BatchNormConstants constants;
  for (size_t i = 0; i < gamma->size(); ++i) {
    double factor = double((*gamma)[i]) / std::sqrt((*variance)[i] + epsilon);
    // The product is rounded before the subtraction: no contraction.
    volatile double shift = double((*mean)[i]) * factor;
    constants.factor.push_back(static_cast<float>(factor));
    constants.addend.push_back(static_cast<float>((*beta)[i] - shift));
  }
  return constants;
}
