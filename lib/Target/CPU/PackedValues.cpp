//===- PackedValues.cpp - packed forms of values and constants ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Activations are packed and unpacked on demand, once a layout. Weights are
// packed by an op on constants, which runs when a model is prepared, so the
// file holds them at their width. Parameters are padded and transposed right
// here:
//
//   C     ->  C', zeros behind
//   C x T ->  T x C', so that a vector holds neighbouring channels
//
//===----------------------------------------------------------------------===//

#include "PackedValues.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

RankedTensorType mlir::dorefa::getPackedType(RankedTensorType type,
                                             Attribute layout) {
  return RankedTensorType::get(type.getShape(), type.getElementType(), layout);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

Value PackedValues::getPacked(Value value, LayoutAttr wanted) {
  LayoutAttr layout = plan.find(value, wanted);
  if (Value known = forms.lookup({value, layout}))
    return known;
  Value from = getRowMajor(value);
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(from);
  Value form = PackOp::create(builder, value.getLoc(),
                              getPackedType(typeOf(value), layout), from);
  forms[{value, layout}] = form;
  return form;
}

Value PackedValues::getRowMajor(Value value) {
  if (!plan.isPacked(value.getDefiningOp()))
    return value;
  Value &form = forms[{value, Attribute()}];
  if (!form) {
    Value elements = forms.lookup({value, plan.findElements(value)});
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(elements);
    form = UnpackOp::create(builder, value.getLoc(), value.getType(), elements);
  }
  return form;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Weights as signed numbers: the unsigned ones with their top bit flipped.
static Value createSignedWeights(OpBuilder &builder, Value weights,
                                 CodeAttr code) {
  FailureOr<SmallVector<int64_t>> codes = getConstantCodes(weights);
  SmallVector<int8_t> flipped;
  for (int64_t value : *codes)
    flipped.push_back((value - code.getMin()) ^ getSignedOffset(code));
  RankedTensorType type =
      CodeAttr::get(builder.getContext(), /*isSigned=*/false, code.getBits())
          .getTensorType(shapeOf(weights));
  return arith::ConstantOp::create(
      builder, weights.getLoc(),
      DenseElementsAttr::get(type, ArrayRef<int8_t>(flipped)));
}

/// Weights with the dimensions that an engine's digits count: groups and a
/// group's output channels, blocks of input channels and those of a block.
static Value splitDims(OpBuilder &builder, Value weights,
                       const PackedProduct &product) {
  RankedTensorType type = typeOf(weights);
  int64_t groups = product.shape.groups, block = product.inputBlock;
  SmallVector<int64_t> shape(type.getShape());
  if (block > 0) {
    shape[1] /= block;
    shape.insert(shape.begin() + 2, block);
  }
  if (groups > 1) {
    shape[0] /= groups;
    shape.insert(shape.begin(), groups);
  }
  auto split =
      RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
  DenseElementsAttr values;
  if (!matchPattern(weights, m_Constant(&values)))
    return ReshapeOp::create(builder, weights.getLoc(), split, weights);
  return arith::ConstantOp::create(builder, weights.getLoc(),
                                   values.reshape(split));
}

Value mlir::dorefa::packWeights(OpBuilder &builder, Value weights,
                                const PackedProduct &product) {
  if (product.signedWeights)
    weights = createSignedWeights(builder, weights, product.shape.weightCode);
  RankedTensorType type = getPackedType(typeOf(weights), product.weightLayout);
  if (product.tiled && (product.shape.groups > 1 || product.inputBlock > 0))
    weights = splitDims(builder, weights, product);
  return PackOp::create(builder, weights.getLoc(), type, weights);
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// Units of 16 channels are read from the first channel of any group on.
static int64_t getPaddedParameters(int64_t channels) {
  return llvm::alignTo(channels, 16) + (channels % 16 == 0 ? 0 : 16);
}

Value mlir::dorefa::packParameter(OpBuilder &builder, Value parameter,
                                  int64_t channels) {
  RankedTensorType type = typeOf(parameter);
  DenseElementsAttr attribute;
  if (type.getRank() == 0)
    return parameter;
  if (!matchPattern(parameter, m_Constant(&attribute)))
    return {};
  int64_t columns = type.getRank() == 2 ? type.getDimSize(1) : 1;
  int64_t padded = getPaddedParameters(channels);
  SmallVector<Attribute> values(padded * columns,
                                builder.getZeroAttr(type.getElementType()));
  for (auto [i, value] : llvm::enumerate(attribute.getValues<Attribute>()))
    values[i % columns * padded + i / columns] = value;
  SmallVector<int64_t> shape{padded};
  if (type.getRank() == 2)
    shape = {columns, padded};
  auto packedType = RankedTensorType::get(shape, type.getElementType());
  return arith::ConstantOp::create(builder, parameter.getLoc(),
                                   DenseElementsAttr::get(packedType, values));
}

Value mlir::dorefa::createParameter(OpBuilder &builder, Location loc,
                                    ArrayRef<int64_t> values, Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  SmallVector<APInt> elements;
  for (int64_t value : values)
    elements.push_back(
        APInt(width, value, /*isSigned=*/true, /*implicitTrunc=*/true));
  elements.resize(getPaddedParameters(values.size()), APInt(width, 0));
  auto type = RankedTensorType::get({int64_t(elements.size())}, element);
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, elements));
}
