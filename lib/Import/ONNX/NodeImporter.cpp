//===- NodeImporter.cpp - one ONNX node: its inputs and results ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Inputs in the form in which an operator needs them: as stored, as reals, as
// codes, or as constant numbers. Constants of code types get their encoding
// only where they are read as codes, once each. Reals in integer types
// (products that wait for a cast) and small floats are refused anywhere else.
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

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
                << describeMissing(state.model.getGraph(), proto.input(index));
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
