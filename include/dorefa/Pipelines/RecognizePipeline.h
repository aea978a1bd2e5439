//===- RecognizePipeline.h - from imported to recognised ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The pipeline right behind the importer. What it gives defines the value of a
// network: the interpreter's result on it is what compiled code must give.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_PIPELINES_RECOGNIZEPIPELINE_H
#define DOREFA_PIPELINES_RECOGNIZEPIPELINE_H

#include "mlir/Pass/PassManager.h"

namespace mlir::dorefa {

/// The graph that a model declares to the one that the interpreter executes and
/// the compiler lowers: codes found, constants folded. It must come before any
/// canonicalization, which folds `math` ops by the host's libm.
void buildRecognizePipeline(OpPassManager &pm);

/// Registers the pipeline as `dorefa-recognize-pipeline`.
void registerRecognizePipeline();

} // namespace mlir::dorefa

#endif // DOREFA_PIPELINES_RECOGNIZEPIPELINE_H
