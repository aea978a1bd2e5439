//===- OnnxImport.h - ONNX files to the graph level ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The importer's face: a file or a buffer becomes a module with one function on
// tensors at the graph level. A model's leading dimension is the batch only if
// nothing in it depends on its extent; then the function is that of one image.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_IMPORT_ONNXIMPORT_H
#define DOREFA_IMPORT_ONNXIMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace mlir::dorefa {

/// What the leading dimension of the inputs means.
enum class BatchPolicy {
  /// The batch, of any size at run time, where the model's leading dimension
  /// is 1 or a symbol and nothing in the model depends on it; else fixed.
  Automatic,
  /// Part of the shape; a symbol counts as 1.
  Fixed,
};

struct ImportOptions {
  /// Shapes that replace those that the file declares, by input name.
  llvm::StringMap<SmallVector<int64_t>> shapes;
  BatchPolicy batch = BatchPolicy::Automatic;
};

/// Imports the file at `path`. External data is read from inside its folder.
/// Errors are diagnostics of the context that name the file and the node.
FailureOr<OwningOpRef<ModuleOp>>
importOnnx(StringRef path, MLIRContext *context,
           const ImportOptions &options = {});

/// Imports a model from memory; messages call it by the buffer's identifier.
/// `folder` may hold external data; empty: there is none.
FailureOr<OwningOpRef<ModuleOp>>
importOnnx(llvm::MemoryBufferRef buffer, StringRef folder,
           MLIRContext *context, const ImportOptions &options = {});

/// Adds a shape such as `image=1x3x224x224` to the options. On failure
/// `message` says what was expected.
LogicalResult addShapeOption(StringRef text, ImportOptions &options,
                             std::string &message);

/// Registers `--import-onnx` with mlir-translate's machinery.
void registerImportOnnxTranslation();

} // namespace mlir::dorefa

#endif // DOREFA_IMPORT_ONNXIMPORT_H
