//===- QuantizeLinearOperators.cpp - ONNX's own quantizers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// QuantizeLinear rounds before it adds the zero point and saturates to the type
// of its codes; DequantizeLinear is `dorefa.dequantize`. Scale and zero point
// are one for the tensor or one a channel.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "QuantizerBuilder.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

namespace {

/// Scale and zero point in shapes that broadcast against the data.
struct LinearParameters {
  Value scale;
  ZeroPoints zeros;
};

} // namespace

/// The shape in which parameters of shape [] or [1], or with one element a
/// channel of `axis`, broadcast against data of shape `data`.
static FailureOr<SmallVector<int64_t>>
getParameterShape(NodeImporter &node, ArrayRef<int64_t> shape,
                  ArrayRef<int64_t> data, int64_t axis) {
  FailureOr<int64_t> count = countElements(shape);
  if (succeeded(count) && *count == 1)
    return SmallVector<int64_t>();
  if (shape.size() != 1)
    return node.emitError() << "unsupported parameters of shape [" << shape
                            << "]: one for the tensor or one for each channel "
                               "is supported";
  axis = node.normalizeAxis(axis, data.size());
  if (node.hasFailed())
    return failure();
  if (shape[0] != data[axis])
    return node.emitError() << "expected 1 or " << data[axis]
                            << " scales and zero points along axis " << axis
                            << ", but got " << shape[0];
  SmallVector<int64_t> broadcast(data.size(), 1);
  broadcast[axis] = shape[0];
  return broadcast;
}

static FailureOr<LinearParameters>
readParameters(NodeImporter &node, ArrayRef<int64_t> data, size_t scaleIndex) {
  int64_t axis = node.getInt("axis", 1);
  node.require("block_size", 0, 0);
  LinearParameters parameters{getScale(node, scaleIndex),
                              getZeroPoints(node, scaleIndex + 1)};
  if (!parameters.scale || node.hasFailed())
    return failure();
  FailureOr<SmallVector<int64_t>> scaleShape =
      getParameterShape(node, getShape(parameters.scale), data, axis);
  if (failed(scaleShape))
    return failure();
  FailureOr<SmallVector<int64_t>> zeroShape =
      getParameterShape(node, parameters.zeros.shape, data, axis);
  if (failed(zeroShape))
    return failure();
  parameters.scale = node.createReshape(parameters.scale, *scaleShape);
  parameters.zeros.shape = *zeroShape;
  return parameters;
}

/// The codes' type: that of the zero point, or attribute `output_dtype`.
static FailureOr<ElementType> getCodeElement(NodeImporter &node) {
  auto declared = static_cast<ElementType>(node.getInt("output_dtype", 0));
  ElementType element = ElementType::UInt8;
  if (node.hasInput(2))
    element = node.getInputType(2);
  else if (declared != ElementType::Undefined)
    element = declared;
  if (declared != ElementType::Undefined && declared != element)
    return node.emitError() << "attribute 'output_dtype': expected "
                            << getElementTypeName(element)
                            << " as the zero point, but got "
                            << getElementTypeName(declared);
  if (!isCodeType(element) || element == ElementType::UInt32)
    return node.emitError() << "unsupported code type "
                            << getElementTypeName(element)
                            << ": integers of 2, 4, 8 and 16 bits are "
                               "supported";
  return element;
}

static LogicalResult importQuantizeLinear(NodeImporter &node) {
  node.ignore({"saturate"});
  int64_t precision = node.getInt("precision", 0);
  Value input = node.getReal(0);
  FailureOr<ElementType> element = getCodeElement(node);
  if (!input || failed(element))
    return failure();
  if (precision != 0 && precision != static_cast<int>(ElementType::Float))
    return node.emitError() << "attribute 'precision': unsupported type "
                            << getElementTypeName(
                                   static_cast<ElementType>(precision))
                            << ": FLOAT is supported";
  FailureOr<LinearParameters> parameters =
      readParameters(node, getShape(input), /*scaleIndex=*/1);
  if (failed(parameters))
    return failure();
  Value scaled = node.createBinary<arith::DivFOp>(input, parameters->scale);
  // The zero point is added to the rounded value.
  if (scaled && !parameters->zeros.isZero()) {
    scaled = node.create<math::RoundEvenOp>(scaled);
    scaled = node.createBinary<arith::AddFOp>(
        scaled, createRealZeroPoints(node, parameters->zeros));
  }
  return node.setOutput(
      0,
      createQuantize(node, scaled, Rounding::HalfEven,
                     getElementCode(*element, node.getContext())),
      *element);
}

static LogicalResult importDequantizeLinear(NodeImporter &node) {
  auto declared = static_cast<ElementType>(
      node.getInt("output_dtype", static_cast<int>(ElementType::Float)));
  if (declared != ElementType::Float && declared != ElementType::Undefined)
    return node.emitError() << "unsupported output_dtype "
                            << getElementTypeName(declared)
                            << ": FLOAT is supported";
  Value codes = node.getCodes(0);
  if (!codes)
    return failure();
  if (node.hasInput(2) && node.getInputType(2) != node.getInputType(0))
    return node.emitError() << "expected a zero point of type "
                            << getElementTypeName(node.getInputType(0))
                            << ", but got "
                            << getElementTypeName(node.getInputType(2));
  FailureOr<LinearParameters> parameters =
      readParameters(node, getShape(codes), /*scaleIndex=*/1);
  if (failed(parameters))
    return failure();
  return node.setReal(createDequantize(node, codes, parameters->scale,
                                       parameters->zeros));
}

ArrayRef<Operator> onnx_import::getQuantizeLinearOperators() {
  static constexpr Operator operators[] = {
      {"QuantizeLinear", importQuantizeLinear, 2, 3},
      {"DequantizeLinear", importDequantizeLinear, 2, 3},
  };
  return operators;
}
