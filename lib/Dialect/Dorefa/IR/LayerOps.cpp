//===- LayerOps.cpp - verifiers of the layer level ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A layer is checked from the inside out: each product's shape and accumulator,
// then the epilogue's arguments against parameters and residuals, then the
// yielded types and the shape behind the pool. Packed layers differ in that
// parameters may have padded channels, and accumulators 16 bits.
//
//===----------------------------------------------------------------------===//

#include "ShapeVerification.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Dialect/Dorefa/IR/WindowGeometry.h"

using namespace mlir;
using namespace mlir::dorefa;

#define GET_OP_CLASSES
#include "dorefa/Dialect/Dorefa/IR/DorefaOps.cpp.inc"

LogicalResult CountThresholdsOp::verify() {
  if (cast<VectorType>(getThresholds().getType()).getElementType() !=
      getValue().getType())
    return emitOpError() << "expected thresholds of type "
                         << getValue().getType() << ", but got "
                         << getThresholds().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// The shape of one product's result; failure if it does not fit together.
static FailureOr<SmallVector<int64_t>>
getProductShape(ProductAttr product, ArrayRef<int64_t> input, Value weight) {
  ConvAttr geometry = product.getGeometry();
  if (product.getKind() == ProductKind::Sum)
    return getPoolShape(input, product.getKernel(), geometry.getStrides(),
                        geometry.getPads(), geometry.getDilations());
  return getConvShape(input, shapeOf(weight), geometry.getStrides(),
                      geometry.getPads(), geometry.getDilations(),
                      geometry.getGroups());
}

Value LayerOp::getWeightOf(unsigned i) {
  if (getProduct(i).getKind() != ProductKind::Conv)
    return {};
  unsigned index = 0;
  for (unsigned before = 0; before < i; ++before)
    index += getProduct(before).getKind() == ProductKind::Conv;
  return getWeights()[index];
}

SmallVector<int64_t> LayerOp::getIterationShape() {
  if (getProducts().empty())
    return SmallVector<int64_t>(
        shapeOf(getPool() ? getResiduals().front() : getOutputs().front()));
  FailureOr<SmallVector<int64_t>> shape = getProductShape(
      getProduct(0), shapeOf(getInputs()[0]), getWeightOf(0));
  return succeeded(shape) ? *shape : SmallVector<int64_t>();
}

/// The number of operands a product list calls for, and what each must be.
static LogicalResult verifyProducts(LayerOp op) {
  size_t numWeights = llvm::count_if(op.getProducts(), [](Attribute product) {
    return cast<ProductAttr>(product).getKind() == ProductKind::Conv;
  });
  if (op.getInputs().size() != op.getProducts().size() ||
      op.getWeights().size() != numWeights)
    return op.emitOpError() << "expected one input a product and one weight a "
                               "convolution, but got "
                            << op.getInputs().size() << " and "
                            << op.getWeights().size();
  SmallVector<int64_t> iteration = op.getIterationShape();
  for (unsigned i = 0, end = op.getProducts().size(); i < end; ++i) {
    ProductAttr product = op.getProduct(i);
    Value input = op.getInputs()[i], weight = op.getWeightOf(i);
    FailureOr<SmallVector<int64_t>> shape =
        getProductShape(product, shapeOf(input), weight);
    if (failed(shape) || *shape != iteration)
      return op.emitOpError() << "product " << i
                              << ": input, weights and geometry do not fit "
                                 "together, or not with the first product";
    bool codes = !typeOf(input).getElementType().isF32();
    if (weight && codes != !typeOf(weight).getElementType().isF32())
      return op.emitOpError() << "product " << i
                              << ": expected codes twice or reals twice";
    if (!codes && (product.getInput() || product.getWeight()))
      return op.emitOpError() << "product " << i
                              << ": reals have no input or weight affine";
    Type accumulator = op.getAccumulator(i).getType();
    bool narrow = op.getPacked() && accumulator.isInteger(16);
    bool fits = accumulator.isInteger(32) || accumulator.isInteger(64);
    if (codes ? !narrow && !fits : !accumulator.isF32())
      return op.emitOpError()
             << "product " << i << ": expected an accumulator of type "
             << (codes ? "i32 or i64" : "f32") << ", but got " << accumulator;
  }
  return success();
}

static LogicalResult verifyEpilogueArguments(LayerOp op,
                                             ArrayRef<int64_t> iteration) {
  size_t numArguments = op.getProducts().size() + op.getParameters().size() +
                        op.getResiduals().size();
  if (op.getEpilogue().getNumArguments() != numArguments)
    return op.emitOpError() << "expected an epilogue of " << numArguments
                            << " arguments, but got "
                            << op.getEpilogue().getNumArguments();
  for (auto [i, parameter] : llvm::enumerate(op.getParameters())) {
    RankedTensorType type = typeOf(parameter);
    Type expected = type.getElementType();
    // Packed: thresholds x padded channels.
    unsigned channelDim = type.getRank() == 2 && op.getPacked() ? 1 : 0;
    if (type.getRank() == 2)
      expected = VectorType::get({type.getDimSize(1 - channelDim)}, expected);
    auto fits = [&](int64_t extent) {
      return op.getPacked() ? extent >= iteration[1] : extent == iteration[1];
    };
    if (type.getRank() > 2 ||
        (type.getRank() > 0 && !fits(type.getDimSize(channelDim))))
      return op.emitOpError() << "parameter " << i << ": expected rank 0, or "
                              << iteration[1] << " channels, but got " << type;
    if (op.getParameterArgument(i).getType() != expected)
      return op.emitOpError() << "parameter " << i
                              << ": expected an argument of type " << expected;
  }
  auto fits = [](auto extents) {
    auto [extent, full] = extents;
    // One value a group of channels counts for all of its channels.
    return extent > 0 && full % extent == 0;
  };
  for (auto [i, residual] : llvm::enumerate(op.getResiduals()))
    if (shapeOf(residual).size() != iteration.size() ||
        !llvm::all_of(llvm::zip(shapeOf(residual), iteration), fits) ||
        op.getResidualArgument(i).getType() !=
            typeOf(residual).getElementType())
      return op.emitOpError() << "residual " << i << ": expected shape ["
                              << ArrayRef<int64_t>(iteration)
                              << "] and an argument of its element type";
  return success();
}

LogicalResult LayerOp::verify() {
  if (getOutputs().empty())
    return emitOpError("expected at least one result");
  if (getProducts().empty() && getPool() && getResiduals().empty())
    return emitOpError("requires a product or a residual for a pool");
  // The accumulators' types are read below, so their number comes first.
  if (getEpilogue().getNumArguments() < getProducts().size())
    return emitOpError("expected one accumulator a product");
  if (failed(verifyProducts(*this)))
    return failure();
  SmallVector<int64_t> iteration = getIterationShape();
  if (iteration.size() < 2 || iteration.size() > 4)
    return emitOpError("expected a batch and a channel dimension and at most "
                       "two spatial ones");
  if (failed(verifyEpilogueArguments(*this, iteration)))
    return failure();

  SmallVector<int64_t> shape = iteration;
  if (getPool().has_value() != getPoolKind().has_value())
    return emitOpError("expected a kind with the pool's window");
  if (WindowAttr pool = getPoolAttr()) {
    FailureOr<SmallVector<int64_t>> pooled =
        getPoolShape(iteration, pool.getKernel(), pool.getStrides(),
                     pool.getPads(), pool.getDilations());
    if (failed(pooled) || (getPoolKind() != PoolKind::Max &&
                           getPoolKind() != PoolKind::Min))
      return emitOpError("expected a max or min pool that fits the results");
    shape = *pooled;
  }
  auto yield = cast<YieldOp>(getEpilogue().front().getTerminator());
  if (yield.getValues().size() != getOutputs().size())
    return emitOpError() << "expected " << getOutputs().size()
                         << " yielded values, but got "
                         << yield.getValues().size();
  for (auto [value, output] : llvm::zip(yield.getValues(), getOutputs())) {
    if (value.getType() != typeOf(output).getElementType())
      return emitOpError() << "yields " << value.getType() << " for "
                           << output.getType();
    if (failed(verifyShape(*this, shape, output)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Packed tensors
//===----------------------------------------------------------------------===//

static bool isPacked(Value value) {
  return isa_and_present<LayoutAttr, DigitsAttr>(typeOf(value).getEncoding());
}

/// A layout names the codes that it packs.
static LogicalResult verifySameCodes(Operation *op, Value packed, Value plain) {
  if (isa<LayoutAttr>(typeOf(packed).getEncoding()) &&
      (typeOf(packed).getElementType() != typeOf(plain).getElementType() ||
       getCode(packed.getType()) != getCode(plain.getType())))
    return op->emitOpError() << "expected the codes of " << typeOf(packed)
                             << ", but got " << typeOf(plain);
  return success();
}

LogicalResult PackOp::verify() {
  if (!isPacked(getResult()))
    return emitOpError() << "expected a result with a layout, but got "
                         << getResult().getType();
  if (failed(verifySameCodes(*this, getResult(), getInput())))
    return failure();
  // The digits count the input's dimensions.
  if (isa<DigitsAttr>(typeOf(getResult()).getEncoding()) &&
      typeOf(getInput()).getNumElements() ==
          typeOf(getResult()).getNumElements())
    return success();
  return verifyShape(*this, shapeOf(getInput()), getResult());
}

LogicalResult UnpackOp::verify() {
  if (!isPacked(getInput()) || isPacked(getResult()))
    return emitOpError("expected a packed input and a row-major result");
  auto digits = dyn_cast<DigitsAttr>(typeOf(getInput()).getEncoding());
  if (digits && digits.getWinograd())
    return emitOpError("transformed kernels cannot be unpacked");
  if (failed(verifySameCodes(*this, getInput(), getResult())))
    return failure();
  return verifyShape(*this, shapeOf(getInput()), getResult());
}

LogicalResult WindowSumOp::verify() {
  RankedTensorType input = typeOf(getInput());
  auto layout = dyn_cast_if_present<LayoutAttr>(input.getEncoding());
  if (!layout || !layout.getCode())
    return emitOpError() << "expected packed codes, but got " << input;
  ConvAttr geometry = getGeometry();
  FailureOr<SmallVector<int64_t>> shape =
      getPoolShape(input.getShape(), getKernel(), geometry.getStrides(),
                   geometry.getPads(), geometry.getDilations());
  int64_t groups = geometry.getGroups(), channels = input.getDimSize(1);
  if (failed(shape) || channels % groups != 0)
    return emitOpError() << "input [" << input.getShape() << "], kernel ["
                         << getKernel() << "] and " << geometry
                         << " do not fit together";
  // A group begins with a byte of its own.
  int64_t wordChannels = layout.getWordChannels();
  if (groups > 1 && channels / groups % wordChannels != 0)
    return emitOpError() << "expected groups of a multiple of " << wordChannels
                         << " channels, but got " << channels / groups;
  SmallVector<int64_t> border(layout.getBorder());
  border.resize(geometry.getPads().size());
  for (auto [width, pad] : llvm::zip(border, geometry.getPads()))
    if (width < pad)
      return emitOpError() << "expected a border that holds the padding ["
                           << geometry.getPads() << "], but got [" << border
                           << "]";
  (*shape)[1] = groups;
  return verifyShape(*this, *shape, getResult());
}
