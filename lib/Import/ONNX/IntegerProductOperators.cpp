//===- IntegerProductOperators.cpp - products of integer tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Products of integer tensors become products of dequantized ones with scale 1,
// which are exact, so that they run as products of codes like all others. Their
// INT32 results are held as reals: rounded sums, which a cast to FLOAT would
// give as well. A bias in integers is accepted only if no sum can exceed 2^24,
// below which both ways are equal.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "QuantizerBuilder.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

#include "ContractionBuilder.h"

/// The integers `q - z` as reals, for an exact product.
static Value getCentered(NodeImporter &node, size_t index, size_t zeroIndex,
                         int64_t axis) {
  Value codes = node.getCodes(index);
  ZeroPoints zeros = getZeroPoints(node, zeroIndex);
  if (!codes || node.hasFailed())
    return {};
  int64_t count = zeros.values.size();
  if (count == 1) {
    zeros.shape.clear();
  } else {
    int64_t rank = getShape(codes).size();
    axis = node.normalizeAxis(axis, rank);
    if (node.hasFailed() || zeros.shape.size() != 1 ||
        count != getShape(codes)[axis]) {
      node.emitError() << "unsupported zero points of shape ["
                       << ArrayRef(zeros.shape)
                       << "]: one for the tensor or one for each output "
                          "channel is supported";
      return {};
    }
    zeros.shape.assign(rank, 1);
    zeros.shape[axis] = count;
  }
  return createDequantize(node, codes, node.createSplat({}, 1), zeros);
}

/// The integers of these products are kept as the reals that they round to,
/// which is all that a cast to FLOAT sees of them.
static LogicalResult importConvInteger(NodeImporter &node) {
  Value input = getCentered(node, 0, 2, 0);
  Value weight = getCentered(node, 1, 3, 0);
  return node.setOutput(0, createConv(node, input, weight),
                        ElementType::Int32);
}

static LogicalResult importMatMulInteger(NodeImporter &node) {
  Value lhs = getCentered(node, 0, 2, -2);
  Value rhs = getCentered(node, 1, 3, -1);
  return node.setOutput(0, createMatmul(node, lhs, rhs), ElementType::Int32);
}

namespace {

/// The inputs of QLinearConv and QLinearMatMul, in this order.
enum QLinearInput : size_t { X, XScale, XZero, W, WScale, WZero, YScale, YZero,
                             Bias };

} // namespace

/// The factors `fl(fl(sx*sw) / sy)`, in the shape of the weights' scale.
static Value createRequantizationScale(NodeImporter &node, int64_t rank,
                                       int64_t axis) {
  for (QLinearInput index : {XScale, WScale, YScale})
    getScale(node, index);
  SmallVector<double> x = node.getNumbers(XScale, "scale");
  SmallVector<double> w = node.getNumbers(WScale, "scale");
  SmallVector<double> y = node.getNumbers(YScale, "scale");
  if (node.hasFailed())
    return {};
  if (x.size() != 1 || y.size() != 1 || w.empty()) {
    node.emitError() << "unsupported scales that differ between channels of "
                        "the input or the output";
    return {};
  }
  SmallVector<float> factors;
  for (double weightScale : w) {
    float product =
        static_cast<float>(x.front()) * static_cast<float>(weightScale);
    factors.push_back(product / static_cast<float>(y.front()));
  }
  SmallVector<int64_t> shape;
  if (factors.size() > 1) {
    shape.assign(rank, 1);
    shape[axis] = factors.size();
  }
  auto type = RankedTensorType::get(shape, node.getBuilder().getF32Type());
  return node.createConstant(DenseElementsAttr::get(type, ArrayRef(factors)));
}

/// Codes of `product * scale`, rounded before the zero point is added.
static LogicalResult setRequantized(NodeImporter &node, Value product,
                                    Value scale) {
  ElementType element = node.getInputType(YZero);
  ZeroPoints zeros = getZeroPoints(node, YZero);
  if (!product || !scale || node.hasFailed())
    return failure();
  if (zeros.values.size() != 1 || !isCodeType(element))
    return node.emitError() << "expected one zero point of an integer type "
                               "for the output";
  zeros.shape.clear();
  Value scaled = node.createBinary<arith::MulFOp>(product, scale);
  if (scaled && ArrayRef(getShape(scaled)) != getShape(product))
    return node.emitError() << "expected one scale for the tensor or for each "
                               "output channel";
  if (scaled && !zeros.isZero()) {
    scaled = node.create<math::RoundEvenOp>(scaled);
    scaled = node.createBinary<arith::AddFOp>(
        scaled, createRealZeroPoints(node, zeros));
  }
  return node.setOutput(
      0,
      createQuantize(node, scaled, Rounding::HalfEven,
                     getElementCode(element, node.getContext())),
      element);
}

static LogicalResult importQLinearMatMul(NodeImporter &node) {
  Value lhs = getCentered(node, X, XZero, -2);
  Value rhs = getCentered(node, W, WZero, -1);
  Value product = createMatmul(node, lhs, rhs);
  if (!product)
    return failure();
  int64_t rank = getShape(product).size();
  return setRequantized(node, product,
                        createRequantizationScale(node, rank, rank - 1));
}

/// Whether the sum of any product and its bias is exact in binary32, so that
/// adding the rounded bias to the rounded product is adding the integers.
static bool isBiasExact(NodeImporter &node) {
  DenseElementsAttr weights = node.getConstant(W),
                    bias = node.getConstant(Bias);
  CodeAttr code = getElementCode(node.getInputType(X), node.getContext());
  ZeroPoints xZero = getZeroPoints(node, XZero);
  ZeroPoints wZero = getZeroPoints(node, WZero);
  if (node.hasFailed() || !weights || !bias || !code ||
      weights.getNumElements() == 0 || bias.getNumElements() == 0)
    return false;
  double largestInput = 0;
  for (double zero : xZero.values)
    largestInput = std::max({largestInput, code.getMax() - zero,
                             zero - code.getMin()});
  SmallVector<double> w =
      readNumbers(weights, isSignedType(node.getInputType(W)));
  SmallVector<double> b = readNumbers(bias, /*isSigned=*/true);
  size_t channels = b.size(), perChannel = w.size() / channels;
  constexpr double maxExact = 1 << 24;
  for (size_t channel = 0; channel < channels; ++channel) {
    double zero = wZero.values[wZero.values.size() == 1 ? 0 : channel];
    double sum = 0;
    for (double weight : ArrayRef(w).slice(channel * perChannel, perChannel))
      sum += std::abs(weight - zero);
    if (sum * largestInput + std::abs(b[channel]) >= maxExact)
      return false;
  }
  return true;
}

static LogicalResult importQLinearConv(NodeImporter &node) {
  Value input = getCentered(node, X, XZero, 0);
  Value weight = getCentered(node, W, WZero, 0);
  Value product = createConv(node, input, weight);
  if (!product)
    return failure();
  ArrayRef<int64_t> shape = getShape(product);
  if (node.hasInput(Bias)) {
    Value bias = node.getCodes(Bias);
    if (!bias)
      return failure();
    if (getShape(bias) != shape.slice(1, 1))
      return node.emitError() << "expected a bias of shape [" << shape[1]
                              << "], but got [" << getShape(bias) << "]";
    if (!isBiasExact(node))
      return node.emitError()
             << "unsupported bias: its sum with the products can exceed 2^24; "
                "DequantizeLinear, Conv and QuantizeLinear are supported";
    SmallVector<int64_t> biasShape(shape.size(), 1);
    biasShape[1] = shape[1];
    Value reals =
        createDequantize(node, bias, node.createSplat({}, 1), ZeroPoints());
    product = node.createBinary<arith::AddFOp>(
        product, node.createReshape(reals, biasShape));
  }
  return setRequantized(
      node, product, createRequantizationScale(node, shape.size(), 1));
}

ArrayRef<Operator> onnx_import::getIntegerProductOperators() {
  static constexpr Operator operators[] = {
      {"ConvInteger", importConvInteger, 2, 4},
      {"MatMulInteger", importMatMulInteger, 2, 4},
      {"QLinearConv", importQLinearConv, 8, 9},
      {"QLinearMatMul", importQLinearMatMul, 8, 8},
  };
  return operators;
}
