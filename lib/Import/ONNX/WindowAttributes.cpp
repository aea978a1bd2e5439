//===- WindowAttributes.cpp - geometry of convolutions and pools ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The attributes of windows, with defaults by rank and automatic padding worked
// out:
//
//   SAME   ceil(extent / stride) positions, total pad
//          (positions - 1) * stride + reach - extent
//   VALID  no pads
//
//===----------------------------------------------------------------------===//

#include "WindowAttributes.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

// Extents beyond this are refused, so that sums and products of a few of them
// stay far from overflow.
static constexpr int64_t maxWindowExtent = int64_t(1) << 30;

/// Reads a list with one entry (or two, for pads) a spatial dimension.
static SmallVector<int64_t> readExtents(NodeImporter &node, StringRef name,
                                        size_t count, int64_t fallback,
                                        int64_t least) {
  SmallVector<int64_t> defaults(count, fallback);
  SmallVector<int64_t> values = node.getInts(name, defaults);
  if (values.empty())
    values = defaults;
  bool fits = values.size() == count && llvm::all_of(values, [&](int64_t v) {
                return v >= least && v <= maxWindowExtent;
              });
  if (!fits) {
    node.emitError() << "attribute '" << name << "': expected " << count
                     << " integers from " << least << " to "
                     << maxWindowExtent << ", but got [" << ArrayRef(values)
                     << "]";
    return defaults;
  }
  return values;
}

/// SAME: as many positions as strides fit into the input. The odd pad goes
/// to the end (UPPER) or to the begin (LOWER).
static void setSamePads(WindowGeometry &window, ArrayRef<int64_t> input,
                        bool isUpper) {
  size_t rank = window.getRank();
  for (size_t i = 0; i < rank; ++i) {
    int64_t stride = window.strides[i];
    int64_t extent = (input[i] + stride - 1) / stride;
    int64_t total = std::max<int64_t>(
        (extent - 1) * stride + window.getReach(i) - input[i], 0);
    int64_t smaller = total / 2;
    window.pads[i] = isUpper ? smaller : total - smaller;
    window.pads[rank + i] = isUpper ? total - smaller : smaller;
  }
}

FailureOr<WindowGeometry> onnx_import::readWindow(NodeImporter &node,
                                                  ArrayRef<int64_t> input,
                                                  ArrayRef<int64_t> kernel) {
  size_t rank = input.size();
  WindowGeometry window;
  if (kernel.empty() && !node.hasAttribute("kernel_shape")) {
    node.emitError() << "requires attribute 'kernel_shape'";
    return failure();
  }
  window.kernel = readExtents(node, "kernel_shape", rank, 1, 1);
  if (!kernel.empty()) {
    if (node.hasAttribute("kernel_shape") && !node.hasFailed() &&
        ArrayRef(window.kernel) != kernel)
      node.emitError() << "attribute 'kernel_shape': expected the weights' ["
                       << kernel << "], but got ["
                       << ArrayRef(window.kernel) << "]";
    window.kernel.assign(kernel.begin(), kernel.end());
  }
  window.strides = readExtents(node, "strides", rank, 1, 1);
  window.dilations = readExtents(node, "dilations", rank, 1, 1);
  window.pads = readExtents(node, "pads", 2 * rank, 0, 0);
  std::string automatic = node.getString("auto_pad", "NOTSET");
  if (node.hasFailed())
    return failure();
  for (size_t i = 0; i < rank; ++i)
    if (window.kernel[i] > maxWindowExtent || input[i] > maxWindowExtent ||
        window.getReach(i) > maxWindowExtent)
      return node.emitError() << "unsupported window: the kernel ["
                              << ArrayRef(window.kernel)
                              << "] with dilations ["
                              << ArrayRef(window.dilations)
                              << "] reaches too far";
  if (automatic == "NOTSET" || automatic.empty())
    return window;
  if (llvm::any_of(window.pads, [](int64_t pad) { return pad != 0; }))
    return node.emitError() << "attribute 'pads' is not allowed beside "
                               "auto_pad "
                            << quoteName(automatic);
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER")
    setSamePads(window, input, automatic == "SAME_UPPER");
  else if (automatic != "VALID")
    return node.emitError() << "attribute 'auto_pad': expected NOTSET, VALID, "
                               "SAME_UPPER or SAME_LOWER, but got "
                            << quoteName(automatic);
  return window;
}
