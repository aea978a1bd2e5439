//===- Tune.h - measure what the compiler may choose ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_TUNE_H
#define DOREFA_LIB_DRIVER_TUNE_H

#include "dorefa/Driver/CompileOptions.h"
#include "dorefa/Driver/Diagnostics.h"
#include "dorefa/Target/CPU/VariantTargets.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/Timing.h"

namespace mlir::dorefa {

/// Measures engines and tiles of a network's layers for all targets that this
/// CPU can run, as far as the file `options.tune` does not know them, and
/// writes that file. The module, of the level graph or layers, stays as it is.
/// One target that cannot run is an error; of several, those are named.
LogicalResult tuneNetwork(ModuleOp module, const CompileOptions &options,
                          ArrayRef<VariantTarget> targets,
                          DiagnosticPrinter &diagnostics, TimingScope &timing);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_TUNE_H
