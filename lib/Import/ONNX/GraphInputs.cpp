//===- GraphInputs.cpp - inputs of a network and their shapes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Shapes of inputs come from the user or from the file. Only the leading
// dimension may be a symbol, and counts as 1 then; any other needs a shape from
// the user. Initializers that are listed as inputs too are constants.
//
//===----------------------------------------------------------------------===//

#include "GraphInputs.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

LogicalResult dorefa::addShapeOption(StringRef text, ImportOptions &options,
                                     std::string &message) {
  // Names may hold any character; extents do not hold '='.
  auto [name, extents] = text.rsplit('=');
  SmallVector<StringRef> parts;
  extents.split(parts, 'x');
  SmallVector<int64_t> shape;
  for (StringRef part : parts) {
    int64_t extent;
    if (part.getAsInteger(10, extent) || extent < 1) {
      message = "expected a shape such as name=1x3x224x224, but got " +
                quoteName(text);
      return failure();
    }
    shape.push_back(extent);
  }
  if (options.shapes.count(name)) {
    message = "input " + quoteName(name) + " is given two shapes";
    return failure();
  }
  options.shapes[name] = shape;
  return success();
}

/// The shape that the file declares for an input.
static LogicalResult readDeclaredShape(const OnnxModel &model,
                                       const onnx::TypeProto::Tensor &type,
                                       GraphInput &input) {
  auto emitError = [&] {
    return std::move(model.emitError()
                     << "input " << quoteName(input.name) << ": ");
  };
  if (!type.has_shape())
    return emitError() << "has no shape: give one with --shape";
  for (auto [i, dimension] : llvm::enumerate(type.shape().dim())) {
    // A missing value is a symbol; so is a leading 0, which some exporters
    // write.
    int64_t extent = dimension.has_dim_value() ? dimension.dim_value() : 0;
    if (extent < 0 || (extent == 0 && dimension.has_dim_value() && i > 0))
      return emitError() << "dimension " << i << " has the extent " << extent
                         << ": expected one of at least 1";
    if (extent == 0 && i > 0)
      return emitError() << "dimension " << i << " has no fixed extent: give "
                            "the shape with --shape";
    input.hasSymbolicBatch |= extent == 0;
    input.shape.push_back(extent == 0 ? 1 : extent);
  }
  return success();
}

static LogicalResult checkInput(const OnnxModel &model,
                                const GraphInput &input) {
  ElementType type = input.type;
  if (type != ElementType::Float && type != ElementType::Bool &&
      !isIntegerType(type))
    return model.emitError()
           << "input " << quoteName(input.name)
           << ": unsupported element type " << getElementTypeName(type)
           << ": FLOAT, BOOL and integers are supported";
  FailureOr<int64_t> count = countElements(input.shape);
  if (failed(count) || *count == 0)
    return model.emitError() << "input " << quoteName(input.name)
                             << ": unsupported shape ["
                             << ArrayRef(input.shape)
                             << "]: the product of the extents must be from 1 "
                                "to 2^31";
  return success();
}

/// An initializer may be listed as input, as it is.
static LogicalResult checkInitializer(const OnnxModel &model,
                                      const onnx::ValueInfoProto &info,
                                      const onnx::TensorProto &tensor) {
  const onnx::TypeProto::Tensor &type = info.type().tensor_type();
  bool fits = type.elem_type() == 0 || type.elem_type() == tensor.data_type();
  if (type.has_shape()) {
    fits = fits && type.shape().dim_size() == tensor.dims_size();
    for (int i = 0; fits && i < tensor.dims_size(); ++i) {
      const auto &dimension = type.shape().dim(i);
      fits = !dimension.has_dim_value() ||
             dimension.dim_value() == tensor.dims(i);
    }
  }
  if (fits)
    return success();
  return model.emitError() << "input " << quoteName(info.name())
                           << " has another type or shape than the "
                              "initializer of this name";
}

FailureOr<SmallVector<GraphInput>>
onnx_import::readInputs(const OnnxModel &model, const ImportOptions &options) {
  const onnx::GraphProto &graph = model.getGraph();
  llvm::StringMap<const onnx::TensorProto *> initializers;
  for (const onnx::TensorProto &tensor : graph.initializer())
    initializers[tensor.name()] = &tensor;
  SmallVector<GraphInput> inputs;
  for (const onnx::ValueInfoProto &info : graph.input()) {
    if (const onnx::TensorProto *tensor = initializers.lookup(info.name())) {
      if (failed(checkInitializer(model, info, *tensor)))
        return failure();
      continue;
    }
    if (!info.type().has_tensor_type())
      return model.emitError()
             << "input " << quoteName(info.name())
             << ": expected a tensor; sequences, maps, optional and sparse "
                "values are not supported";
    const onnx::TypeProto::Tensor &type = info.type().tensor_type();
    GraphInput &input = inputs.emplace_back();
    input.name = info.name();
    input.type = static_cast<ElementType>(type.elem_type());
    auto given = options.shapes.find(info.name());
    if (given != options.shapes.end()) {
      input.shape = given->second;
      if (type.has_shape() &&
          type.shape().dim_size() != static_cast<int>(input.shape.size()))
        return model.emitError()
               << "input " << quoteName(info.name()) << ": expected a shape "
               << "with " << type.shape().dim_size()
               << " dimensions, but --shape gives [" << ArrayRef(input.shape)
               << "]";
    } else if (failed(readDeclaredShape(model, type, input))) {
      return failure();
    }
    if (failed(checkInput(model, input)))
      return failure();
  }
  for (const auto &entry : options.shapes)
    if (llvm::none_of(inputs, [&](const GraphInput &input) {
          return input.name == entry.getKey();
        }))
      return model.emitError() << "--shape names " << quoteName(entry.getKey())
                               << ", which is no input";
  if (inputs.empty())
    return model.emitError() << "expected a graph with at least one input";
  return inputs;
}
