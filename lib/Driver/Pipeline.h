//===- Pipeline.h - The passes between stages -------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The way from stage to stage, each a registered pipeline.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_PIPELINE_H
#define DOREFA_LIB_DRIVER_PIPELINE_H

#include "dorefa/Driver/CompileOptions.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/Timing.h"

namespace mlir::dorefa {

/// The pipelines that lead to a stage of the IR from the one before, as
/// dorefa-opt's --pass-pipeline reads them.
std::string getPipelineTo(Stage stage, const CompileOptions &options,
                          const TargetDescription &target);

/// The pass among them that makes epilogues cheaper, with its options.
std::string getReductionPass(const TargetDescription &target);
/// The pass among them that chooses engines, with its options.
std::string getChoicePass(const CompileOptions &options,
                          const TargetDescription &target);

/// Runs them, and prints the IR where the options ask for it.
LogicalResult runPipelineTo(Stage stage, ModuleOp module,
                            const CompileOptions &options,
                            const TargetDescription &target,
                            TimingScope &timing);

/// The stage whose result a module is.
Stage findStageOf(ModuleOp module);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_PIPELINE_H
