//===- PadOperators.cpp - padding ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Negative pads are slices in front. Constant padding is `dorefa.pad`; the
// modes that repeat the input (edge, reflect, wrap) only pick elements, one
// index table a dimension, as `dorefa.resize` does.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

namespace {

/// How many elements a Pad adds before and after each dimension; negative
/// numbers take elements away.
struct Padding {
  SmallVector<int64_t> low, high;
};

} // namespace

/// One entry a dimension: attribute `pads` before version 11, an input since,
/// for the dimensions of another input from version 18 on.
static FailureOr<Padding> readPadding(NodeImporter &node, int64_t rank) {
  SmallVector<int64_t> pads = node.getOpset() < 11
                                  ? node.getInts("pads")
                                  : node.getIntegers(1, "pads");
  SmallVector<int64_t> axes;
  if (node.hasInput(3))
    axes = node.getIntegers(3, "axes");
  else
    llvm::append_range(axes, llvm::seq<int64_t>(0, rank));
  if (node.hasFailed())
    return failure();
  constexpr int64_t maxPad = int64_t(1) << 30;
  bool isSane = llvm::all_of(
      pads, [](int64_t pad) { return pad >= -maxPad && pad <= maxPad; });
  if (pads.size() != 2 * axes.size() || !isSane)
    return node.emitError() << "expected two pads a dimension, but got ["
                            << ArrayRef(pads) << "] for " << axes.size()
                            << " dimensions";
  Padding padding;
  padding.low.assign(rank, 0);
  padding.high.assign(rank, 0);
  for (auto [i, given] : llvm::enumerate(axes)) {
    int64_t axis = node.normalizeAxis(given, rank);
    if (node.hasFailed())
      return failure();
    padding.low[axis] = pads[i];
    padding.high[axis] = pads[axes.size() + i];
  }
  return padding;
}

/// Takes away what negative pads say, and leaves pads of at least 0.
static Value cropNegative(NodeImporter &node, Value input, Padding &padding) {
  SmallVector<int64_t> shape(getShape(input)), offsets(shape.size(), 0);
  bool crops = false;
  for (size_t i = 0; i < shape.size(); ++i)
    for (bool isLow : {true, false}) {
      int64_t &pad = isLow ? padding.low[i] : padding.high[i];
      if (pad >= 0)
        continue;
      crops = true;
      shape[i] += pad;
      if (isLow)
        offsets[i] = -pad;
      pad = 0;
    }
  if (!crops)
    return input;
  if (llvm::any_of(shape, [](int64_t extent) { return extent < 1; })) {
    node.emitError() << "negative pads leave nothing of [" << getShape(input)
                     << "]";
    return {};
  }
  SmallVector<int64_t> steps(shape.size(), 1);
  return node.create<SliceOp>(node.getTypeLike(input, shape), input, offsets,
                              steps);
}

/// The value of constant padding, of rank 0 and the input's type.
static Value readPadValue(NodeImporter &node, Value input) {
  if (node.getOpset() < 11)
    return node.createSplat({}, node.getFloat("value", 0));
  if (!node.hasInput(2)) {
    auto type = cast<RankedTensorType>(node.getTypeLike(input, {}));
    return node.createConstant(DenseElementsAttr::get(
        type, node.getBuilder().getZeroAttr(type.getElementType())));
  }
  Value value = node.getInput(2);
  if (!value)
    return {};
  if (getElementTypeOrSelf(value.getType()) !=
          getElementTypeOrSelf(input.getType()) ||
      cast<RankedTensorType>(value.getType()).getNumElements() != 1) {
    node.emitError() << "expected one padding value of the input's type";
    return {};
  }
  return node.createReshape(value, {});
}

/// Where position `i` of the padded dimension lies in the input, for paddings
/// that repeat it.
static int64_t getSourceIndex(StringRef mode, int64_t i, int64_t extent) {
  if (mode == "edge" || extent == 1)
    return std::clamp<int64_t>(i, 0, extent - 1);
  if (mode == "wrap")
    return ((i % extent) + extent) % extent;
  int64_t period = 2 * (extent - 1);
  i = ((i % period) + period) % period;
  return i < extent ? i : period - i;
}

static Value createRepeatedPadding(NodeImporter &node, StringRef mode,
                                   Value input, const Padding &padding) {
  SmallVector<int64_t> shape(getShape(input));
  SmallVector<Attribute> tables;
  constexpr int64_t maxRepeated = 1 << 20;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    int64_t low = padding.low[i], total = extent + low + padding.high[i];
    if (total > maxRepeated) {
      node.emitError() << "unsupported extent " << total
                       << " after padding in mode " << quoteName(mode);
      return {};
    }
    SmallVector<int64_t> table;
    for (int64_t position = 0; position < total; ++position)
      table.push_back(getSourceIndex(mode, position - low, extent));
    tables.push_back(node.getBuilder().getDenseI64ArrayAttr(table));
    extent = total;
  }
  if (failed(node.checkShape(shape)))
    return {};
  return node.create<ResizeOp>(node.getTypeLike(input, shape), input,
                               node.getBuilder().getArrayAttr(tables));
}

static LogicalResult importPad(NodeImporter &node) {
  std::string mode = node.getString("mode", "constant");
  Value input = node.getInput(0);
  if (!input)
    return failure();
  if (node.getOpset() < 11 && !isReal(input))
    return node.emitError() << "expected FLOAT, but got "
                            << getElementTypeName(node.getInputType(0));
  FailureOr<Padding> padding = readPadding(node, getShape(input).size());
  if (failed(padding))
    return failure();
  Value value = readPadValue(node, input);
  input = cropNegative(node, input, *padding);
  if (!input || !value)
    return failure();
  if (mode == "edge" || mode == "reflect" || mode == "wrap")
    return node.setLike(createRepeatedPadding(node, mode, input, *padding));
  if (mode != "constant")
    return node.emitError() << "attribute 'mode': expected constant, edge, "
                               "reflect or wrap, but got "
                            << quoteName(mode);
  SmallVector<int64_t> shape(getShape(input));
  for (auto [extent, low, high] :
       llvm::zip(shape, padding->low, padding->high))
    extent += low + high;
  if (ArrayRef(shape) == getShape(input))
    return node.setLike(input);
  if (failed(node.checkShape(shape)))
    return failure();
  return node.setLike(node.create<PadOp>(node.getTypeLike(input, shape), input,
                                         value, padding->low, padding->high));
}

ArrayRef<Operator> onnx_import::getPadOperators() {
  static constexpr Operator operators[] = {{"Pad", importPad, 1, 4}};
  return operators;
}
