//===- ReadModel.cpp - The module of an input file ------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadModel.h"
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
  if (std::error_code code =
          llvm::sys::fs::access(options.input, llvm::sys::fs::AccessMode::Exist)) {
    (void)diagnostics.emitError(code.message());
    return nullptr;
  }
  return parseSourceFile<ModuleOp>(options.input,
                                   ParserConfig(&context));
}

OwningOpRef<ModuleOp>
mlir::dorefa::readModel(const CompileOptions &options, MLIRContext &context,
                        DiagnosticPrinter &diagnostics) {
  return readMlir(options, context, diagnostics);
}
