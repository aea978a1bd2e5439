//===- GraphImporter.h - an ONNX graph as a function ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The steps of importing a graph, for OnnxImport.cpp, which decides on the
// batch and runs them once or twice.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
#define DOREFA_LIB_IMPORT_ONNX_GRAPHIMPORTER_H

#include "GraphInputs.h"
#include "OnnxModel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::dorefa::onnx_import {

/// The name of an argument or result.
inline constexpr StringLiteral nameAttribute = "dorefa.name";
/// An argument that all images of a batch share.
inline constexpr StringLiteral sharedAttribute = "dorefa.shared";

/// Imports the model's graph as the only function of a module. With
/// `hasDeclaredInputs` the shapes of `inputs` are those of the file, so that
/// the shapes which it declares for outputs must hold.
FailureOr<OwningOpRef<ModuleOp>> importGraph(OnnxModel &model,
                                             ArrayRef<GraphInput> inputs,
                                             bool hasDeclaredInputs);

/// The graph's nodes such that each comes after those it reads from. Names
/// that are defined twice, or never, and cycles are errors.
FailureOr<SmallVector<const onnx::NodeProto *>>
sortNodes(const OnnxModel &model);

/// The function that importGraph made.
func::FuncOp getFunction(ModuleOp module);

/// Whether the function would compute the same for every image of a batch of
/// any size. `one` was imported for one image, `many` for `extent` of them. If
/// not, `reason` says what is in the way, if that has a name.
bool isBatchIndependent(func::FuncOp one, func::FuncOp many, int64_t extent,
                        std::string &reason);

/// `node 'conv1' (Conv)`, or nothing if `loc` is not that of a node.
std::string describeNode(Location loc);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
