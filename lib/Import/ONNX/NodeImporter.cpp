//===- NodeImporter.cpp - one ONNX node on its way into IR ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

// Larger integer constants are data, not shapes, and keep their ops.
static constexpr int64_t maxFoldedElements = 1 << 16;

// Parameters of operators, such as scales and indices, have fewer elements.
static constexpr int64_t maxParameters = 1 << 20;

static StringRef getNodeName(const onnx::NodeProto &proto) {
  if (!proto.name().empty())
    return proto.name();
  for (const std::string &output : proto.output())
    if (!output.empty())
      return output;
  return "unnamed";
}

static Location getNodeLoc(const onnx::NodeProto &proto, MLIRContext *context) {
  auto operation = NameLoc::get(
      StringAttr::get(context, proto.op_type().empty() ? "unnamed"
                                                       : proto.op_type()));
  return NameLoc::get(StringAttr::get(context, getNodeName(proto)), operation);
}

NodeImporter::NodeImporter(ImportState &state, const onnx::NodeProto &proto)
    : state(state), proto(proto), opset(state.model.getOpset(proto.domain())),
      loc(getNodeLoc(proto, state.model.getContext())) {}

InFlightDiagnostic NodeImporter::emitError() {
  if (std::exchange(reported, true))
    return {};
  return std::move(state.model.emitError()
                   << "node " << quoteName(getNodeName(proto)) << " ("
                   << StringRef(quoteName(proto.op_type())).drop_front()
                          .drop_back()
                   << "): ");
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

DenseElementsAttr onnx_import::getElements(Value value) {
  DenseElementsAttr elements;
  if (value && matchPattern(value, m_Constant(&elements)))
    return elements;
  return {};
}

bool NodeImporter::hasInput(size_t index) const {
  return index < getNumInputs() && !proto.input(index).empty();
}

ImportedTensor *NodeImporter::lookup(size_t index) {
  if (!hasInput(index)) {
    emitError() << "input " << index << " is missing";
    return nullptr;
  }
  auto it = state.tensors.find(proto.input(index));
  if (it == state.tensors.end()) {
    emitError() << "input " << quoteName(proto.input(index))
                << " is not defined";
    return nullptr;
  }
  return &it->second;
}

ElementType NodeImporter::getInputType(size_t index) {
  ImportedTensor *tensor = lookup(index);
  return tensor ? tensor->type : ElementType::Undefined;
}

Value NodeImporter::getStored(size_t index) {
  ImportedTensor *tensor = lookup(index);
  return tensor ? tensor->value : Value();
}

Value NodeImporter::getInput(size_t index) {
  ImportedTensor *tensor = lookup(index);
  if (!tensor)
    return {};
  Type element =
      cast<RankedTensorType>(tensor->value.getType()).getElementType();
  if (isa<FloatType>(element) && !element.isF32()) {
    emitError() << "unsupported element type "
                << getElementTypeName(tensor->type) << " of input "
                << quoteName(proto.input(index))
                << ": reals are FLOAT, others only as constants in front of "
                   "Cast";
    return {};
  }
  if (element.isF32() && tensor->type != ElementType::Float) {
    emitError() << "unsupported use of the integers of input "
                << quoteName(proto.input(index))
                << ": a product of integers must be cast to FLOAT first";
    return {};
  }
  return isCodeType(tensor->type) ? getCodes(index) : tensor->value;
}

Value NodeImporter::getReal(size_t index) {
  Value value = getInput(index);
  if (value && !isReal(value)) {
    emitError() << "expected input " << quoteName(proto.input(index))
                << " to be FLOAT, but got "
                << getElementTypeName(getInputType(index));
    return {};
  }
  return value;
}

Value NodeImporter::getCodes(size_t index) {
  ImportedTensor *tensor = lookup(index);
  if (!tensor)
    return {};
  Value value = tensor->value;
  if (getCode(value.getType()))
    return value;
  DenseElementsAttr elements = getElements(value);
  CodeAttr code = getElementCode(tensor->type, getContext());
  if (!elements || !code) {
    emitError() << "expected input " << quoteName(proto.input(index))
                << " to hold integers of at most 16 bits or constants of 32, "
                   "but got "
                << getElementTypeName(tensor->type);
    return {};
  }
  Value &codes = state.codeConstants[value];
  if (!codes) {
    RankedTensorType type = code.getTensorType(getShape(value));
    auto encoded = DenseElementsAttr::getFromRawBuffer(
        type, elements.getRawData());
    OpBuilder::InsertionGuard guard(state.builder);
    state.builder.setInsertionPointAfterValue(value);
    codes = arith::ConstantOp::create(state.builder, value.getLoc(), encoded);
  }
  return codes;
}

DenseElementsAttr NodeImporter::getConstant(size_t index) {
  ImportedTensor *tensor = lookup(index);
  return tensor ? getElements(tensor->value) : DenseElementsAttr();
}

SmallVector<double> onnx_import::readNumbers(DenseElementsAttr elements,
                                             bool isSigned) {
  SmallVector<double> numbers;
  numbers.reserve(elements.getNumElements());
  if (isa<FloatType>(elements.getElementType())) {
    for (APFloat value : elements.getValues<APFloat>()) {
      bool losesInfo;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
      numbers.push_back(value.convertToDouble());
    }
    return numbers;
  }
  for (const APInt &value : elements.getValues<APInt>())
    numbers.push_back(isSigned ? static_cast<double>(value.getSExtValue())
                               : static_cast<double>(value.getZExtValue()));
  return numbers;
}

SmallVector<double> NodeImporter::getNumbers(size_t index, StringRef what) {
  DenseElementsAttr elements = getConstant(index);
  if (!elements || elements.getNumElements() > maxParameters) {
    emitError() << "requires a constant " << what;
    return {};
  }
  return readNumbers(elements, isSignedType(getInputType(index)));
}

SmallVector<int64_t> NodeImporter::getIntegers(size_t index, StringRef what) {
  DenseElementsAttr elements = getConstant(index);
  if (!elements || elements.getNumElements() > maxParameters ||
      !isIntegerType(getInputType(index))) {
    emitError() << "requires constant integers as " << what;
    return {};
  }
  bool isSigned = isSignedType(getInputType(index));
  SmallVector<int64_t> integers;
  for (const APInt &value : elements.getValues<APInt>())
    integers.push_back(isSigned ? value.getSExtValue()
                                : static_cast<int64_t>(value.getZExtValue()));
  return integers;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

bool NodeImporter::hasOutput(size_t index) const {
  return index < getNumOutputs() && !proto.output(index).empty();
}

LogicalResult NodeImporter::setOutput(size_t index, Value value,
                                      ElementType type) {
  if (reported || !value)
    return failure();
  if (!hasOutput(index))
    return success();
  const std::string &name = proto.output(index);
  // Duplicates have been found when the nodes were sorted.
  state.tensors[name] = ImportedTensor{value, type};
  Operation *op = value.getDefiningOp();
  constexpr StringLiteral attribute = "dorefa.value";
  if (op && !op->hasAttr(attribute))
    op->setAttr(attribute, state.builder.getStringAttr(name));
  return success();
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

Value NodeImporter::createConstant(DenseElementsAttr elements) {
  return arith::ConstantOp::create(state.builder, loc, elements);
}

Value NodeImporter::createSplat(ArrayRef<int64_t> shape, float value) {
  auto type = RankedTensorType::get(shape, state.builder.getF32Type());
  return createConstant(DenseElementsAttr::get(type, value));
}

Value NodeImporter::createIntegers(ArrayRef<int64_t> values, bool isScalar) {
  SmallVector<int64_t> shape;
  if (!isScalar)
    shape.push_back(values.size());
  auto type = RankedTensorType::get(shape, state.builder.getI64Type());
  return createConstant(DenseElementsAttr::get(type, values));
}

RankedTensorType NodeImporter::getTypeLike(Value like,
                                           ArrayRef<int64_t> shape) {
  return cast<RankedTensorType>(like.getType()).clone(shape);
}

Value NodeImporter::createReshape(Value input, ArrayRef<int64_t> shape) {
  if (!input || ArrayRef(getShape(input)) == shape)
    return input;
  return create<ReshapeOp>(getTypeLike(input, shape), input);
}

Value NodeImporter::createTranspose(Value input,
                                    ArrayRef<int64_t> permutation) {
  if (!input)
    return {};
  SmallVector<int64_t> shape;
  for (int64_t dimension : permutation)
    shape.push_back(getShape(input)[dimension]);
  return create<TransposeOp>(getTypeLike(input, shape), input, permutation);
}

Value NodeImporter::createBroadcast(Value input, ArrayRef<int64_t> shape) {
  if (!input || getShape(input) == shape)
    return input;
  if (failed(checkShape(shape)))
    return {};
  return create<BroadcastOp>(getTypeLike(input, shape), input);
}

SmallVector<int64_t> NodeImporter::getCommonShape(ArrayRef<int64_t> lhs,
                                                  ArrayRef<int64_t> rhs) {
  if (lhs.size() < rhs.size())
    std::swap(lhs, rhs);
  SmallVector<int64_t> shape(lhs);
  size_t offset = lhs.size() - rhs.size();
  for (auto [i, extent] : llvm::enumerate(rhs)) {
    int64_t &common = shape[offset + i];
    if (common != extent && common != 1 && extent != 1) {
      emitError() << "shapes [" << lhs << "] and [" << rhs
                  << "] do not broadcast";
      return shape;
    }
    common = common == 1 ? extent : common;
  }
  return shape;
}

LogicalResult NodeImporter::broadcastBoth(Value &lhs, Value &rhs) {
  if (!lhs || !rhs)
    return failure();
  SmallVector<int64_t> shape = getCommonShape(getShape(lhs), getShape(rhs));
  if (reported)
    return failure();
  lhs = createBroadcast(lhs, shape);
  rhs = createBroadcast(rhs, shape);
  return success(lhs && rhs);
}

LogicalResult NodeImporter::checkShape(ArrayRef<int64_t> shape) {
  if (failed(countElements(shape)))
    return emitError() << "unsupported result of shape [" << shape
                       << "]: the product of the extents must be below 2^31";
  return failure(reported);
}

int64_t NodeImporter::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    emitError() << "expected an axis from " << -rank << " to " << rank - 1
                << ", but got " << axis;
    return 0;
  }
  return axis < 0 ? axis + rank : axis;
}

SmallVector<int64_t> NodeImporter::normalizeAxes(ArrayRef<int64_t> axes,
                                                 int64_t rank) {
  SmallVector<int64_t> normalized;
  for (int64_t axis : axes) {
    normalized.push_back(normalizeAxis(axis, rank));
    if (reported)
      return {};
  }
  llvm::sort(normalized);
  if (std::adjacent_find(normalized.begin(), normalized.end()) !=
      normalized.end()) {
    emitError() << "expected different axes, but got " << axes;
    return {};
  }
  return normalized;
}

/// The elements of a constant, also where it has been repeated to fit the
/// other operand of an elementwise op.
static DenseElementsAttr getRepeatedElements(Value value) {
  if (cast<RankedTensorType>(value.getType()).getNumElements() >
      maxFoldedElements)
    return {};
  if (DenseElementsAttr elements = getElements(value))
    return elements;
  auto broadcast = value.getDefiningOp<BroadcastOp>();
  return broadcast && getElements(broadcast.getInput())
             ? evaluateShapeOp(broadcast)
             : DenseElementsAttr();
}

/// Folds an op of another dialect whose operands are constants. An identity
/// gives one of these; an op may also change in place before it folds.
static DenseElementsAttr foldForeignOp(Operation *op) {
  constexpr int maxChanges = 2;
  for (int i = 0; i < maxChanges; ++i) {
    SmallVector<Attribute> constants;
    for (Value operand : op->getOperands())
      constants.push_back(getRepeatedElements(operand));
    SmallVector<OpFoldResult> results;
    if (failed(op->fold(constants, results)))
      return {};
    if (results.empty())
      continue;
    if (auto attribute = dyn_cast<Attribute>(results.front()))
      return dyn_cast<DenseElementsAttr>(attribute);
    return getRepeatedElements(cast<Value>(results.front()));
  }
  return {};
}

Value NodeImporter::foldIntegers(Operation *op) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  if (op->getNumOperands() == 0 || getCode(type) ||
      type.getNumElements() > maxFoldedElements)
    return result;
  bool isOurs = isa<DorefaDialect>(op->getDialect());
  // Our own ops are evaluated on constants alone.
  auto isFoldable = [&](Value operand) {
    return getRepeatedElements(operand) && (!isOurs || getElements(operand));
  };
  bool isFromShape = llvm::any_of(op->getOperands(), [&](Value operand) {
    return state.fromShapes.contains(operand);
  });
  if (isa<FloatType>(type.getElementType()) && !isFromShape)
    return result;
  SmallVector<Value> operands(op->getOperands());
  if (!llvm::all_of(operands, isFoldable))
    return result;
  DenseElementsAttr folded = isOurs ? evaluateShapeOp(op) : foldForeignOp(op);
  if (!folded)
    return result;
  op->erase();
  for (Value operand : operands)
    if (auto broadcast = operand.getDefiningOp<BroadcastOp>();
        broadcast && broadcast->use_empty())
      broadcast.erase();
  Value constant = createConstant(folded);
  if (isFromShape)
    state.fromShapes.insert(constant);
  return constant;
}
