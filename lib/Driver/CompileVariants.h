//===- CompileVariants.h - From layers to the code of each target -*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Targets have a network in common down to its layers. From there on each
// variant goes its own way, in a context of its own.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_COMPILEVARIANTS_H
#define DOREFA_LIB_DRIVER_COMPILEVARIANTS_H

#include "Report.h"
#include "dorefa/Driver/CompileOptions.h"
#include "dorefa/Driver/Diagnostics.h"
#include "mlir/Support/Timing.h"

namespace mlir::dorefa {

struct CompiledVariant {
  EmittedVariant code;
  VariantReport report;
};

/// Takes the module from the stage that it has reached to code for `target`.
FailureOr<CompiledVariant> compileVariant(ModuleOp module,
                                          const VariantTarget &target,
                                          const CompileOptions &options,
                                          DiagnosticPrinter &diagnostics,
                                          TimingScope &timing);

/// A module in a form that other contexts can read.
std::string getBytecode(ModuleOp module);

/// Compiles such a module in a context of its own.
FailureOr<CompiledVariant>
compileBytecode(StringRef bytecode, const DialectRegistry &registry,
                const VariantTarget &target, const CompileOptions &options,
                DiagnosticPrinter &diagnostics, TimingScope &timing);

/// The same for all targets, two at a time.
FailureOr<std::vector<CompiledVariant>>
compileVariants(OwningOpRef<ModuleOp> module, ArrayRef<VariantTarget> targets,
                const CompileOptions &options, DiagnosticPrinter &diagnostics,
                TimingScope &timing);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_COMPILEVARIANTS_H
