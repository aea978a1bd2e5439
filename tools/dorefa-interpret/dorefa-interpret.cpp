//===- dorefa-interpret.cpp - run a network by its definition ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Registration and a call: what the interpreter does is in lib/Interpreter.
//
//===----------------------------------------------------------------------===//

#include "dorefa/InitAll.h"
#include "dorefa/Interpreter/Driver.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::dorefa::registerAllDialects(registry);
  return mlir::asMainReturnCode(
      mlir::dorefa::interpretMain(argc, argv, registry));
}
