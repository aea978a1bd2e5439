//===- OnnxTranslation.cpp - --import-onnx ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The importer as a translation, with the options of ImportOptions on the
// command line of dorefa-translate.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Import/OnnxImport.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::dorefa;

void dorefa::registerImportOnnxTranslation() {
  static llvm::cl::list<std::string> shapes(
      "shape", llvm::cl::value_desc("name=1x3x224x224"),
      llvm::cl::desc("Shape of an ONNX model's input"));
  static llvm::cl::opt<BatchPolicy> batch(
      "batch",
      llvm::cl::desc("Meaning of the leading dimension of ONNX inputs"),
      llvm::cl::values(
          clEnumValN(BatchPolicy::Automatic, "auto",
                     "the batch, of any size, where the model allows it"),
          clEnumValN(BatchPolicy::Fixed, "fixed", "part of the shape")),
      llvm::cl::init(BatchPolicy::Automatic));
  TranslateToMLIRRegistration registration(
      "import-onnx", "import an ONNX model to the graph level",
      [](llvm::SourceMgr &sourceMgr,
         MLIRContext *context) -> OwningOpRef<Operation *> {
        ImportOptions options;
        options.batch = batch;
        std::string message;
        for (const std::string &shape : shapes)
          if (failed(addShapeOption(shape, options, message))) {
            emitError(UnknownLoc::get(context)) << "--shape: " << message;
            return {};
          }
        llvm::MemoryBufferRef buffer =
            *sourceMgr.getMemoryBuffer(sourceMgr.getMainFileID());
        StringRef path = buffer.getBufferIdentifier();
        StringRef folder = llvm::sys::path::parent_path(path);
        if (folder.empty() && path != "<stdin>")
          folder = ".";
        FailureOr<OwningOpRef<ModuleOp>> module =
            importOnnx(buffer, folder, context, options);
        return failed(module) ? OwningOpRef<Operation *>()
                              : OwningOpRef<Operation *>(module->release());
      });
}
