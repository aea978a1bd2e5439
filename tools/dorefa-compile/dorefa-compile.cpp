//===- dorefa-compile.cpp - the compiler ------------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Registration and a call: what the compiler does is in lib/Driver.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/CommandLine.h"
#include "dorefa/Driver/Compile.h"
#include "dorefa/Driver/FatalErrors.h"
#include "dorefa/InitAll.h"
#include "mlir/IR/DialectRegistry.h"

int main(int argc, char **argv) {
  mlir::dorefa::installFatalErrorHandlers();
  mlir::dorefa::CompileOptions options =
      mlir::dorefa::parseCommandLine(argc, argv);
  mlir::DialectRegistry registry;
  mlir::dorefa::registerAllPasses();
  mlir::dorefa::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::dorefa::compile(options, context));
}
