//===- Emit.h - From LLVM dialect to files ----------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of it happens in this process but for linking, which is lld's. The steps:
//
//   module in LLVM dialect, with the attributes of ModelInterface.h
//     -> llvm::Module: generated code, tables of the model, the runtime's
//        bitcode; one exported function; optimised
//     -> assembly or object
//     -> shared library or executable (Link.h)
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_EMIT_H
#define DOREFA_TARGET_CPU_EMIT_H

#include "dorefa/Target/CPU/ModelInterface.h"
#include "dorefa/Target/CPU/TargetMachine.h"
#include "llvm/IR/Module.h"

namespace mlir::dorefa {

/// What the tables of a model say beside its interface.
struct ModelFacts {
  /// Name and version of the compiler.
  std::string compiler;
  /// Triple, cpu and features.
  std::string target;
  /// The compile report as JSON.
  std::string report;
  /// The one function that the file exports.
  std::string entry = "dorefa_get_model";
};

/// Translates, adds the tables and the runtime, optimises. Emits an error and
/// returns null if that fails.
std::unique_ptr<llvm::Module> emitLLVMModule(ModuleOp module,
                                             const ModelInterface &interface,
                                             const ModelFacts &facts,
                                             llvm::TargetMachine &machine,
                                             llvm::LLVMContext &context);

/// Adds `dorefa_artifact`, `dorefa_model` and the exported function to a module
/// that has dorefa_image and dorefa_pack.
void addModelTables(llvm::Module &module, const ModelInterface &interface,
                    const ModelFacts &facts);

/// Inlines and simplifies, without unrolling or vectorizing: kernels come in
/// their final shape.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

/// The module as text or as object file.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            llvm::CodeGenFileType type);

/// The C header of a model whose file exports `entry`.
std::string emitHeader(const ModelInterface &interface,
                       const ModelFacts &facts);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_EMIT_H
