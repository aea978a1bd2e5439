//===- TargetMachine.cpp - The machine that code is emitted for -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sections for every function and constant let the linker drop what is not
// used; contraction is off, for each rounding is part of the network's meaning.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/TargetMachine.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/TargetRegistry.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Expected;
using llvm::Triple;

std::string mlir::dorefa::describeTarget(const TargetDescription &target) {
  std::string text = target.triple + " " + target.cpu;
  for (StringRef feature : llvm::split(target.features, ','))
    if (feature.starts_with("+"))
      text += " " + feature.str();
  return text;
}

Expected<std::unique_ptr<llvm::TargetMachine>>
mlir::dorefa::createTargetMachine(const TargetDescription &target) {
  Triple triple(target.triple);
  std::string reason;
  initializeTargets();
  const llvm::Target *entry =
      llvm::TargetRegistry::lookupTarget(triple, reason);
  if (!entry)
    return refuse("unknown triple '" + target.triple + "'");
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.FunctionSections = true;
  options.DataSections = true;
  std::unique_ptr<llvm::TargetMachine> machine(entry->createTargetMachine(
      triple, target.cpu, target.features, options, llvm::Reloc::PIC_));
  if (!machine)
    return refuse("no code generator for '" + target.triple + "'");
  return std::move(machine);
}
