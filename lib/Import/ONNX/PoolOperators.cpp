//===- PoolOperators.cpp - pools over windows ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Pools as windows with explicit pads. `ceil_mode` extends the pads at the end
// by what the last window reaches beyond; where declared pads count for an
// average and these do not, the declared ones become a Pad by 0 in front. A
// global pool has the image as its window. Windows without an element are
// refused, for ONNX does not say what they give and runtimes differ; but the
// average that counts padding is 0.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

#include "WindowAttributes.h"

/// Extends the pads at the end so that the last window, which the input fills
/// in part, counts. Windows that would begin behind the padded input do not.
static SmallVector<int64_t> getCeilPads(const WindowGeometry &window,
                                        ArrayRef<int64_t> input) {
  SmallVector<int64_t> extra(window.getRank(), 0);
  for (size_t i = 0; i < window.getRank(); ++i) {
    int64_t begin = window.pads[i], end = window.pads[window.getRank() + i];
    int64_t padded = input[i] + begin + end, reach = window.getReach(i);
    int64_t stride = window.strides[i];
    if (padded < reach)
      continue;
    int64_t positions = (padded - reach + stride - 1) / stride;
    if (positions * stride >= input[i] + begin)
      --positions;
    extra[i] = std::max<int64_t>(positions * stride + reach - padded, 0);
  }
  return extra;
}

/// Whether each window has a position inside the input.
static bool windowsMeetInput(const WindowGeometry &window,
                             ArrayRef<int64_t> input,
                             ArrayRef<int64_t> output) {
  for (size_t i = 0; i < window.getRank(); ++i) {
    if (window.pads[i] == 0 && window.pads[window.getRank() + i] == 0)
      continue;
    int64_t start = -window.pads[i];
    int64_t last = (output[i] - 1) * window.strides[i] - window.pads[i];
    if (last >= input[i])
      return false;
    // Windows that begin before the input.
    for (; start < 0 && start <= last; start += window.strides[i]) {
      int64_t skipped = llvm::divideCeil(-start, window.dilations[i]);
      if (skipped >= window.kernel[i] ||
          start + skipped * window.dilations[i] >= input[i])
        return false;
    }
  }
  return true;
}

static Value createPool(NodeImporter &node, PoolKind kind, Value input,
                        const WindowGeometry &window, bool countsPadding) {
  ArrayRef<int64_t> shape = getShape(input);
  FailureOr<SmallVector<int64_t>> result =
      getPoolShape(shape, window.kernel, window.strides, window.pads,
                   window.dilations);
  auto emitMisfit = [&](StringRef verb) {
    return std::move(node.emitError()
                     << "input [" << shape << "] " << verb << " the kernel ["
                     << window.kernel << "] with strides [" << window.strides
                     << "], pads [" << window.pads << "] and dilations ["
                     << window.dilations << "]");
  };
  if (failed(result)) {
    emitMisfit("does not fit");
    return {};
  }
  if (!countsPadding && !windowsMeetInput(window, shape.drop_front(2),
                                          ArrayRef(*result).drop_front(2))) {
    emitMisfit("is missed by windows of")
        << ": what a pool of no elements is, is not defined";
    return {};
  }
  if (failed(node.checkShape(*result)))
    return {};
  auto attribute = WindowAttr::get(node.getContext(), window.kernel,
                                   window.strides, window.pads,
                                   window.dilations);
  return node.create<PoolOp>(
      node.getTypeLike(input, *result), input,
      PoolKindAttr::get(node.getContext(), kind), attribute,
      countsPadding ? node.getBuilder().getUnitAttr() : UnitAttr());
}

static LogicalResult checkPoolRank(NodeImporter &node, Value input) {
  size_t rank = getShape(input).size();
  if (rank < 3 || rank > 4)
    return node.emitError() << "unsupported input of rank " << rank
                            << ": pools over one or two spatial dimensions "
                               "are supported";
  return success();
}

/// The node's window, its pads at the end extended by ceil_mode.
static FailureOr<WindowGeometry> readPoolWindow(NodeImporter &node,
                                                Value input) {
  if (failed(checkPoolRank(node, input)))
    return failure();
  return readWindow(node, getShape(input).drop_front(2), {});
}

static void extendEnds(WindowGeometry &window, ArrayRef<int64_t> extra) {
  for (auto [i, pad] : llvm::enumerate(extra))
    window.pads[window.getRank() + i] += pad;
}

static LogicalResult importMaxPool(NodeImporter &node) {
  bool roundsUp = node.getFlag("ceil_mode", false);
  node.ignore({"storage_order"});
  if (node.hasOutput(1))
    return node.emitError() << "unsupported second output: the maximum is "
                               "supported, its indices are not";
  Value input = node.getInput(0);
  if (!input)
    return failure();
  FailureOr<WindowGeometry> window = readPoolWindow(node, input);
  if (failed(window))
    return failure();
  if (roundsUp)
    extendEnds(*window, getCeilPads(*window, getShape(input).drop_front(2)));
  return node.setLike(createPool(node, PoolKind::Max, input, *window,
                                 /*countsPadding=*/false));
}

static LogicalResult importAveragePool(NodeImporter &node) {
  bool roundsUp = node.getFlag("ceil_mode", false);
  bool countsPadding = node.getFlag("count_include_pad", false);
  Value input = node.getReal(0);
  if (!input)
    return failure();
  FailureOr<WindowGeometry> window = readPoolWindow(node, input);
  if (failed(window))
    return failure();
  ArrayRef<int64_t> shape = getShape(input);
  SmallVector<int64_t> extra(window->getRank(), 0);
  if (roundsUp)
    extra = getCeilPads(*window, shape.drop_front(2));
  bool isPadded = llvm::any_of(window->pads, [](int64_t p) { return p != 0; });
  bool isExtended = llvm::any_of(extra, [](int64_t p) { return p != 0; });
  // Declared pads count, what ceil_mode adds does not: the declared ones
  // become part of the input.
  if (countsPadding && isPadded && isExtended) {
    SmallVector<int64_t> low(shape.size(), 0), high(shape.size(), 0);
    SmallVector<int64_t> padded(shape);
    for (size_t i = 0; i < window->getRank(); ++i) {
      low[i + 2] = std::exchange(window->pads[i], 0);
      high[i + 2] = std::exchange(window->pads[window->getRank() + i], 0);
      padded[i + 2] += low[i + 2] + high[i + 2];
    }
    if (failed(node.checkShape(padded)))
      return failure();
    Value zero = node.createSplat({}, 0);
    input = node.create<PadOp>(node.getTypeLike(input, padded), input, zero,
                               low, high);
    isPadded = false;
  }
  extendEnds(*window, extra);
  return node.setReal(createPool(node, PoolKind::Average, input, *window,
                                 countsPadding && isPadded));
}

template <PoolKind kind>
static LogicalResult importGlobalPool(NodeImporter &node) {
  Value input =
      kind == PoolKind::Average ? node.getReal(0) : node.getInput(0);
  if (!input || failed(checkPoolRank(node, input)))
    return failure();
  WindowGeometry window;
  for (int64_t extent : getShape(input).drop_front(2))
    window.kernel.push_back(extent);
  window.strides.assign(window.getRank(), 1);
  window.dilations.assign(window.getRank(), 1);
  window.pads.assign(2 * window.getRank(), 0);
  return node.setLike(
      createPool(node, kind, input, window, /*countsPadding=*/false));
}

ArrayRef<Operator> onnx_import::getPoolOperators() {
  static constexpr Operator operators[] = {
      {"MaxPool", importMaxPool, 1, 1},
      {"AveragePool", importAveragePool, 1, 1},
      {"GlobalAveragePool", importGlobalPool<PoolKind::Average>, 1, 1},
      {"GlobalMaxPool", importGlobalPool<PoolKind::Max>, 1, 1},
  };
  return operators;
}
