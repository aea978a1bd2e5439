//===- ArtifactModule.h - Steps of all LLVM modules -------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the code of a variant and the code that chooses one go through alike.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_ARTIFACTMODULE_H
#define DOREFA_LIB_TARGET_CPU_ARTIFACTMODULE_H

#include "mlir/Support/LLVM.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::dorefa {

/// Names the machine's triple and layout.
void setMachine(llvm::Module &module, llvm::TargetMachine &machine);

/// Declares the functions that the code generator calls for operations without
/// an instruction, so that they become part of the module.
void declareMissingInstructions(llvm::Module &module,
                                llvm::TargetMachine &machine);

/// Whether a function is one of these.
bool isMissingInstruction(const llvm::Function &function);

/// Adds the functions of the runtime that the module needs. No function
/// unwinds, and saying so saves the tables for it.
llvm::Error linkRuntime(llvm::Module &module, llvm::TargetMachine &machine);

/// Hides everything but the names given.
void internalizeAllBut(llvm::Module &module, ArrayRef<std::string> names);

/// Inlines and simplifies, without unrolling or vectorizing: kernels come in
/// their final shape.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_ARTIFACTMODULE_H
