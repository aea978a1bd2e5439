//===- AccumulatorRange.cpp - what integer sums can reach -----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights are constants, so a channel's sum is bounded by them and not only by
// their width: for each input channel with integers in [low, high] and the sums
// P >= 0 of its positive and N <= 0 of its negative weights,
//
//   P * [low, high] + N * [low, high]
//
// Padding adds 0 to [low, high], for positions outside the image add nothing.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/Transforms/AccumulatorRange.h"
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

/// The sums of the positive and of the negative integers among weights.
static IntegerRange addWeight(IntegerRange sums, int64_t integer) {
  return {sums.low + std::min<int64_t>(integer, 0),
          sums.high + std::max<int64_t>(integer, 0)};
}

/// Calls `visit` with the codes of each run of `runLength` weights.
template <typename Visit>
static void forEachRun(DenseElementsAttr elements, CodeAttr code,
                       int64_t runLength, Visit visit) {
  SmallVector<int64_t> run(runLength);
  if (elements.isSplat()) {
    llvm::fill(run, code.decode(elements.getSplatValue<APInt>()));
    for (int64_t i = 0, end = elements.getNumElements(); i < end;
         i += runLength)
      visit(run);
    return;
  }
  if (code.getStorageType().getWidth() == 8) {
    // Networks have tens of millions of weights: no APInt for each.
    for (ArrayRef<char> bytes = elements.getRawData(); !bytes.empty();
         bytes = bytes.drop_front(runLength)) {
      for (int64_t i = 0; i < runLength; ++i)
        run[i] = code.getIsSigned() ? int64_t(static_cast<int8_t>(bytes[i]))
                                    : int64_t(static_cast<uint8_t>(bytes[i]));
      visit(run);
    }
    return;
  }
  int64_t filled = 0;
  for (const APInt &stored : elements.getValues<APInt>()) {
    run[filled++] = code.decode(stored);
    if (filled == runLength) {
      visit(run);
      filled = 0;
    }
  }
}

static std::optional<SmallVector<IntegerRange>>
getConvRanges(Value input, Value weight, ProductAttr product) {
  DenseElementsAttr elements = getConstantElements(weight);
  CodeAttr code = getCode(weight.getType());
  if (!elements || !code || elements.empty())
    return std::nullopt;
  ArrayRef<int64_t> shape = shapeOf(weight);
  int64_t outputs = shape[0], inputs = shape[1];
  int64_t outputsPerGroup = outputs / product.getGeometry().getGroups();
  AffineAttr affine = product.getWeight();
  int64_t step = affine ? affine.getStep() : 1;

  SmallVector<IntegerRange> inputRanges;
  for (int64_t channel = 0, end = shapeOf(input)[1]; channel < end; ++channel)
    inputRanges.push_back(getInputRange(input, product, channel));
  SmallVector<IntegerRange> ranges(outputs);
  int64_t positions = ShapedType::getNumElements(shape.drop_front(2));
  int64_t index = 0;
  forEachRun(elements, code, positions, [&](ArrayRef<int64_t> codes) {
    int64_t output = index / inputs, channel = index % inputs;
    ++index;
    int64_t zero = 0;
    if (affine)
      zero = affine.getZero()[affine.getZero().size() == 1 ? 0 : output];
    IntegerRange sums;
    for (int64_t weightCode : codes)
      sums = addWeight(sums, step * weightCode - zero);
    IntegerRange range =
        inputRanges[output / outputsPerGroup * inputs + channel];
    ranges[output] = ranges[output] + range.scaledBy(sums.high) +
                     range.scaledBy(sums.low);
  });
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
