//===- OnnxModel.h - a parsed ONNX file ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A parsed file, apart from the IR that is made of it. It decodes tensors on
// demand, from the file or from files beside it.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_ONNXMODEL_H
#define DOREFA_LIB_IMPORT_ONNX_ONNXMODEL_H

#include "ElementType.h"
#include "onnx/onnx.pb.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace mlir::dorefa::onnx_import {

/// A parsed file with all that is needed to read the tensors it refers to.
class OnnxModel {
public:
  /// Parses the file and checks what concerns the file as a whole.
  static FailureOr<std::unique_ptr<OnnxModel>>
  parse(llvm::MemoryBufferRef buffer, StringRef folder, MLIRContext *context);

  const onnx::GraphProto &getGraph() const { return proto.graph(); }
  StringRef getFileName() const { return fileName; }
  MLIRContext *getContext() const { return context; }

  /// The version of an operator set; 0 if the file does not import it.
  int64_t getOpset(StringRef domain) const;

  /// An error that begins with the file's name.
  InFlightDiagnostic emitError() const;

  /// The elements of a constant tensor: of the builtin type that stands for
  /// its element type, without an encoding. Every tensor is decoded once.
  /// Errors are reported through `emitNodeError`.
  FailureOr<DenseElementsAttr>
  readTensor(const onnx::TensorProto &tensor,
             function_ref<InFlightDiagnostic()> emitNodeError);

private:
  OnnxModel(StringRef fileName, StringRef folder, MLIRContext *context)
      : fileName(fileName), folder(folder), context(context) {}

  std::string fileName, folder;
  MLIRContext *context;
  onnx::ModelProto proto;
  llvm::DenseMap<const onnx::TensorProto *, DenseElementsAttr> decoded;
};

/// A name from a file in quotes, fit for a message: cut to a sensible length,
/// without control characters.
std::string quoteName(StringRef name);

/// Why nothing has been imported by this name: no node gives it, or one does as
/// an output that is not supported.
std::string describeMissing(const onnx::GraphProto &graph, StringRef name);

/// The number of elements of a shape; failure if an extent is negative or the
/// number is beyond what a network can have.
FailureOr<int64_t> countElements(ArrayRef<int64_t> shape);

/// The bytes of a tensor in an external file, which must lie inside `folder`.
FailureOr<std::unique_ptr<llvm::MemoryBuffer>>
readExternalData(const onnx::TensorProto &tensor, StringRef folder,
                 uint64_t expectedBytes,
                 function_ref<InFlightDiagnostic()> emitError);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_ONNXMODEL_H
