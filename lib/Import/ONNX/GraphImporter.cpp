//===- GraphImporter.cpp - an ONNX graph as a function ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The driver of the import: arguments, initializers, then the nodes in order by
// the table of operators, then the outputs, whose declared types and shapes are
// checked. A node's number of inputs and unknown attributes are checked here
// for all operators.
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "Operators.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;


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
    if (input.isShared)
      function.setArgAttr(i, sharedAttribute, UnitAttr::get(context));
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

/// What the file declares an output to be must not contradict what it is.
static LogicalResult checkDeclaration(const OnnxModel &model,
                                      const onnx::ValueInfoProto &output,
                                      const ImportedTensor &tensor,
                                      bool checksShape) {
  const onnx::TypeProto::Tensor &type = output.type().tensor_type();
  auto declared = static_cast<ElementType>(type.elem_type());
  if (type.elem_type() != 0 && declared != tensor.type)
    return model.emitError()
           << "output " << quoteName(output.name()) << " is declared "
           << getElementTypeName(declared) << ", but is "
           << getElementTypeName(tensor.type);
  if (!checksShape || !type.has_shape())
    return success();
  auto shape = cast<RankedTensorType>(tensor.value.getType()).getShape();
  bool fits = type.shape().dim_size() == static_cast<int>(shape.size());
  std::string text;
  for (auto [i, dimension] : llvm::enumerate(type.shape().dim())) {
    // Symbols stand for any extent, and so does 0.
    int64_t extent = dimension.has_dim_value() ? dimension.dim_value() : 0;
    text += (i ? ", " : "") + (extent ? std::to_string(extent) : "?");
    fits = fits && (extent == 0 || extent == shape[i]);
  }
  if (fits)
    return success();
  return model.emitError() << "output " << quoteName(output.name())
                           << " is declared with the shape [" << text
                           << "], but has [" << shape << "]";
}

/// Ends the function by returning the graph's outputs.
static LogicalResult importOutputs(ImportState &state, func::FuncOp function,
                                   bool checksShapes) {
  OnnxModel &model = state.model;
  const onnx::GraphProto &graph = model.getGraph();
  llvm::StringSet<> names;
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    auto it = state.tensors.find(output.name());
    if (it == state.tensors.end())
      return model.emitError() << "output " << quoteName(output.name())
                               << describeMissing(graph, output.name());
    if (!names.insert(output.name()).second)
      return model.emitError() << "output " << quoteName(output.name())
                               << " is declared twice";
    if (failed(checkDeclaration(model, output, it->second, checksShapes)))
      return failure();
    auto [value, type] = it->second;
    Type element = getElementTypeOrSelf(value.getType());
    // The integers of a product are reals here, and only a cast may read them.
    bool isDeclaredReal = type == ElementType::Float;
    if (isa<FloatType>(element) && !(element.isF32() && isDeclaredReal))
      return model.emitError()
             << "output " << quoteName(output.name())
             << ": unsupported element type " << getElementTypeName(type)
             << (element.isF32() ? " of a product's sums: a Cast to FLOAT "
                                   "behind them is supported"
                                 : ": FLOAT, INT32, INT64 and codes are "
                                   "supported");
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

std::string onnx_import::describeNode(Location loc) {
  auto name = dyn_cast<NameLoc>(loc);
  auto type = name ? dyn_cast<NameLoc>(name.getChildLoc()) : NameLoc();
  if (!type)
    return "";
  return ("node " + Twine(quoteName(name.getName())) + " (" +
          type.getName().getValue() + ")")
      .str();
}

func::FuncOp onnx_import::getFunction(ModuleOp module) {
  return *module.getOps<func::FuncOp>().begin();
}

FailureOr<OwningOpRef<ModuleOp>>
onnx_import::importGraph(OnnxModel &model, ArrayRef<GraphInput> inputs,
                         bool hasDeclaredInputs) {
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
  if (failed(importOutputs(state, function, hasDeclaredInputs)))
    return failure();
  eraseUnusedConstants(function);
  return module;
}
