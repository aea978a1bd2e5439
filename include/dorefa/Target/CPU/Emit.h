//===- Emit.h - From LLVM dialect to files ----------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of it happens in this process but for linking, which is lld's. The steps:
//
//   for each variant: module in LLVM dialect, with the attributes of
//   ModelInterface.h
//     -> llvm::Module: generated code and the runtime's bitcode for the
//        variant's CPU, optimised; it exports the functions of dorefa_model
//   all variants
//     -> one llvm::Module: with the tables of the model and the functions that
//        choose a variant, constants that variants share once
//     -> assembly or object
//     -> shared library or executable (Link.h)
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_EMIT_H
#define DOREFA_TARGET_CPU_EMIT_H

#include "dorefa/Target/CPU/ModelInterface.h"
#include "dorefa/Target/CPU/TargetMachine.h"
#include "dorefa/Target/CPU/VariantTargets.h"
#include "llvm/IR/Module.h"

namespace mlir::dorefa {

/// Bytes of a network's constants, by the names that the conversion to loops
/// gives them.
struct ConstantBytes {
  int64_t codes = 0, reals = 0, integers = 0;
};

/// The code of one variant.
struct EmittedVariant {
  VariantTarget target;
  ModelInterface interface;
  ConstantBytes constants;
  /// Tells variants and networks apart whose model memory differs.
  uint64_t hash = 0;
  /// As bitcode, which belongs to no context, so that variants can be made at
  /// the same time.
  std::string code;
};

/// What the tables of a model say beside its interface.
struct ModelFacts {
  /// Name and version of the compiler.
  std::string compiler;
  /// The compile report as JSON.
  std::string report;
  /// The functions that the file exports.
  std::string entry = "dorefa_get_model";
  std::string errorEntry = "dorefa_get_error";
};

/// Translates, adds the runtime, optimises. Emits an error if that fails.
FailureOr<EmittedVariant> emitVariant(ModuleOp module,
                                      const VariantTarget &target);

/// The name that a function or table of a variant has among those of others.
std::string getVariantSymbol(const Twine &name, const VariantTarget &target);

/// Puts the variants into one module that exports the entries alone. `baseline`
/// is the machine that every CPU can stand for.
llvm::Expected<std::unique_ptr<llvm::Module>>
linkVariants(ArrayRef<EmittedVariant> variants, const ModelFacts &facts,
             llvm::TargetMachine &baseline, llvm::LLVMContext &context);

/// The functions of the runtime that dorefa_model points to, in its order.
ArrayRef<StringRef> getModelFunctions();

/// Adds `dorefa_artifact` with the facts of a variant.
void addArtifactInfo(llvm::Module &module, const ModelInterface &interface,
                     uint64_t hash);

/// Adds the table of each variant, that of all variants, and the entries.
void addModelTables(llvm::Module &module, ArrayRef<EmittedVariant> variants,
                    const ModelFacts &facts);

ConstantBytes countConstantBytes(const llvm::Module &module);

/// The module as text or as object file.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            llvm::CodeGenFileType type);

/// The C header of a model whose file exports the entries of `facts`, under the
/// given name.
std::string emitHeader(StringRef name, ArrayRef<EmittedVariant> variants,
                       const ModelFacts &facts);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_EMIT_H
