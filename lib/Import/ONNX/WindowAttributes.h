//===- WindowAttributes.h - geometry of convolutions and pools ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Geometry that convolutions and pools declare in the same attributes.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_WINDOWATTRIBUTES_H
#define DOREFA_LIB_IMPORT_ONNX_WINDOWATTRIBUTES_H

#include "NodeImporter.h"
#include "dorefa/Dialect/Dorefa/IR/WindowGeometry.h"

namespace mlir::dorefa::onnx_import {

struct WindowGeometry {
  SmallVector<int64_t> kernel, strides, pads, dilations;

  size_t getRank() const { return kernel.size(); }
  /// Distance between the first and the last position of the window, plus 1.
  int64_t getReach(size_t dimension) const {
    return dilations[dimension] * (kernel[dimension] - 1) + 1;
  }
};

/// Reads kernel_shape, strides, pads, dilations and auto_pad, with automatic
/// padding worked out. `kernel` is what the weights say; empty for pools.
FailureOr<WindowGeometry> readWindow(NodeImporter &node,
                                     ArrayRef<int64_t> input,
                                     ArrayRef<int64_t> kernel);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_WINDOWATTRIBUTES_H
