//===- ArtifactModule.cpp - Steps of all LLVM modules -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Instructions that a CPU lacks are calls to functions of libm in the code
// generator; their names are declared before the runtime is linked, which has
// them, so that the result needs no libm. Variants share them: they have no cpu
// of their own and so get the one that all variants have in common.
// Optimisation does not unroll or vectorize, as kernels come in their final
// shape.
//
//===----------------------------------------------------------------------===//

#include "ArtifactModule.h"
#include "dorefa/Runtime/ArtifactBitcode.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/CodeGen/TargetLowering.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;

namespace {
/// An operation that some machines have no instruction for, and the function of
/// lib/Runtime/Artifact/MissingInstructions.c that does it.
struct Operation {
  unsigned code;
  StringRef function;
  unsigned operands;
};
} // namespace

static ArrayRef<Operation> getOperations() {
  static const Operation operations[] = {
      {llvm::ISD::FROUNDEVEN, "roundevenf", 1},
      {llvm::ISD::FROUND, "roundf", 1},
      {llvm::ISD::FTRUNC, "truncf", 1},
      {llvm::ISD::FFLOOR, "floorf", 1},
      {llvm::ISD::FCEIL, "ceilf", 1},
      {llvm::ISD::FMA, "fmaf", 3}};
  return operations;
}

bool mlir::dorefa::isMissingInstruction(const llvm::Function &function) {
  return llvm::any_of(getOperations(), [&](const Operation &operation) {
    return operation.function == function.getName();
  });
}

void mlir::dorefa::declareMissingInstructions(llvm::Module &module,
                                              llvm::TargetMachine &machine) {
  llvm::Function *any = module.getFunction("dorefa_images");
  const llvm::TargetLowering *lowering =
      machine.getSubtargetImpl(*any)->getTargetLowering();
  llvm::Type *real = llvm::Type::getFloatTy(module.getContext());
  SmallVector<llvm::GlobalValue *> used;
  for (const Operation &operation : getOperations()) {
    if (lowering->isOperationLegalOrCustom(operation.code, llvm::MVT::f32))
      continue;
    SmallVector<llvm::Type *> operands(operation.operands, real);
    auto type = llvm::FunctionType::get(real, operands, /*isVarArg=*/false);
    used.push_back(llvm::Function::Create(
        type, llvm::GlobalValue::ExternalLinkage, operation.function, module));
  }
  if (!used.empty())
    llvm::appendToCompilerUsed(module, used);
}

void mlir::dorefa::setMachine(llvm::Module &module,
                              llvm::TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
}

Error mlir::dorefa::linkRuntime(llvm::Module &module,
                                llvm::TargetMachine &machine) {
  const llvm::Triple &triple = machine.getTargetTriple();
  StringRef bitcode = getArtifactBitcode(triple.getArch());
  if (bitcode.empty())
    return refuse("unsupported architecture: no runtime for " +
                  triple.getArchName());
  auto runtime = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(bitcode, "runtime"), module.getContext());
  if (!runtime)
    return refuse("invalid runtime: " + llvm::toString(runtime.takeError()));
  // The runtime is compiled for the architecture's common triple.
  setMachine(**runtime, machine);
  if (llvm::Linker::linkModules(module, std::move(*runtime),
                                llvm::Linker::LinkOnlyNeeded))
    return refuse("generated code does not fit the runtime");
  for (llvm::Function &function : module) {
    if (function.isIntrinsic())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.removeFnAttr(llvm::Attribute::UWTable);
    for (StringRef name : {"target-cpu", "target-features", "tune-cpu"})
      function.removeFnAttr(name);
    // Each variant brings them along, and they are the same.
    if (isMissingInstruction(function) && !function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::LinkOnceODRLinkage);
  }
  return Error::success();
}

void mlir::dorefa::internalizeAllBut(llvm::Module &module,
                                     ArrayRef<std::string> names) {
  llvm::internalizeModule(module, [&](const llvm::GlobalValue &value) {
    return llvm::is_contained(names, value.getName());
  });
}

void mlir::dorefa::optimizeModule(llvm::Module &module,
                                  llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = false;
  tuning.LoopInterleaving = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O1)
      .run(module, modules);
}
