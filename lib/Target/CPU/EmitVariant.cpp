//===- EmitVariant.cpp - LLVM IR of one variant -----------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The module that a variant's code is generated from:
//
//   translate -> add the facts -> link what is needed of the runtime
//     -> one cpu for all functions -> internalise all but the functions of
//     dorefa_model -> optimise -> name the variant in all functions' names
//
//===----------------------------------------------------------------------===//

#include "ArtifactModule.h"
#include "dorefa/Target/CPU/Emit.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Code of all origins is generated for one cpu.
static void setCPU(llvm::Module &module, llvm::TargetMachine &machine) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || isMissingInstruction(function))
      continue;
    if (!machine.getTargetCPU().empty())
      function.addFnAttr("target-cpu", machine.getTargetCPU());
    if (!machine.getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
}

/// Each step stays a function of its own: in one for the whole network code
/// generation would take long, and no profile could tell layers apart.
static void keepSteps(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration() &&
        !function.hasFnAttribute(llvm::Attribute::AlwaysInline))
      function.addFnAttr(llvm::Attribute::NoInline);
}

/// Whether the functions that artifact.h asks of generated code are there.
static LogicalResult checkEntries(ModuleOp source, llvm::Module &module) {
  for (StringRef name : {"dorefa_images", "dorefa_pack"}) {
    llvm::Function *function = module.getFunction(name);
    if (!function || function->isDeclaration())
      return source.emitError("expected the module to define '") << name << "'";
    function->setLinkage(llvm::GlobalValue::ExternalLinkage);
  }
  return success();
}

static std::string getBitcode(const llvm::Module &module) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  llvm::WriteBitcodeToFile(module, stream);
  return bytes;
}

std::string mlir::dorefa::getVariantSymbol(const Twine &name,
                                           const VariantTarget &target) {
  return (name + "." + target.name).str();
}

/// Functions of other variants have the same names, and profiles show them.
static void nameVariant(llvm::Module &module, const VariantTarget &target) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && !isMissingInstruction(function))
      function.setName(getVariantSymbol(function.getName(), target));
}

/// The functions of dorefa_model, which the runtime has.
static std::vector<std::string> declareModelFunctions(llvm::Module &module) {
  std::vector<std::string> names;
  auto *type = llvm::FunctionType::get(
      llvm::Type::getVoidTy(module.getContext()), false);
  for (StringRef name : getModelFunctions()) {
    names.push_back(name.str());
    module.getOrInsertFunction(name, type);
  }
  return names;
}

static LogicalResult emitCode(ModuleOp source, llvm::TargetMachine &machine,
                              EmittedVariant &variant) {
  DialectRegistry registry;
  registerAllToLLVMIRTranslations(registry);
  source.getContext()->appendDialectRegistry(registry);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(source, context, variant.interface.name,
                              /*disableVerification=*/true);
  if (!module)
    return failure();
  setMachine(*module, machine);
  // A location is a node of the network here, which no debugger reads.
  llvm::StripDebugInfo(*module);
  if (failed(checkEntries(source, *module)))
    return failure();
  keepSteps(*module);
  variant.hash = llvm::xxh3_64bits(getBitcode(*module));
  addArtifactInfo(*module, variant.interface, variant.hash);
  std::vector<std::string> exported = declareModelFunctions(*module);
  declareMissingInstructions(*module, machine);
  if (llvm::Error error = linkRuntime(*module, machine))
    return source.emitError(llvm::toString(std::move(error)));
  setCPU(*module, machine);
  for (const llvm::Function &function : *module)
    if (isMissingInstruction(function))
      exported.push_back(function.getName().str());
  internalizeAllBut(*module, exported);
  std::string reason;
  llvm::raw_string_ostream stream(reason);
  if (llvm::verifyModule(*module, &stream))
    return source.emitError("generated code is invalid: ") << reason;
  optimizeModule(*module, machine);
  nameVariant(*module, variant.target);
  variant.constants = countConstantBytes(*module);
  variant.code = getBitcode(*module);
  return success();
}

FailureOr<EmittedVariant>
mlir::dorefa::emitVariant(ModuleOp source, const VariantTarget &target) {
  FailureOr<ModelInterface> interface = readModelInterface(source);
  if (failed(interface))
    return failure();
  auto machine = createTargetMachine(target.target);
  if (!machine)
    return source.emitError(llvm::toString(machine.takeError()));
  EmittedVariant variant;
  variant.target = target;
  variant.interface = std::move(*interface);
  if (failed(emitCode(source, **machine, variant)))
    return failure();
  return variant;
}
