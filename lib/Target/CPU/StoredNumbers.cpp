//===- StoredNumbers.cpp - products of stored numbers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// With inputs sx*u + bx and weights W = sw*v + bw the product is
//
//   sx*sw * sum(u*v) + sx*bw * sum(u) + sum(bx*W)
//
// The last term is constant. If some stored number stands for 0, the border is
// filled with it and the term is one a channel; else padding must be left out
// of it, which makes it one a position.
//
//===----------------------------------------------------------------------===//

#include "StoredNumbers.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::dorefa;

FailureOr<SmallVector<int64_t>> mlir::dorefa::getConstantCodes(Value value) {
  DenseIntElementsAttr attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return failure();
  CodeAttr code = getCode(value.getType());
  if (!code)
    return failure();
  SmallVector<int64_t> codes;
  codes.reserve(attribute.getNumElements());
  if (attribute.getElementType().isInteger(8) && !attribute.isSplat()) {
    // The usual case, millions of bytes: no APInt for each.
    for (int8_t stored : attribute.getValues<int8_t>())
      codes.push_back(code.getIsSigned() ? int64_t(stored)
                                         : int64_t(uint8_t(stored)));
    return codes;
  }
  for (const APInt &stored : attribute.getValues<APInt>())
    codes.push_back(code.decode(stored));
  return codes;
}

/// Calls `body(output position, kernel position)` for each kernel position
/// that lies inside the image.
static void forEachInside(const ProductShape &shape,
                          function_ref<void(int64_t, int64_t)> body) {
  size_t rank = shape.kernel.size();
  int64_t positions = llvm::product_of(shape.outputSpatial);
  int64_t taps = shape.getTaps();
  for (int64_t position = 0; position < positions; ++position)
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t restPosition = position, restTap = tap;
      bool inside = true;
      for (int64_t d = rank - 1; d >= 0; --d) {
        int64_t out = restPosition % shape.outputSpatial[d];
        int64_t k = restTap % shape.kernel[d];
        restPosition /= shape.outputSpatial[d];
        restTap /= shape.kernel[d];
        int64_t in = out * shape.strides[d] + k * shape.dilations[d] -
                     shape.pads[d];
        inside &= in >= 0 && in < shape.inputSpatial[d];
      }
      if (inside)
        body(position, tap);
    }
}

namespace {
/// The last term: sum of bx*W.
class OffsetSums {
public:
  OffsetSums(const ProductShape &shape, ArrayRef<int64_t> weights,
             AffineAttr weightAffine, ArrayRef<int64_t> inputOffsets)
      : shape(shape), weights(weights), weightAffine(weightAffine),
        inputOffsets(inputOffsets) {}

  /// Sum over the group's input channels at one kernel position.
  int64_t at(int64_t output, int64_t tap) const {
    if (shape.kind == ProductKind::Sum)
      return inputOffset(output);
    int64_t inputs = shape.getGroupInputs(), taps = shape.getTaps();
    int64_t group = output / shape.getGroupOutputs(), sum = 0;
    for (int64_t in = 0; in < inputs; ++in) {
      int64_t code = weights[(output * inputs + in) * taps + tap];
      int64_t weight = weightAffine.getStep() * code - zero(output);
      sum += inputOffset(group * inputs + in) * weight;
    }
    return sum;
  }

private:
  int64_t inputOffset(int64_t channel) const {
    return inputOffsets[inputOffsets.size() == 1 ? 0 : channel];
  }
  int64_t zero(int64_t output) const {
    ArrayRef<int64_t> zeros = weightAffine.getZero();
    return zeros[zeros.size() == 1 ? 0 : output];
  }

  const ProductShape &shape;
  ArrayRef<int64_t> weights;
  AffineAttr weightAffine;
  ArrayRef<int64_t> inputOffsets;
};
} // namespace

FailureOr<StoredNumbers>
StoredNumbers::get(ProductAttr product, const ProductShape &shape,
                   ArrayRef<int64_t> weights, bool constantWeights,
                   bool signedWeights, bool exactWeights) {
  MLIRContext *context = product.getContext();
  AffineAttr input = product.getInput() ? product.getInput()
                                        : AffineAttr::getIdentity(context);
  AffineAttr weight = product.getWeight() ? product.getWeight()
                                          : AffineAttr::getIdentity(context);
  StoredNumbers numbers;
  numbers.factor = input.getStep();
  if (shape.kind == ProductKind::Conv && !exactWeights) {
    numbers.factor *= weight.getStep();
    int64_t least = shape.weightCode.getMin() +
                    (signedWeights ? getSignedOffset(shape.weightCode) : 0);
    for (int64_t zero : weight.getZero())
      numbers.sumFactor.push_back(input.getStep() *
                                  (weight.getStep() * least - zero));
    if (llvm::all_of(numbers.sumFactor, [](int64_t f) { return f == 0; }))
      numbers.sumFactor.clear();
  }

  SmallVector<int64_t> inputOffsets;
  for (int64_t zero : input.getZero())
    inputOffsets.push_back(input.getStep() * shape.inputCode.getMin() - zero);
  bool uniform = llvm::all_equal(inputOffsets);
  bool padded = llvm::any_of(shape.pads, [](int64_t pad) { return pad != 0; });
  if (uniform && inputOffsets.front() == 0)
    return numbers;
  if (shape.kind == ProductKind::Conv && !constantWeights)
    return failure();

  int64_t most = shape.inputCode.getMax() - shape.inputCode.getMin();
  int64_t zeroNumber = -inputOffsets.front() / input.getStep();
  bool hasZero = uniform && zeroNumber >= 0 && zeroNumber <= most &&
                 zeroNumber * input.getStep() + inputOffsets.front() == 0;
  OffsetSums sums(shape, weights, weight, inputOffsets);
  int64_t taps = shape.getTaps();
  if (!padded || hasZero) {
    numbers.fill = padded ? zeroNumber : 0;
    for (int64_t output = 0; output < shape.outputChannels; ++output) {
      int64_t sum = 0;
      for (int64_t tap = 0; tap < taps; ++tap)
        sum += sums.at(output, tap);
      numbers.offset.push_back(sum);
    }
  } else {
    numbers.offsetPerPosition = true;
    int64_t positions = llvm::product_of(shape.outputSpatial);
    numbers.offset.assign(shape.outputChannels * positions, 0);
    SmallVector<int64_t> atTap(shape.outputChannels * taps);
    for (int64_t output = 0; output < shape.outputChannels; ++output)
      for (int64_t tap = 0; tap < taps; ++tap)
        atTap[output * taps + tap] = sums.at(output, tap);
    forEachInside(shape, [&](int64_t position, int64_t tap) {
      for (int64_t output = 0; output < shape.outputChannels; ++output)
        numbers.offset[output * positions + position] +=
            atTap[output * taps + tap];
    });
  }
  if (llvm::all_of(numbers.offset, [](int64_t o) { return o == 0; }))
    numbers.offset.clear();
  return numbers;
}
