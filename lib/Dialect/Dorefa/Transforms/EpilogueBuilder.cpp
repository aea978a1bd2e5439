//===- EpilogueBuilder.cpp - a cluster's ops on scalars -------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Scalars are made on demand, operands before the op; equal constants become
// one value, parameter or residual.
//
//===----------------------------------------------------------------------===//

#include "EpilogueBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

static Type scalarOf(Type type) {
  return cast<RankedTensorType>(type).getElementType();
}

bool mlir::dorefa::isBoolean(Type type) {
  return getElementTypeOrSelf(type).isInteger(1);
}

RankedTensorType mlir::dorefa::getBitType(Type type) {
  return CodeAttr::get(type.getContext(), /*isSigned=*/false, 1)
      .getTensorType(cast<RankedTensorType>(type).getShape());
}

Value mlir::dorefa::reshapeTo(OpBuilder &builder, Value tensor,
                              ArrayRef<int64_t> shape) {
  if (shapeOf(tensor) == shape)
    return tensor;
  RankedTensorType type = typeOf(tensor).clone(shape);
  return ReshapeOp::create(builder, tensor.getLoc(), type, tensor);
}

static DenseElementsAttr getBits(DenseElementsAttr booleans) {
  SmallVector<int8_t> bits;
  for (bool value : booleans.getValues<bool>())
    bits.push_back(value);
  return DenseElementsAttr::get(getBitType(booleans.getType()), ArrayRef(bits));
}

//===----------------------------------------------------------------------===//
// What an epilogue reads
//===----------------------------------------------------------------------===//

Value EpilogueBuilder::getParameter(DenseElementsAttr elements, Type argument,
                                    Location loc) {
  Value &known = constants[elements];
  if (!known) {
    parameters.push_back(arith::ConstantOp::create(outside, loc, elements));
    known = block.insertArgument(
        cluster.products.size() + parameters.size() - 1, argument, loc);
  }
  return known;
}

Value EpilogueBuilder::getResidual(Value tensor, Location loc) {
  auto [scalar, isNew] = scalars.try_emplace(tensor);
  if (!isNew)
    return scalar->second;
  Value stored = tensor;
  if (isBoolean(tensor.getType()))
    stored = storeBooleans(tensor, loc);
  residuals.push_back(reshapeTo(outside, stored, cluster.shape));
  scalar->second = block.addArgument(scalarOf(stored.getType()), loc);
  return scalar->second = getBoolean(scalar->second, tensor.getType(), loc);
}

static RankedTensorType getRealType(Value like) {
  return RankedTensorType::get(shapeOf(like),
                               Float32Type::get(like.getContext()));
}

/// The codes of booleans, by way of the reals 0 and 1.
Value EpilogueBuilder::storeBooleans(Value booleans, Location loc) {
  Value reals =
      arith::UIToFPOp::create(outside, loc, getRealType(booleans), booleans);
  return QuantizeOp::create(outside, loc, getBitType(booleans.getType()), reals,
                            Rounding::HalfEven, IntegerAttr(), IntegerAttr());
}

/// `scalar`, as boolean if it is the bit of one.
Value EpilogueBuilder::getBoolean(Value scalar, Type declared, Location loc) {
  if (!isBoolean(declared) || isBoolean(scalar.getType()))
    return scalar;
  return arith::TruncIOp::create(inside, loc, inside.getI1Type(), scalar);
}

Value EpilogueBuilder::getConstant(DenseElementsAttr elements, Location loc) {
  DenseElementsAttr reduced = elements.getType().getRank() <= 1
                                  ? elements
                                  : reduceToLayer(elements, cluster.shape);
  RankedTensorType type = cast<RankedTensorType>(reduced.getType());
  if (type.getRank() != 0 && isBoolean(type))
    return getBoolean(getConstant(getBits(reduced), loc), type, loc);
  if (type.getRank() == 1)
    return getParameter(reduced, type.getElementType(), loc);
  if (type.getRank() == 0) {
    auto element = cast<TypedAttr>(*reduced.getValues<Attribute>().begin());
    Value &known = constants[element];
    if (!known)
      known = arith::ConstantOp::create(inside, loc, element);
    return known;
  }
  Value &known = constants[reduced];
  if (!known)
    known = getResidual(arith::ConstantOp::create(outside, loc, reduced), loc);
  return known;
}

Value EpilogueBuilder::getConstantAlong(DenseElementsAttr elements,
                                        ArrayRef<int64_t> shape, int64_t axis,
                                        Location loc) {
  if (elements.getNumElements() == 1)
    return getConstant(
        elements.reshape(RankedTensorType::get({}, elements.getElementType())),
        loc);
  if (axis == 1 && shape == ArrayRef<int64_t>(cluster.shape))
    return getConstant(elements, loc);
  return getConstant(
      reduceToLayer(expandAlong(elements, shape, axis), cluster.shape), loc);
}

Value EpilogueBuilder::getScalar(Value tensor, Location loc) {
  if (Value known = scalars.lookup(tensor))
    return known;
  if (isConstant(tensor))
    return scalars[tensor] = getConstant(
               reduceToLayer(getConstantElements(tensor), cluster.shape), loc);
  auto dequantize = tensor.getDefiningOp<DequantizeOp>();
  if (dequantize && isConstant(dequantize.getScale()) &&
      isConstant(dequantize.getZeroPoint())) {
    // Not a reference into the map: what is emitted adds to it.
    Value scalar = emitDequantize(dequantize);
    return scalars[tensor] = scalar;
  }
  return getResidual(tensor, loc);
}

//===----------------------------------------------------------------------===//
// What an epilogue computes
//===----------------------------------------------------------------------===//

static bool isOne(DenseElementsAttr elements) {
  return elements.isSplat() &&
         elements.getSplatValue<APFloat>().isExactlyValue(1.0);
}

void EpilogueBuilder::emitProduct(unsigned index) {
  const LayerProduct &product = cluster.products[index];
  Location loc = product.contraction->getLoc();
  Value value = block.getArgument(index);
  if (product.isCoded) {
    value = arith::SIToFPOp::create(inside, loc, inside.getF32Type(), value);
    // Multiplication by 1 is the identity, bit for bit.
    if (!isOne(product.scale))
      value = arith::MulFOp::create(inside, loc, value,
                                    getConstant(product.scale, loc));
  }
  if (product.divisor && !isOne(product.divisor))
    value = arith::DivFOp::create(inside, loc, value,
                                  getConstant(product.divisor, loc));
  scalars[product.contraction->getResult(0)] = value;
}

Value EpilogueBuilder::emitBatchNorm(BatchNormOp op) {
  std::optional<BatchNormConstants> constants = getBatchNormConstants(op);
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  Location loc = op.getLoc();
  auto along = [&](ArrayRef<float> values) {
    return getConstantAlong(getFloatElements(op.getContext(), values), shape,
                            /*axis=*/1, loc);
  };
  Value input = getScalar(op.getInput(), loc);
  Value factor = along(constants->factor), addend = along(constants->addend);
  Value product = arith::MulFOp::create(inside, loc, input, factor);
  return arith::AddFOp::create(inside, loc, product, addend);
}

Value EpilogueBuilder::emitDequantize(DequantizeOp op) {
  Location loc = op.getLoc();
  CodeAttr code = op.getCode();
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  int64_t axis = op.getAxis(), step = op.getStep();
  SmallVector<int64_t> zeros = *getConstantIntegers(op.getZeroPoint());
  auto [lowest, highest] = std::minmax_element(zeros.begin(), zeros.end());
  bool isNarrow = llvm::isInt<32>(step * code.getMin() - *highest) &&
                  llvm::isInt<32>(step * code.getMax() - *lowest) &&
                  llvm::isInt<32>(step * code.getMax());
  IntegerType type = inside.getIntegerType(isNarrow ? 32 : 64);

  Value value = getScalar(op.getInput(), loc);
  if (value.getType() != type) {
    if (code.getIsSigned())
      value = arith::ExtSIOp::create(inside, loc, type, value);
    else
      value = arith::ExtUIOp::create(inside, loc, type, value);
  }
  if (step != 1)
    value = arith::MulIOp::create(
        inside, loc, value,
        arith::ConstantOp::create(inside, loc,
                                  inside.getIntegerAttr(type, step)));
  if (llvm::any_of(zeros, [](int64_t zero) { return zero != 0; })) {
    SmallVector<APInt> elements;
    for (int64_t zero : zeros)
      elements.emplace_back(type.getWidth(), zero, /*isSigned=*/true);
    auto zeroType =
        RankedTensorType::get(static_cast<int64_t>(elements.size()), type);
    Value zero = getConstantAlong(DenseElementsAttr::get(zeroType, elements),
                                  shape, axis, loc);
    value = arith::SubIOp::create(inside, loc, value, zero);
  }
  value = arith::SIToFPOp::create(inside, loc, inside.getF32Type(), value);
  DenseElementsAttr scale = getConstantElements(op.getScale());
  if (isOne(scale))
    return value;
  return arith::MulFOp::create(inside, loc, value,
                               getConstantAlong(scale, shape, axis, loc));
}

Value EpilogueBuilder::emitThresholds(QuantizeThresholdsOp op) {
  Location loc = op.getLoc();
  DenseElementsAttr thresholds = getConstantElements(op.getThresholds());
  int64_t count = shapeOf(op.getThresholds())[1], channels = cluster.shape[1];
  Type f32 = inside.getF32Type();
  if (shapeOf(op.getThresholds())[0] != channels) {
    SmallVector<float> row = llvm::to_vector(thresholds.getValues<float>());
    SmallVector<float> rows;
    for (int64_t channel = 0; channel < channels; ++channel)
      llvm::append_range(rows, row);
    thresholds = DenseElementsAttr::get(
        RankedTensorType::get({channels, count}, f32), ArrayRef<float>(rows));
  }
  Value input = getScalar(op.getInput(), loc);
  Value vector = getParameter(thresholds, VectorType::get({count}, f32), loc);
  return CountThresholdsOp::create(
      inside, loc, scalarOf(op.getResult().getType()), input, vector);
}

Value EpilogueBuilder::emitScalarOp(Operation *op) {
  OperationState state(op->getLoc(), op->getName());
  for (Value operand : op->getOperands())
    state.addOperands(getScalar(operand, op->getLoc()));
  state.addTypes(scalarOf(op->getResult(0).getType()));
  Operation *scalarOp =
      Operation::create(state.location, state.name, state.types, state.operands,
                        NamedAttrList(), op->getPropertiesStorage(),
                        /*successors=*/{}, /*numRegions=*/0);
  return inside.insert(scalarOp)->getResult(0);
}

void EpilogueBuilder::emit(Operation *op) {
  Value scalar =
      llvm::TypeSwitch<Operation *, Value>(op)
          .Case([&](QuantizeOp quantize) {
            Value input = getScalar(quantize.getInput(), op->getLoc());
            return QuantizeScalarOp::create(
                inside, op->getLoc(), scalarOf(quantize.getResult().getType()),
                input, quantize.getRounding(), quantize.getCode(),
                quantize.getMinAttr(), quantize.getMaxAttr());
          })
          .Case([&](QuantizeThresholdsOp op) { return emitThresholds(op); })
          .Case([&](BatchNormOp op) { return emitBatchNorm(op); })
          .Case([&](DequantizeOp op) { return emitDequantize(op); })
          .Case([&](ReshapeOp reshape) {
            return getScalar(reshape.getInput(), op->getLoc());
          })
          .Default([&](Operation *op) { return emitScalarOp(op); });
  scalars[op->getResult(0)] = scalar;
}
