//===- LayerBuilder.cpp - one cluster as one layer ------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The epilogue is the declared chain of ops on scalars: each tensor op of the
// cluster becomes the same op on its element. Constants become values in the
// epilogue, parameters of the channels, or, where they vary along other
// dimensions, residuals. Booleans enter and leave as codes of one bit, so that
// layouts and loops of layers know reals and codes only.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class LayerBuilder {
public:
  explicit LayerBuilder(LayerCluster &cluster)
      : cluster(cluster), outside(cluster.ops.back()),
        block(epilogue.emplaceBlock()), inside(outside.getContext()),
        members(cluster.ops.begin(), cluster.ops.end()) {
    inside.setInsertionPointToStart(&block);
  }

  /// Null if nothing outside reads a result.
  LayerOp build();

private:
  void emitProduct(LayerProduct &product, BlockArgument accumulator);
  void emit(Operation *op);
  Value emitScalarOp(Operation *op);
  Value emitThresholds(QuantizeThresholdsOp op);
  Value emitBatchNorm(BatchNormOp op);
  Value emitDequantize(DequantizeOp op);

  /// The scalar of a tensor of the graph.
  Value getScalar(Value tensor, Location loc);
  /// The scalar of a constant over the layer's positions.
  Value getConstant(DenseElementsAttr elements, Location loc);
  /// The scalar of a constant along dimension `axis` of a tensor of `shape`.
  Value getConstantAlong(DenseElementsAttr elements, ArrayRef<int64_t> shape,
                         int64_t axis, Location loc);
  Value getResidual(Value tensor, Location loc);
  Value getBoolean(Value scalar, Type declared, Location loc);
  Value storeBooleans(Value booleans, Location loc);
  Value loadBooleans(Value codes, Location loc);
  Value getParameter(DenseElementsAttr elements, Type argument, Location loc);
  Value reshape(Value tensor, ArrayRef<int64_t> shape);
  bool isReadOutside(Value value);
  void noteFloat(LayerOp layer);
  void replaceResults(LayerOp layer, ArrayRef<Value> yielded);

  LayerCluster &cluster;
  OpBuilder outside;
  /// The epilogue until the layer exists.
  Region epilogue;
  Block &block;
  OpBuilder inside;
  llvm::SmallPtrSet<Operation *, 16> members;
  DenseMap<Value, Value> scalars;
  DenseMap<Attribute, Value> constants;
  SmallVector<Value> inputs, weights, parameters, residuals;
  SmallVector<Attribute> products;
};
} // namespace

static Type scalarOf(Type type) {
  return cast<RankedTensorType>(type).getElementType();
}

static bool isBoolean(Type type) { return getElementTypeOrSelf(type).isInteger(1); }

/// Codes of one bit for the booleans of a tensor.
static RankedTensorType getBitType(Type type) {
  return CodeAttr::get(type.getContext(), /*isSigned=*/false, 1)
      .getTensorType(cast<RankedTensorType>(type).getShape());
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

Value LayerBuilder::reshape(Value tensor, ArrayRef<int64_t> shape) {
  if (shapeOf(tensor) == shape)
    return tensor;
  RankedTensorType type = typeOf(tensor).clone(shape);
  return ReshapeOp::create(outside, tensor.getLoc(), type, tensor);
}

Value LayerBuilder::getParameter(DenseElementsAttr elements, Type argument,
                                 Location loc) {
  Value &known = constants[elements];
  if (!known) {
    parameters.push_back(arith::ConstantOp::create(outside, loc, elements));
    known = block.insertArgument(products.size() + parameters.size() - 1,
                                 argument, loc);
  }
  return known;
}

Value LayerBuilder::getResidual(Value tensor, Location loc) {
  auto [scalar, isNew] = scalars.try_emplace(tensor);
  if (!isNew)
    return scalar->second;
  Value stored = tensor;
  if (isBoolean(tensor.getType()))
    stored = storeBooleans(tensor, loc);
  residuals.push_back(reshape(stored, cluster.shape));
  scalar->second = block.addArgument(scalarOf(stored.getType()), loc);
  return scalar->second = getBoolean(scalar->second, tensor.getType(), loc);
}

static RankedTensorType getRealType(Value like) {
  return RankedTensorType::get(shapeOf(like),
                               Float32Type::get(like.getContext()));
}

/// The codes of booleans, by way of the reals 0 and 1.
Value LayerBuilder::storeBooleans(Value booleans, Location loc) {
  Value reals =
      arith::UIToFPOp::create(outside, loc, getRealType(booleans), booleans);
  return QuantizeOp::create(outside, loc, getBitType(booleans.getType()), reals,
                            Rounding::HalfEven, IntegerAttr(), IntegerAttr());
}

Value LayerBuilder::loadBooleans(Value codes, Location loc) {
  auto constant = [&](Attribute value) -> Value {
    auto type = RankedTensorType::get({}, cast<TypedAttr>(value).getType());
    return arith::ConstantOp::create(outside, loc,
                                     DenseElementsAttr::get(type, value));
  };
  RankedTensorType type = getRealType(codes);
  Value reals = DequantizeOp::create(
      outside, loc, type, codes, constant(outside.getF32FloatAttr(1)),
      constant(outside.getI32IntegerAttr(0)), /*axis=*/0, /*step=*/1);
  Value zero = arith::ConstantOp::create(outside, loc,
                                         DenseElementsAttr::get(type, 0.0f));
  return arith::CmpFOp::create(outside, loc, arith::CmpFPredicate::UNE, reals,
                               zero);
}

/// `scalar`, as boolean if it is the bit of one.
Value LayerBuilder::getBoolean(Value scalar, Type declared, Location loc) {
  if (!isBoolean(declared) || isBoolean(scalar.getType()))
    return scalar;
  return arith::TruncIOp::create(inside, loc, inside.getI1Type(), scalar);
}

Value LayerBuilder::getConstant(DenseElementsAttr elements, Location loc) {
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

Value LayerBuilder::getConstantAlong(DenseElementsAttr elements,
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

Value LayerBuilder::getScalar(Value tensor, Location loc) {
  if (Value known = scalars.lookup(tensor))
    return known;
  if (isConstant(tensor))
    return scalars[tensor] =
               getConstant(reduceToLayer(getConstantElements(tensor),
                                         cluster.shape),
                           loc);
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
  return elements.isSplat() && elements.getSplatValue<APFloat>().isExactlyValue(1.0);
}

void LayerBuilder::emitProduct(LayerProduct &product,
                               BlockArgument accumulator) {
  Location loc = product.contraction->getLoc();
  Value value = accumulator;
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

Value LayerBuilder::emitBatchNorm(BatchNormOp op) {
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

Value LayerBuilder::emitDequantize(DequantizeOp op) {
  Location loc = op.getLoc();
  CodeAttr code = op.getCode();
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  int64_t axis = op.getAxis(), step = op.getStep();
  SmallVector<int64_t> zeros = *getConstantIntegers(op.getZeroPoint());
  auto [lowest, highest] = std::minmax_element(zeros.begin(), zeros.end());
  bool isNarrow =
      llvm::isInt<32>(step * code.getMin() - *highest) &&
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

Value LayerBuilder::emitThresholds(QuantizeThresholdsOp op) {
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

Value LayerBuilder::emitScalarOp(Operation *op) {
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

void LayerBuilder::emit(Operation *op) {
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

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

bool LayerBuilder::isReadOutside(Value value) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return !members.contains(user);
  });
}

/// Gives each value that is read outside the result that yields its scalar.
void LayerBuilder::replaceResults(LayerOp layer, ArrayRef<Value> yielded) {
  SmallVector<Attribute> names(yielded.size(), outside.getStringAttr(""));
  for (Operation *op : cluster.ops) {
    Value value = op->getResult(0);
    if (!isReadOutside(value))
      continue;
    size_t index = std::distance(
        yielded.begin(), llvm::find(yielded, scalars.lookup(value)));
    if (Attribute name = op->getAttr("dorefa.value"))
      names[index] = name;
    Value result = reshape(layer.getResult(index), shapeOf(value));
    if (isBoolean(value.getType()))
      result = loadBooleans(result, layer.getLoc());
    value.replaceUsesWithIf(result, [&](OpOperand &use) {
      return !members.contains(use.getOwner());
    });
  }
  if (llvm::all_of(names, [](Attribute name) {
        return cast<StringAttr>(name).empty();
      }))
    return;
  layer->setAttr("dorefa.value", names.size() == 1
                                     ? names.front()
                                     : outside.getArrayAttr(names));
}

/// Keeps on a layer of reals why it is one, for the report.
void LayerBuilder::noteFloat(LayerOp layer) {
  for (const LayerProduct &product : cluster.products) {
    std::string reason;
    if (getCodedContraction(product.contraction, &reason))
      continue;
    layer->setAttr("dorefa.float", outside.getStringAttr(reason));
    return;
  }
}

LayerOp LayerBuilder::build() {
  if (llvm::none_of(cluster.ops, [&](Operation *op) {
        return isReadOutside(op->getResult(0));
      }))
    return {};
  for (LayerProduct &product : cluster.products) {
    products.push_back(product.product);
    ReshapeOp input = product.input;
    inputs.push_back(reshape(input.getInput(), shapeOf(input.getResult())));
    if (product.weight)
      weights.push_back(product.weight);
    block.addArgument(product.accumulator, product.contraction->getLoc());
  }
  size_t numProducts = 0;
  for (Operation *op : cluster.ops) {
    if (numProducts < cluster.products.size() &&
        cluster.products[numProducts].contraction == op) {
      emitProduct(cluster.products[numProducts],
                  block.getArgument(numProducts));
      ++numProducts;
    } else {
      emit(op);
    }
  }

  // What the readers outside know as a value, and what is stored for it.
  SmallVector<Value> yielded, stored;
  SmallVector<Type> types;
  for (Operation *op : cluster.ops) {
    Value value = op->getResult(0), scalar = scalars.lookup(value);
    if (!isReadOutside(value) || llvm::is_contained(yielded, scalar))
      continue;
    yielded.push_back(scalar);
    RankedTensorType type = typeOf(value);
    if (isBoolean(type)) {
      type = getBitType(type);
      scalar = arith::ExtUIOp::create(inside, op->getLoc(),
                                      type.getElementType(), scalar);
    }
    stored.push_back(scalar);
    types.push_back(type.clone(cluster.shape));
  }
  Location loc = cluster.products.empty()
                     ? cluster.ops.back()->getLoc()
                     : cluster.products.front().contraction->getLoc();
  YieldOp::create(inside, loc, stored);
  auto layer =
      LayerOp::create(outside, loc, types, outside.getArrayAttr(products),
                      inputs, weights, parameters, residuals,
                      /*pool_kind=*/{}, /*pool=*/{}, /*schedule=*/{});
  outside.setInsertionPointAfter(layer);
  layer.getEpilogue().takeBody(epilogue);
  noteFloat(layer);
  replaceResults(layer, yielded);
  return layer;
}

LayerOp mlir::dorefa::buildLayer(LayerCluster &cluster) {
  return LayerBuilder(cluster).build();
}
