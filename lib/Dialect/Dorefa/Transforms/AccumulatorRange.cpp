//===- AccumulatorRange.cpp - what integer sums can reach -----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AccumulatorRange.h"
#include "LayerConstants.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// The range of the integers that the codes of input channel `channel` stand
/// for; with 0 if a position may lie outside the image.
static IntegerRange getInputRange(Value input, ProductAttr product,
                                  int64_t channel) {
  CodeAttr code = getCode(input.getType());
  int64_t step = 1, zero = 0;
  if (AffineAttr affine = product.getInput()) {
    step = affine.getStep();
    zero = affine.getZero()[affine.getZero().size() == 1 ? 0 : channel];
  }
  IntegerRange range{step * code.getMin() - zero, step * code.getMax() - zero};
  bool isPadded = llvm::any_of(product.getGeometry().getPads(),
                               [](int64_t pad) { return pad != 0; });
  return isPadded ? range.withZero() : range;
}

static SmallVector<IntegerRange> getSumRanges(Value input, ProductAttr product,
                                              int64_t channels) {
  int64_t terms = ShapedType::getNumElements(product.getKernel());
  SmallVector<IntegerRange> ranges;
  for (int64_t channel = 0; channel < channels; ++channel)
    ranges.push_back(getInputRange(input, product, channel).scaledBy(terms));
  return ranges;
}

static std::optional<SmallVector<IntegerRange>>
getConvRanges(Value input, Value weight, ProductAttr product) {
  DenseElementsAttr elements = getConstantElements(weight);
  if (!elements)
    return std::nullopt;
  CodeAttr code = getCode(weight.getType());
  ArrayRef<int64_t> shape = shapeOf(weight);
  int64_t outputs = shape[0], inputs = shape[1];
  int64_t positions = ShapedType::getNumElements(shape.drop_front(2));
  int64_t outputsPerGroup = outputs / product.getGeometry().getGroups();
  int64_t step = product.getWeight() ? product.getWeight().getStep() : 1;

  SmallVector<IntegerRange> inputRanges;
  for (int64_t channel = 0, end = shapeOf(input)[1]; channel < end; ++channel)
    inputRanges.push_back(getInputRange(input, product, channel));
  SmallVector<IntegerRange> ranges;
  auto stored = elements.getValues<APInt>().begin();
  for (int64_t output = 0; output < outputs; ++output) {
    int64_t zero = 0;
    if (AffineAttr affine = product.getWeight())
      zero = affine.getZero()[affine.getZero().size() == 1 ? 0 : output];
    IntegerRange range;
    int64_t firstInput = output / outputsPerGroup * inputs;
    for (int64_t channel = 0; channel < inputs; ++channel)
      for (int64_t position = 0; position < positions; ++position, ++stored)
        range = range + inputRanges[firstInput + channel].scaledBy(
                            step * code.decode(*stored) - zero);
    ranges.push_back(range);
  }
  return ranges;
}

std::optional<SmallVector<IntegerRange>>
mlir::dorefa::getAccumulatorRanges(LayerOp layer, unsigned index) {
  ProductAttr product = layer.getProduct(index);
  Value input = layer.getInputs()[index];
  if (!getCode(input.getType()))
    return std::nullopt;
  if (product.getKind() == ProductKind::Sum)
    return getSumRanges(input, product, layer.getIterationShape()[1]);
  return getConvRanges(input, layer.getWeightOf(index), product);
}
