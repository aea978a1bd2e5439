//===- Verify.h - Compiled code beside the interpreter ----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Compiled code against the interpreter, on a user's own inputs.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_VERIFY_H
#define DOREFA_LIB_DRIVER_VERIFY_H

#include "dorefa/Driver/Diagnostics.h"
#include "dorefa/Driver/CompileOptions.h"
#include "dorefa/Target/CPU/VariantTargets.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/Timing.h"

namespace mlir::dorefa {

/// Executes the recognised graph by the interpreter and as code compiled for
/// each target, on the inputs that the options name, and compares the codes of
/// each quantizer in the order of execution, then the outputs, bit for bit. The
/// first that differ are an error that names the layer. Of several targets,
/// those that this CPU cannot run are named and left out.
LogicalResult verifyGraph(ModuleOp graph, const CompileOptions &options,
                          ArrayRef<VariantTarget> targets,
                          DiagnosticPrinter &diagnostics, TimingScope &timing);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_VERIFY_H
