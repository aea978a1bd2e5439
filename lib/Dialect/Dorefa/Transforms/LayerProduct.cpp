//===- LayerProduct.cpp - contractions as products of a layer -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Every contraction as one of the two products that layers have. A matrix
// product is a convolution without spatial dimensions and with its weights
// transposed; behind a flatten it is one whose kernel is the whole image, so
// that the flatten goes. Sums, averages and reductions over spatial dimensions
// are sums over a window, with the division left to the epilogue. What does not
// fit is refused with a reason for the user.
//
//===----------------------------------------------------------------------===//

#include "LayerProduct.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

static FailureOr<LayerProduct> refuse(std::string &reason, const Twine &text) {
  reason = text.str();
  return failure();
}

//===----------------------------------------------------------------------===//
// What coded products have in common
//===----------------------------------------------------------------------===//

/// The affine of an operand whose zero points may vary along dimension `axis`;
/// null for the identity.
static FailureOr<AffineAttr> getAffine(const CodedOperand &operand,
                                       int64_t axis) {
  if (operand.zero.empty() ||
      (operand.zero.size() > 1 && operand.axis != axis))
    return failure();
  AffineAttr affine = AffineAttr::get(operand.dequantize->getContext(),
                                      operand.step, operand.zero);
  return affine.isIdentity() ? AffineAttr() : affine;
}

/// Fills in what follows from the codes: accumulator and scale.
static LogicalResult setCoded(LayerProduct &product,
                              const CodedContraction &coded, int64_t axis,
                              std::string &reason) {
  std::optional<SmallVector<float>> scale = coded.getScale(axis);
  if (!scale) {
    reason = "its scale is not constant, or varies along another dimension "
             "than the channels";
    return failure();
  }
  if (!coded.fits()) {
    reason = "its integer sums need " + std::to_string(coded.getSumBits()) +
             " bits, more than 62";
    return failure();
  }
  MLIRContext *context = product.contraction->getContext();
  product.isCoded = true;
  product.accumulator = IntegerType::get(context, coded.needsInt64() ? 64 : 32);
  product.scale = getFloatElements(context, *scale);
  return success();
}

/// Takes `input` in the given shape.
static void setInput(LayerProduct &product, Value input,
                     ArrayRef<int64_t> shape) {
  OpBuilder builder(product.contraction);
  product.input = ReshapeOp::create(builder, input.getLoc(),
                                    typeOf(input).clone(shape), input);
}

/// The tensor that a product sums: codes, or the contraction's own operand.
static Value getSummed(LayerProduct &product, const CodedContraction *coded) {
  return coded ? coded->operands.front().getCodes()
               : product.contraction->getOperand(0);
}

static FailureOr<LayerProduct> refuseZero(std::string &reason) {
  return refuse(reason, "its zero points vary along a dimension that products "
                        "of codes do not support");
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

static FailureOr<LayerProduct> getConvProduct(ConvOp op, LayerProduct product,
                                              const CodedContraction *coded,
                                              std::string &reason) {
  AffineAttr input, weight;
  product.weight = op.getWeight();
  if (coded) {
    product.weight = coded->operands[1].getCodes();
    FailureOr<AffineAttr> inputAffine = getAffine(coded->operands[0], 1);
    FailureOr<AffineAttr> weightAffine = getAffine(coded->operands[1], 0);
    if (failed(inputAffine) || failed(weightAffine))
      return refuseZero(reason);
    input = *inputAffine;
    weight = *weightAffine;
  }
  auto constant = op.getWeight().getDefiningOp();
  if (!constant || !(isa<arith::ConstantOp>(constant) ||
                     (isa<DequantizeOp>(constant) &&
                      constant->getOperand(0)
                          .getDefiningOp<arith::ConstantOp>())))
    return refuse(reason, "its weights are not constant");
  product.product =
      ProductAttr::get(op.getContext(), ProductKind::Conv, op.getGeometry(),
                       /*kernel=*/{}, input, weight, /*channelsFirst=*/false);
  setInput(product, getSummed(product, coded), shapeOf(op.getInput()));
  product.shape.assign(shapeOf(op.getResult()));
  return product;
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// Behind `value`, if it is a flatten of all dimensions but the first: the
/// value in front of it.
static Value getUnflattened(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  if (!reshape)
    return {};
  ArrayRef<int64_t> from = shapeOf(reshape.getInput()), to = shapeOf(value);
  // One channel is in memory as the vector is, and would be padded to several.
  bool isFlatten = to.size() == 2 && (from.size() == 3 || from.size() == 4) &&
                   from[0] == to[0] && from[1] != to[1] && from[1] != 1;
  return isFlatten ? reshape.getInput() : Value();
}

/// The zero points one a channel, of those one an element of the flattened
/// dimension; or nothing if they vary inside a channel.
static FailureOr<AffineAttr> unflattenAffine(AffineAttr affine,
                                             int64_t channels) {
  if (!affine || affine.getZero().size() == 1)
    return affine;
  ArrayRef<int64_t> zero = affine.getZero();
  SmallVector<int64_t> perChannel;
  size_t pixels = zero.size() / channels;
  for (size_t first = 0; first < zero.size(); first += pixels) {
    if (!llvm::all_equal(zero.slice(first, pixels)))
      return failure();
    perChannel.push_back(zero[first]);
  }
  return AffineAttr::get(affine.getContext(), affine.getStep(), perChannel);
}

/// The constant `value` of K x N, behind leading dimensions of extent 1, as
/// N x K and then reshaped to `shape`. Null if it is no constant.
static Value getTransposedWeight(Value value, ArrayRef<int64_t> shape,
                                 OpBuilder &builder) {
  ArrayRef<int64_t> from = shapeOf(value);
  int64_t rank = from.size(), rows = from[rank - 2], columns = from[rank - 1];
  Location loc = value.getLoc();
  if (auto dequantize = value.getDefiningOp<DequantizeOp>()) {
    Value codes = getTransposedWeight(dequantize.getInput(), shape, builder);
    int64_t axis = static_cast<int64_t>(dequantize.getAxis());
    bool isSingle = typeOf(dequantize.getScale()).getNumElements() == 1 &&
                    typeOf(dequantize.getZeroPoint()).getNumElements() == 1;
    if (!codes || (!isSingle && axis != rank - 1))
      return {};
    return DequantizeOp::create(
        builder, loc, RankedTensorType::get(shape, builder.getF32Type()), codes,
        dequantize.getScale(), dequantize.getZeroPoint(), /*axis=*/0,
        dequantize.getStep());
  }
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                           : DenseElementsAttr();
  if (!elements)
    return {};
  DenseElementsAttr transposed = transposeMatrix(elements, rows, columns);
  if (!transposed)
    return {};
  return arith::ConstantOp::create(
      builder, loc,
      transposed.reshape(RankedTensorType::get(
          shape, transposed.getElementType(),
          cast<RankedTensorType>(transposed.getType()).getEncoding())));
}

static FailureOr<LayerProduct> getMatmulProduct(MatmulOp op,
                                                LayerProduct product,
                                                const CodedContraction *coded,
                                                std::string &reason) {
  ArrayRef<int64_t> lhs = shapeOf(op.getLhs()), rhs = shapeOf(op.getRhs());
  int64_t rank = lhs.size(), depth = lhs[rank - 1], columns = rhs[rank - 1];
  if (llvm::any_of(rhs.drop_back(2), [](int64_t e) { return e != 1; }))
    return refuse(reason, "it is a batch of matrix products");

  MLIRContext *context = op.getContext();
  AffineAttr input, weight;
  Value weightValue = op.getRhs();
  if (coded) {
    weightValue = coded->operands[1].getCodes();
    FailureOr<AffineAttr> inputAffine = getAffine(coded->operands[0], rank - 1);
    FailureOr<AffineAttr> weightAffine =
        getAffine(coded->operands[1], rank - 1);
    if (failed(inputAffine) || failed(weightAffine))
      return refuseZero(reason);
    input = *inputAffine;
    weight = *weightAffine;
  }

  int64_t rows = ShapedType::getNumElements(lhs.drop_back());
  Value summed = getSummed(product, coded);
  SmallVector<int64_t> inputShape = {rows, depth};
  product.shape = {rows, columns};
  SmallVector<int64_t> weightShape = {columns, depth};
  if (Value image = getUnflattened(summed)) {
    ArrayRef<int64_t> shape = shapeOf(image);
    FailureOr<AffineAttr> affine = unflattenAffine(input, shape[1]);
    if (succeeded(affine)) {
      input = *affine;
      summed = image;
      inputShape.assign(shape.begin(), shape.end());
      product.shape.append(shape.size() - 2, 1);
      weightShape.assign(shape);
      weightShape[0] = columns;
    }
  }
  setInput(product, summed, inputShape);
  OpBuilder builder(op);
  product.weight = getTransposedWeight(weightValue, weightShape, builder);
  if (!product.weight)
    return refuse(reason, "its second operand is not constant");
  unsigned spatialRank = weightShape.size() - 2;
  product.product = ProductAttr::get(
      context, ProductKind::Conv, ConvAttr::getUnit(context, spatialRank),
      /*kernel=*/{}, input, weight,
      /*channelsFirst=*/!coded && spatialRank > 0);
  return product;
}

//===----------------------------------------------------------------------===//
// Sums and averages over windows
//===----------------------------------------------------------------------===//

/// The number of window positions inside the image along each spatial
/// dimension, multiplied: one count an element of `shape`.
static DenseElementsAttr countInside(WindowAttr window,
                                     ArrayRef<int64_t> inputShape,
                                     ArrayRef<int64_t> shape) {
  SmallVector<SmallVector<int64_t>> counts;
  for (size_t d = 0; d < window.getKernel().size(); ++d) {
    SmallVector<int64_t> &inside = counts.emplace_back();
    for (int64_t i = 0; i < shape[2 + d]; ++i) {
      int64_t first = i * window.getStrides()[d] - window.getPads()[d];
      inside.push_back(llvm::count_if(
          llvm::seq<int64_t>(0, window.getKernel()[d]), [&](int64_t k) {
            int64_t position = first + k * window.getDilations()[d];
            return position >= 0 && position < inputShape[2 + d];
          }));
    }
  }
  int64_t images = shape[0] * shape[1], columns = shape.back();
  SmallVector<float> values;
  for (int64_t image = 0; image < images; ++image)
    for (int64_t first : counts.front()) {
      if (counts.size() == 1) {
        values.push_back(first);
        continue;
      }
      for (int64_t column = 0; column < columns; ++column)
        values.push_back(first * counts.back()[column]);
    }
  Type f32 = Float32Type::get(window.getContext());
  return reduceToLayer(DenseElementsAttr::get(RankedTensorType::get(shape, f32),
                                              ArrayRef<float>(values)),
                       shape);
}

static FailureOr<LayerProduct>
getSumProduct(LayerProduct product, WindowAttr window, bool isAverage,
              bool countPadding, const CodedContraction *coded,
              std::string &reason) {
  Operation *op = product.contraction;
  if (window.getKernel().size() > 2)
    return refuse(reason, "its window has more than two dimensions");
  AffineAttr input;
  if (coded) {
    FailureOr<AffineAttr> affine = getAffine(coded->operands[0], 1);
    if (failed(affine))
      return refuseZero(reason);
    input = *affine;
  }
  MLIRContext *context = op->getContext();
  ArrayRef<int64_t> inputShape = shapeOf(op->getOperand(0));
  setInput(product, getSummed(product, coded), inputShape);
  product.shape.assign(shapeOf(op->getResult(0)));
  product.product = ProductAttr::get(
      context, ProductKind::Sum,
      ConvAttr::get(context, window.getStrides(), window.getPads(),
                    window.getDilations(), /*groups=*/1),
      window.getKernel(), input, /*weight=*/{}, /*channelsFirst=*/false);
  if (!isAverage)
    return product;
  bool isPadded = llvm::any_of(window.getPads(), [](int64_t p) { return p; });
  float size = ShapedType::getNumElements(window.getKernel());
  product.divisor = isPadded && !countPadding
                        ? countInside(window, inputShape, product.shape)
                        : getFloatElements(context, size);
  return product;
}

static FailureOr<LayerProduct> getReduceProduct(ReduceOp op,
                                                LayerProduct product,
                                                const CodedContraction *coded,
                                                std::string &reason) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  if (!coded)
    return refuse(reason, "reductions of reals have their own order of sums");
  if (shape.size() < 3 || shape.size() > 4 ||
      llvm::any_of(op.getAxes(), [](int64_t axis) { return axis < 2; }))
    return refuse(reason, "it does not reduce along spatial dimensions alone");
  SmallVector<int64_t> kernel(shape.size() - 2, 1), ones(shape.size() - 2, 1),
      zeros(2 * kernel.size(), 0);
  for (int64_t axis : op.getAxes())
    kernel[axis - 2] = shape[axis];
  return getSumProduct(
      product, WindowAttr::get(op.getContext(), kernel, ones, zeros, ones),
      op.getKind() == ReduceKind::Mean, /*countPadding=*/false, coded, reason);
}

FailureOr<LayerProduct>
mlir::dorefa::getLayerProduct(Operation *contraction, std::string &reason) {
  auto isEmpty = [](Value value) {
    return typeOf(value).getNumElements() == 0;
  };
  if (llvm::any_of(contraction->getOperands(), isEmpty) ||
      isEmpty(contraction->getResult(0)))
    return refuse(reason, "it has an empty tensor");
  std::optional<CodedContraction> coded = getCodedContraction(contraction);
  LayerProduct product;
  product.contraction = contraction;
  product.accumulator = Float32Type::get(contraction->getContext());
  int64_t resultRank = shapeOf(contraction->getResult(0)).size();
  int64_t channelAxis = isa<MatmulOp>(contraction) ? resultRank - 1 : 1;
  if (coded && failed(setCoded(product, *coded, channelAxis, reason)))
    return failure();
  const CodedContraction *codes = coded ? &*coded : nullptr;
  return TypeSwitch<Operation *, FailureOr<LayerProduct>>(contraction)
      .Case([&](ConvOp op) {
        return getConvProduct(op, product, codes, reason);
      })
      .Case([&](MatmulOp op) {
        return getMatmulProduct(op, product, codes, reason);
      })
      .Case([&](PoolOp op) {
        return getSumProduct(product, op.getWindow(),
                             op.getKind() == PoolKind::Average,
                             op.getCountPadding(), codes, reason);
      })
      .Case([&](ReduceOp op) {
        return getReduceProduct(op, product, codes, reason);
      });
}
