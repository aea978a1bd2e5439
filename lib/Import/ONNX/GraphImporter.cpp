//===- GraphImporter.cpp - an ONNX graph as a function ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

static constexpr StringLiteral nameAttribute = "dorefa.name";

static RankedTensorType getInputTensorType(const GraphInput &input,
                                           MLIRContext *context) {
  if (isCodeType(input.type))
    return getElementCode(input.type, context).getTensorType(input.shape);
  return RankedTensorType::get(input.shape,
                               getStorageType(input.type, context));
}

/// A function with the graph's inputs as arguments and an empty body.
static func::FuncOp createFunction(const OnnxModel &model, ModuleOp module,
                                   ArrayRef<GraphInput> inputs) {
  MLIRContext *context = model.getContext();
  SmallVector<Type> types;
  for (const GraphInput &input : inputs)
    types.push_back(getInputTensorType(input, context));
  StringRef name = model.getGraph().name();
  auto loc = NameLoc::get(StringAttr::get(context, name));
  auto function =
      func::FuncOp::create(loc, name.empty() ? "main" : name,
                           FunctionType::get(context, types, {}));
  module.push_back(function);
  Block *body = function.addEntryBlock();
  for (auto [i, input] : llvm::enumerate(inputs)) {
    auto inputName = StringAttr::get(context, input.name);
    function.setArgAttr(i, nameAttribute, inputName);
    body->getArgument(i).setLoc(NameLoc::get(inputName));
  }
  return function;
}

static LogicalResult importInitializers(ImportState &state) {
  OnnxModel &model = state.model;
  for (const onnx::TensorProto &tensor : model.getGraph().initializer()) {
    FailureOr<DenseElementsAttr> elements =
        model.readTensor(tensor, [&] { return model.emitError(); });
    if (failed(elements))
      return failure();
    auto name = StringAttr::get(model.getContext(), tensor.name());
    auto constant = arith::ConstantOp::create(
        state.builder, NameLoc::get(name), *elements);
    constant->setAttr("dorefa.value", name);
    state.tensors[tensor.name()] = ImportedTensor{
        constant, static_cast<ElementType>(tensor.data_type())};
  }
  return success();
}

static LogicalResult importNode(ImportState &state,
                                const onnx::NodeProto &proto) {
  NodeImporter node(state, proto);
  const Operator *entry = findOperator(proto.domain(), proto.op_type());
  if (!entry) {
    InFlightDiagnostic error = node.emitError();
    for (const onnx::AttributeProto &attribute : proto.attribute())
      if (attribute.has_g() || attribute.graphs_size() > 0)
        return error << "operators with subgraphs are not supported";
    error << "unsupported operator";
    if (!proto.domain().empty())
      error << " of domain " << quoteName(proto.domain());
    return error;
  }
  if (node.getNumInputs() < entry->minInputs ||
      node.getNumInputs() > entry->maxInputs) {
    InFlightDiagnostic error = node.emitError();
    error << "expected " << entry->minInputs;
    if (entry->maxInputs == anyNumber)
      error << " or more";
    else if (entry->maxInputs != entry->minInputs)
      error << " to " << entry->maxInputs;
    return error << " inputs, but got " << node.getNumInputs();
  }
  if (!node.hasOutput(0) && !node.hasOutput(1))
    return node.emitError() << "expected an output";
  if (failed(entry->import(node)) || node.hasFailed())
    return failure();
  return node.checkAttributesKnown();
}

/// Ends the function by returning the graph's outputs.
static LogicalResult importOutputs(ImportState &state, func::FuncOp function) {
  OnnxModel &model = state.model;
  const onnx::GraphProto &graph = model.getGraph();
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    auto it = state.tensors.find(output.name());
    if (it == state.tensors.end())
      return model.emitError() << "output " << quoteName(output.name())
                               << " is not defined";
    auto [value, type] = it->second;
    Type element = getElementTypeOrSelf(value.getType());
    // The integers of a product are reals here, and only a cast may read them.
    bool isDeclaredReal = type == ElementType::Float;
    if (isa<FloatType>(element) && !(element.isF32() && isDeclaredReal))
      return model.emitError()
             << "output " << quoteName(output.name())
             << ": unsupported element type " << getElementTypeName(type)
             << ": FLOAT and codes are supported";
    results.push_back(value);
    types.push_back(value.getType());
  }
  if (results.empty())
    return model.emitError() << "expected a graph with at least one output";
  MLIRContext *context = model.getContext();
  function.setFunctionType(FunctionType::get(
      context, function.getArgumentTypes(), types));
  for (auto [i, output] : llvm::enumerate(graph.output()))
    function.setResultAttr(i, nameAttribute,
                           StringAttr::get(context, output.name()));
  func::ReturnOp::create(state.builder, function.getLoc(), results);
  return success();
}

/// Constants that only shapes needed have served.
static void eraseUnusedConstants(func::FuncOp function) {
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(function.front())))
    if (isa<arith::ConstantOp>(op) && op.use_empty())
      op.erase();
}

func::FuncOp onnx_import::getFunction(ModuleOp module) {
  return *module.getOps<func::FuncOp>().begin();
}

FailureOr<OwningOpRef<ModuleOp>>
onnx_import::importGraph(OnnxModel &model, ArrayRef<GraphInput> inputs) {
  MLIRContext *context = model.getContext();
  if (model.getGraph().sparse_initializer_size() > 0)
    return model.emitError() << "sparse initializers are not supported";
  FailureOr<SmallVector<const onnx::NodeProto *>> nodes = sortNodes(model);
  if (failed(nodes))
    return failure();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  func::FuncOp function = createFunction(model, *module, inputs);
  ImportState state{model,
                    OpBuilder::atBlockEnd(&function.front()),
                    llvm::StringMap<ImportedTensor>(),
                    llvm::DenseMap<Value, Value>(),
                    llvm::DenseSet<Value>()};
  for (auto [input, argument] : llvm::zip(inputs, function.getArguments()))
    state.tensors[input.name] = ImportedTensor{argument, input.type};
  if (failed(importInitializers(state)))
    return failure();
  for (const onnx::NodeProto *node : *nodes)
    if (failed(importNode(state, *node)))
      return failure();
  if (failed(importOutputs(state, function)))
    return failure();
  eraseUnusedConstants(function);
  return module;
}
