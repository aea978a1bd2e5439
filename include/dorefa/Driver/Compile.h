//===- Compile.h - From a model file to the result of a stage ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The driver's one entry: everything behind the command line, and nothing of
// it, so that tests and other programs can compile.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_COMPILE_H
#define DOREFA_DRIVER_COMPILE_H

#include "dorefa/Driver/CompileOptions.h"
#include "mlir/IR/MLIRContext.h"

namespace mlir::dorefa {

/// Compiles; what cannot be done is one error on standard error, and then no
/// file is written. All passes must be registered, and the context's dialects
/// too.
LogicalResult compile(const CompileOptions &options, MLIRContext &context);

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_COMPILE_H
