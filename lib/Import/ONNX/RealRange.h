//===- RealRange.h - between which bounds reals lie -------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An operator that rounds without a clamp gives codes only if its input is
// known to lie within bounds.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_REALRANGE_H
#define DOREFA_LIB_IMPORT_ONNX_REALRANGE_H

#include "mlir/IR/Value.h"
#include <optional>

namespace mlir::dorefa::onnx_import {

/// Finite bounds; no value between them is NaN.
struct RealRange {
  float low, high;
};

/// Bounds of every element of a tensor of reals, whatever the inputs of the
/// graph, as binary32 gives them; nothing where none are known.
std::optional<RealRange> getRealRange(Value value);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_REALRANGE_H
