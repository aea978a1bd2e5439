//===- Driver.h - the command line of dorefa-interpret ----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The main function of dorefa-interpret, as a library function so that the tool
// itself is only a call.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_INTERPRETER_DRIVER_H
#define DOREFA_INTERPRETER_DRIVER_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::dorefa {

/// Parses the options, executes the functions that they name and prints or
/// writes the results.
LogicalResult interpretMain(int argc, char **argv, DialectRegistry &registry);

} // namespace mlir::dorefa

#endif // DOREFA_INTERPRETER_DRIVER_H
