//===- DirectLayout.cpp - operands of plain loops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Inputs are elements, padded to units of 16 channels if there are as many.
// Weights lie in the order of the loops that read them:
//
//   depthwise  [kernel position][output channel], padded to 16 channels
//   others     [output channel][input channel][kernel position]
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/DirectLayout.h"
#include "TiledEngine.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

Type mlir::dorefa::getDirectElementType(Builder &builder, CodeAttr code) {
  return code ? Type(code.getStorageType()) : Type(builder.getF32Type());
}

int64_t mlir::dorefa::getDirectElementBytes(CodeAttr code) {
  return code ? code.getStorageType().getWidth() / 8 : 4;
}

LayoutAttr mlir::dorefa::getDirectInputLayout(MLIRContext *context,
                                              const ProductShape &shape,
                                              int64_t fill) {
  int64_t channels = shape.inputChannels;
  if (channels >= 16)
    channels = llvm::alignTo(channels, 16);
  return LayoutAttr::get(context, LayoutKind::Elements, shape.inputCode,
                         channels, shape.pads, fill);
}

DigitsAttr
mlir::dorefa::getDirectWeightLayout(MLIRContext *context,
                                    const ProductShape &shape) {
  int64_t bits = shape.weightCode ? shape.weightCode.getBits() : 32;
  int64_t elementBytes = getDirectElementBytes(shape.weightCode);
  int64_t outputs = shape.outputChannels, inputs = shape.getGroupInputs();
  SmallVector<int64_t> digits;
  int64_t stride = elementBytes * 8, elements;
  if (shape.isDepthwise()) {
    appendDigit(digits, 0, 1, outputs, stride);
    stride *= llvm::alignTo(outputs, 16);
    elements = llvm::alignTo(outputs, 16) * shape.getTaps();
    for (int64_t i = shape.kernel.size() - 1; i >= 0; --i) {
      appendDigit(digits, 2 + i, 1, shape.kernel[i], stride);
      stride *= shape.kernel[i];
    }
  } else {
    for (int64_t i = shape.kernel.size() - 1; i >= 0; --i) {
      appendDigit(digits, 2 + i, 1, shape.kernel[i], stride);
      stride *= shape.kernel[i];
    }
    appendDigit(digits, 1, 1, inputs, stride);
    appendDigit(digits, 0, 1, outputs, stride * inputs);
    elements = outputs * inputs * shape.getTaps();
  }
  return DigitsAttr::get(context, llvm::alignTo(elements * elementBytes, 64),
                         bits, 0, 1, digits);
}

IntegerRange mlir::dorefa::getWeightRange(const ProductShape &shape,
                                          AffineAttr weight) {
  IntegerRange stored{0, getLargestStored(shape.weightCode)};
  if (!weight)
    return stored;
  auto [low, high] =
      std::minmax_element(weight.getZero().begin(), weight.getZero().end());
  return stored.scaledBy(weight.getStep()) + IntegerRange{-*high, -*low};
}

IntegerRange mlir::dorefa::getStoredSumRange(const ProductShape &shape,
                                             AffineAttr weight) {
  return getWeightRange(shape, weight).withZero().scaledBy(
      shape.getTaps() * shape.getGroupInputs() * getLargestStored(shape.inputCode));
}

bool mlir::dorefa::hasNarrowDirectSums(const ProductShape &shape,
                                       AffineAttr weight) {
  if (!shape.isDepthwise() || !shape.isOfCodes() ||
      std::max(shape.inputCode.getBits(), shape.weightCode.getBits()) > 8)
    return false;
  IntegerRange sums = getStoredSumRange(shape, weight);
  return llvm::isInt<16>(sums.low) && llvm::isInt<16>(sums.high);
}
