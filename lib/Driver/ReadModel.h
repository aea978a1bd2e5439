//===- ReadModel.h - The module of an input file ----------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The first step of a compilation: a module, whatever the input's format.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_READMODEL_H
#define DOREFA_LIB_DRIVER_READMODEL_H

#include "dorefa/Driver/Diagnostics.h"
#include "dorefa/Driver/CompileOptions.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::dorefa {

/// Parses MLIR (`.mlir`, `.mlirbc`) or imports ONNX (any other name).
OwningOpRef<ModuleOp> readModel(const CompileOptions &options,
                                MLIRContext &context,
                                DiagnosticPrinter &diagnostics);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_READMODEL_H
