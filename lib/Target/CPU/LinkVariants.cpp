//===- LinkVariants.cpp - All variants in one module ------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A module with the tables and the functions that choose a variant takes in the
// variants' modules. Weights are bytes that each variant packs by itself, so
// constants of all variants are often the same: no code compares addresses of
// constants, which makes it possible to store them once.
//
//===----------------------------------------------------------------------===//

#include "ArtifactModule.h"
#include "dorefa/Target/CPU/Emit.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Transforms/IPO/ConstantMerge.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

/// Stores equal constants once.
static void shareConstants(llvm::Module &module) {
  for (llvm::GlobalVariable &global : module.globals())
    if (global.isConstant() && global.hasLocalLinkage())
      global.setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  llvm::ModuleAnalysisManager analyses;
  llvm::ConstantMergePass().run(module, analyses);
}

/// Adds the code of one variant.
static Error addVariant(llvm::Module &module, const EmittedVariant &variant) {
  auto code = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(variant.code, variant.target.name),
      module.getContext());
  if (!code)
    return code.takeError();
  (*code)->setTargetTriple(module.getTargetTriple());
  if (llvm::Linker::linkModules(module, std::move(*code)))
    return refuse("the code of " + variant.target.name +
                  " does not fit the other variants'");
  return Error::success();
}

Expected<std::unique_ptr<llvm::Module>>
mlir::dorefa::linkVariants(ArrayRef<EmittedVariant> variants,
                           const ModelFacts &facts,
                           llvm::TargetMachine &baseline,
                           llvm::LLVMContext &context) {
  auto module = std::make_unique<llvm::Module>(
      variants.front().interface.name, context);
  setMachine(*module, baseline);
  addModelTables(*module, variants, facts);
  if (Error error = linkRuntime(*module, baseline))
    return std::move(error);
  std::vector<std::string> entries = {facts.entry, facts.errorEntry};
  internalizeAllBut(*module, entries);
  optimizeModule(*module, baseline);
  for (const EmittedVariant &variant : variants)
    if (Error error = addVariant(*module, variant))
      return std::move(error);
  internalizeAllBut(*module, entries);
  shareConstants(*module);
  return std::move(module);
}
