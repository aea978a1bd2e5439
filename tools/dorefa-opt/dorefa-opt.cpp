//===- dorefa-opt.cpp - the optimizer driver ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// mlir-opt with our dialect, passes and pipelines, for tests and for looking at
// single passes.
//
//===----------------------------------------------------------------------===//

#include "dorefa/InitAll.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::dorefa::registerAllPasses();
  mlir::dorefa::registerAllDialects(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "DoReFa optimizer driver\n", registry));
}
