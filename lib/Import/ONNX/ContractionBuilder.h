//===- ContractionBuilder.h - products that operators share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The contractions that operators on reals and those on integer tensors build
// alike.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_CONTRACTIONBUILDER_H
#define DOREFA_LIB_IMPORT_ONNX_CONTRACTIONBUILDER_H

#include "NodeImporter.h"

namespace mlir::dorefa::onnx_import {

/// A convolution with the node's geometry, without bias.
Value createConv(NodeImporter &node, Value input, Value weight);

/// A matrix product by NumPy's rules for vectors and for further dimensions.
Value createMatmul(NodeImporter &node, Value lhs, Value rhs);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_CONTRACTIONBUILDER_H
