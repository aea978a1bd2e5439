//===- dorefa-test-opt.cpp - dorefa-opt with wrong passes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Miscompile.h"
#include "dorefa/InitAll.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::dorefa::registerAllPasses();
  mlir::dorefa::test::registerMiscompilePass();
  mlir::dorefa::registerAllDialects(registry);
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "DoReFa optimizer driver with test passes\n", registry));
}
