//===- EmitLLVMModule.cpp - One optimised module of all parts -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Generated code, tables and runtime become one module, in this order:
//
//   translate -> add tables -> link what is needed of the runtime
//     -> one cpu for all functions -> internalise all but the entry -> optimise
//
// Instructions that a CPU lacks are calls to functions of libm in the code
// generator; their names are declared before the runtime is linked, which has
// them, so that the result needs no libm. Optimisation does not unroll or
// vectorize, as kernels come in their final shape.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/ArtifactBitcode.h"
#include "dorefa/Target/CPU/Emit.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/CodeGen/TargetLowering.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Declares the functions that the code generator calls for operations without
/// an instruction, so that they become part of the module.
static void declareMissingInstructions(llvm::Module &module,
                                       llvm::TargetMachine &machine) {
  llvm::Function *any = module.getFunction("dorefa_image");
  const llvm::TargetLowering *lowering =
      machine.getSubtargetImpl(*any)->getTargetLowering();
  struct Operation {
    unsigned code;
    StringRef function;
    unsigned operands;
  };
  llvm::Type *real = llvm::Type::getFloatTy(module.getContext());
  SmallVector<llvm::GlobalValue *> used;
  for (const Operation &operation :
       {Operation{llvm::ISD::FROUNDEVEN, "roundevenf", 1},
        Operation{llvm::ISD::FTRUNC, "truncf", 1},
        Operation{llvm::ISD::FFLOOR, "floorf", 1},
        Operation{llvm::ISD::FCEIL, "ceilf", 1},
        Operation{llvm::ISD::FMA, "fmaf", 3}}) {
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

/// Adds the functions of the runtime that the module needs.
static LogicalResult linkRuntime(ModuleOp source, llvm::Module &module,
                                 llvm::TargetMachine &machine) {
  const llvm::Triple &triple = machine.getTargetTriple();
  StringRef bitcode = getArtifactBitcode(triple.getArch());
  if (bitcode.empty())
    return source.emitError("unsupported architecture: no runtime for ")
           << triple.getArchName();
  auto runtime = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(bitcode, "runtime"), module.getContext());
  if (!runtime)
    return source.emitError("invalid runtime: ")
           << llvm::toString(runtime.takeError());
  // The runtime is compiled for the architecture's common triple.
  declareMissingInstructions(module, machine);
  (*runtime)->setTargetTriple(triple);
  (*runtime)->setDataLayout(machine.createDataLayout());
  if (llvm::Linker::linkModules(module, std::move(*runtime),
                                llvm::Linker::LinkOnlyNeeded))
    return source.emitError("generated code does not fit the runtime");
  return success();
}

/// Code of all origins is generated for one cpu. No function unwinds, and
/// saying so saves the tables for it.
static void setFunctionAttributes(llvm::Module &module,
                                  llvm::TargetMachine &machine) {
  for (llvm::Function &function : module) {
    if (function.isIntrinsic())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.removeFnAttr(llvm::Attribute::UWTable);
    for (StringRef name : {"target-cpu", "target-features", "tune-cpu"})
      function.removeFnAttr(name);
    if (function.isDeclaration())
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

/// Whether the functions that artifact.h asks of generated code are there.
static LogicalResult checkEntries(ModuleOp source, llvm::Module &module) {
  for (StringRef name : {"dorefa_image", "dorefa_pack"}) {
    llvm::Function *function = module.getFunction(name);
    if (!function || function->isDeclaration())
      return source.emitError("expected the module to define '") << name << "'";
    function->setLinkage(llvm::GlobalValue::ExternalLinkage);
  }
  return success();
}

std::unique_ptr<llvm::Module> mlir::dorefa::emitLLVMModule(
    ModuleOp source, const ModelInterface &interface, const ModelFacts &facts,
    llvm::TargetMachine &machine, llvm::LLVMContext &context) {
  DialectRegistry registry;
  registerAllToLLVMIRTranslations(registry);
  source.getContext()->appendDialectRegistry(registry);
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(source, context, interface.name,
                              /*disableVerification=*/true);
  if (!module)
    return nullptr;
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());
  // A location is a node of the network here, which no debugger reads.
  llvm::StripDebugInfo(*module);
  if (failed(checkEntries(source, *module)))
    return nullptr;
  keepSteps(*module);
  addModelTables(*module, interface, facts);
  if (failed(linkRuntime(source, *module, machine)))
    return nullptr;
  setFunctionAttributes(*module, machine);
  llvm::internalizeModule(*module, [&](const llvm::GlobalValue &value) {
    return value.getName() == facts.entry;
  });
  std::string reason;
  llvm::raw_string_ostream stream(reason);
  if (llvm::verifyModule(*module, &stream)) {
    source.emitError("generated code is invalid: ") << reason;
    return nullptr;
  }
  optimizeModule(*module, machine);
  return module;
}
