//===- ConstantOperators.cpp - values known at import ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Operators whose result is known without running anything: constants, shapes
// and ranges. What comes from a shape is remembered as such, since arithmetic
// on it is evaluated during the import. Identity and Dropout, which pass their
// input on, stand here as well.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

static LogicalResult setTensor(NodeImporter &node,
                               const onnx::TensorProto &tensor) {
  FailureOr<DenseElementsAttr> elements = node.getState().model.readTensor(
      tensor, [&] { return node.emitError(); });
  if (failed(elements))
    return failure();
  return node.setOutput(0, node.createConstant(*elements),
                        static_cast<ElementType>(tensor.data_type()));
}

static LogicalResult setReals(NodeImporter &node, ArrayRef<float> values,
                              ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, node.getBuilder().getF32Type());
  return node.setReal(
      node.createConstant(DenseElementsAttr::get(type, values)));
}

static LogicalResult importConstant(NodeImporter &node) {
  if (node.hasAttribute("value")) {
    const onnx::TensorProto *tensor = node.getTensor("value");
    return tensor ? setTensor(node, *tensor) : failure();
  }
  if (node.hasAttribute("value_float"))
    return setReals(node, node.getFloat("value_float"), {});
  if (node.hasAttribute("value_floats")) {
    SmallVector<float> values = node.getFloats("value_floats");
    return setReals(node, values, {static_cast<int64_t>(values.size())});
  }
  if (node.hasAttribute("value_int"))
    return node.setOutput(
        0, node.createIntegers(node.getInt("value_int"), /*isScalar=*/true),
        ElementType::Int64);
  if (node.hasAttribute("value_ints"))
    return node.setOutput(0, node.createIntegers(node.getInts("value_ints")),
                          ElementType::Int64);
  for (StringRef name : {"sparse_value", "value_string", "value_strings"})
    if (node.hasAttribute(name))
      return node.emitError() << "unsupported attribute '" << name
                              << "': value, value_float, value_floats, "
                                 "value_int and value_ints are supported";
  return node.emitError() << "requires attribute 'value'";
}

static LogicalResult importConstantOfShape(NodeImporter &node) {
  SmallVector<int64_t> shape = node.getIntegers(0, "shape");
  if (node.hasFailed() || failed(node.checkShape(shape)))
    return failure();
  if (!node.hasAttribute("value"))
    return node.setReal(node.createSplat(shape, 0));
  const onnx::TensorProto *tensor = node.getTensor("value");
  if (!tensor)
    return failure();
  FailureOr<DenseElementsAttr> value = node.getState().model.readTensor(
      *tensor, [&] { return node.emitError(); });
  if (failed(value))
    return failure();
  if (value->getNumElements() != 1)
    return node.emitError() << "expected one element in attribute 'value', "
                               "but got "
                            << value->getNumElements();
  auto type = RankedTensorType::get(shape, value->getElementType());
  Attribute element = *value->getValues<Attribute>().begin();
  return node.setOutput(
      0, node.createConstant(DenseElementsAttr::get(type, element)),
      static_cast<ElementType>(tensor->data_type()));
}

static LogicalResult setShapeIntegers(NodeImporter &node,
                                      ArrayRef<int64_t> values,
                                      bool isScalar) {
  Value result = node.createIntegers(values, isScalar);
  node.getState().fromShapes.insert(result);
  return node.setOutput(0, result, ElementType::Int64);
}

static LogicalResult importShape(NodeImporter &node) {
  Value input = node.getStored(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = getShape(input);
  int64_t rank = shape.size();
  auto clampToRank = [&](int64_t position) {
    return std::clamp<int64_t>(position < 0 ? position + rank : position, 0,
                               rank);
  };
  int64_t start = clampToRank(node.getInt("start", 0));
  int64_t end = clampToRank(node.getInt("end", rank));
  return setShapeIntegers(
      node, shape.slice(start, std::max<int64_t>(end - start, 0)),
      /*isScalar=*/false);
}

static LogicalResult importSize(NodeImporter &node) {
  Value input = node.getStored(0);
  if (!input)
    return failure();
  return setShapeIntegers(
      node, cast<RankedTensorType>(input.getType()).getNumElements(),
      /*isScalar=*/true);
}

static LogicalResult importRange(NodeImporter &node) {
  SmallVector<int64_t> bounds;
  for (size_t i : {0, 1, 2})
    llvm::append_range(bounds, node.getIntegers(i, "bounds"));
  if (node.hasFailed())
    return failure();
  constexpr int64_t maxCount = 1 << 16;
  if (bounds.size() != 3 || bounds[2] == 0)
    return node.emitError() << "expected a start, a limit and a step that is "
                               "not 0";
  SmallVector<int64_t> values;
  int64_t value = bounds[0];
  while (bounds[2] > 0 ? value < bounds[1] : value > bounds[1]) {
    values.push_back(value);
    if (values.size() > maxCount ||
        llvm::AddOverflow(value, bounds[2], value))
      return node.emitError() << "ranges of more than " << maxCount
                              << " elements are not supported";
  }
  if (node.getInputType(0) != ElementType::Int64)
    return node.emitError() << "unsupported element type "
                            << getElementTypeName(node.getInputType(0))
                            << ": INT64 is supported";
  return node.setOutput(0, node.createIntegers(values), ElementType::Int64);
}

static LogicalResult importIdentity(NodeImporter &node) {
  return node.setLike(node.getStored(0));
}

/// At inference Dropout passes its input on.
static LogicalResult importDropout(NodeImporter &node) {
  node.ignore({"ratio", "seed"});
  if (node.hasInput(2)) {
    SmallVector<double> training = node.getNumbers(2, "training_mode");
    if (llvm::any_of(training, [](double value) { return value != 0; }))
      return node.emitError() << "unsupported training mode: inference is "
                                 "supported";
  }
  return importIdentity(node);
}

ArrayRef<Operator> onnx_import::getConstantOperators() {
  static constexpr Operator operators[] = {
      {"Constant", importConstant, 0, 0},
      {"ConstantOfShape", importConstantOfShape, 1, 1},
      {"Shape", importShape, 1, 1},
      {"Size", importSize, 1, 1},
      {"Range", importRange, 3, 3},
      {"Identity", importIdentity, 1, 1},
      {"Dropout", importDropout, 1, 3},
  };
  return operators;
}
