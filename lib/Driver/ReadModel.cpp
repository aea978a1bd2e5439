//===- ReadModel.cpp - The module of an input file ------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The suffix decides whether a file is MLIR or ONNX. Both end in a module;
// shapes can be given for ONNX only, as MLIR states its own.
//
//===----------------------------------------------------------------------===//

#include "ReadModel.h"
#include "dorefa/Import/OnnxImport.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::dorefa;

static OwningOpRef<ModuleOp> readMlir(const CompileOptions &options,
                                      MLIRContext &context,
                                      DiagnosticPrinter &diagnostics) {
  if (!options.shapes.empty()) {
    (void)diagnostics.emitError("--shape is for ONNX files: the shapes of MLIR "
                                "are what it says");
    return nullptr;
  }
  if (std::error_code code = llvm::sys::fs::access(
          options.input, llvm::sys::fs::AccessMode::Exist)) {
    (void)diagnostics.emitError(code.message());
    return nullptr;
  }
  return parseSourceFile<ModuleOp>(options.input,
                                   ParserConfig(&context));
}

static OwningOpRef<ModuleOp> readOnnx(const CompileOptions &options,
                                      MLIRContext &context,
                                      DiagnosticPrinter &diagnostics) {
  ImportOptions importing;
  for (const std::string &shape : options.shapes) {
    std::string message;
    if (failed(addShapeOption(shape, importing, message))) {
      (void)diagnostics.emitError("--shape=" + shape + ": " + message);
      return nullptr;
    }
  }
  FailureOr<OwningOpRef<ModuleOp>> module =
      importOnnx(options.input, &context, importing);
  return failed(module) ? nullptr : std::move(*module);
}

OwningOpRef<ModuleOp>
mlir::dorefa::readModel(const CompileOptions &options, MLIRContext &context,
                        DiagnosticPrinter &diagnostics) {
  StringRef suffix = llvm::sys::path::extension(options.input);
  return suffix == ".mlir" || suffix == ".mlirbc"
             ? readMlir(options, context, diagnostics)
             : readOnnx(options, context, diagnostics);
}
