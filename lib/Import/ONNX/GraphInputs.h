//===- GraphInputs.h - inputs of a network and their shapes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a network is fed with, before anything of the graph is imported.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_GRAPHINPUTS_H
#define DOREFA_LIB_IMPORT_ONNX_GRAPHINPUTS_H

#include "OnnxModel.h"
#include "dorefa/Import/OnnxImport.h"

namespace mlir::dorefa::onnx_import {

/// An input that the caller feeds: not one that an initializer gives.
struct GraphInput {
  StringRef name;
  ElementType type;
  SmallVector<int64_t> shape;
  /// The leading dimension is a symbol; `shape` has 1 for it.
  bool hasSymbolicBatch = false;
  /// It has no batch: all images read the whole of it.
  bool isShared = false;
};

/// The inputs with the shapes that the file declares or the options give.
FailureOr<SmallVector<GraphInput>> readInputs(const OnnxModel &model,
                                              const ImportOptions &options);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_GRAPHINPUTS_H
