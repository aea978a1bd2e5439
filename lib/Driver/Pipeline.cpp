//===- Pipeline.cpp - The passes between stages ---------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Pipelines are built as text and parsed, so that the driver runs what
// `dorefa-opt --pass-pipeline` would, with the same spelling of options. The
// level of a module is read off the module itself, so compilation can begin
// with the output of any stage.
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"
#include "TimesStore.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// ` name=value`, or nothing for an empty value.
static std::string makeOption(StringRef name, StringRef value) {
  return value.empty() ? "" : (" " + name + "=" + value).str();
}

static std::string getTargetOptions(const TargetDescription &target) {
  return makeOption("triple", target.triple) + makeOption("cpu", target.cpu) +
         makeOption("features", target.features);
}

/// A path may hold blanks.
static std::string getTimesOptions(const CompileOptions &options,
                                   const TargetDescription &target) {
  if (options.tune.empty())
    return "";
  return makeOption("times", "\"" + options.tune + "\"") +
         makeOption("section", describeMachine(target).getSection());
}

static std::string addOptions(StringRef pipeline, const std::string &options) {
  StringRef trimmed = StringRef(options).trim();
  return (pipeline + (trimmed.empty() ? "" : "{" + trimmed.str() + "}")).str();
}

static std::string getChoiceOptions(const CompileOptions &options,
                                    const TargetDescription &target) {
  return getTargetOptions(target) + makeOption("engine", options.engine) +
         makeOption("tile", options.tile) + getTimesOptions(options, target);
}

std::string
mlir::dorefa::getReductionPass(const TargetDescription &target) {
  return addOptions("dorefa-reduce-epilogues", getTargetOptions(target));
}

std::string mlir::dorefa::getChoicePass(const CompileOptions &options,
                                        const TargetDescription &target) {
  return addOptions("dorefa-choose-engines", getChoiceOptions(options, target));
}

std::string mlir::dorefa::getPipelineTo(Stage stage,
                                        const CompileOptions &options,
                                        const TargetDescription &target) {
  switch (stage) {
  case Stage::Graph:
    return options.taps ? "dorefa-recognize-pipeline,dorefa-expose-taps"
                        : "dorefa-recognize-pipeline";
  case Stage::Layers:
    return addOptions("dorefa-graph-to-layers-pipeline",
                      makeOption("strict", options.strict ? "true" : ""));
  case Stage::Packed:
    return addOptions("dorefa-layers-to-packed-pipeline",
                      getChoiceOptions(options, target));
  case Stage::Loops:
    return addOptions("dorefa-packed-to-loops-pipeline",
                      getTargetOptions(target) +
                          makeOption("least-part-work", options.leastPartWork) +
                          makeOption("group-images", options.groupImages));
  case Stage::LLVM:
    return addOptions(
        "dorefa-loops-to-llvm-pipeline",
        makeOption("time-steps", options.timeSteps ? "true" : ""));
  default:
    return "";
  }
}

/// The IR for a reader: without the bytes of weights.
static void printForReader(StringRef name, ModuleOp module) {
  llvm::errs() << "// -----// IR after " << name << " //----- //\n";
  module.print(llvm::errs(), OpPrintingFlags().elideLargeElementsAttrs(16));
  llvm::errs() << "\n";
}

static void enablePrinting(PassManager &manager,
                           const CompileOptions &options) {
  auto isAsked = [&options](Pass *pass, Operation *) {
    return llvm::is_contained(options.printAfter, pass->getArgument());
  };
  manager.enableIRPrinting([](Pass *, Operation *) { return false; }, isAsked,
                           /*printModuleScope=*/true,
                           /*printAfterOnlyOnChange=*/false,
                           /*printAfterOnlyOnFailure=*/false, llvm::errs(),
                           OpPrintingFlags().elideLargeElementsAttrs(16));
}

LogicalResult mlir::dorefa::runPipelineTo(Stage stage, ModuleOp module,
                                          const CompileOptions &options,
                                          const TargetDescription &target,
                                          TimingScope &timing) {
  StringRef name = getStageName(stage);
  TimingScope scope = timing.nest(name);
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  manager.enableTiming(scope);
  if (!options.printAfter.empty())
    enablePrinting(manager, options);
  std::string reason;
  llvm::raw_string_ostream stream(reason);
  if (failed(parsePassPipeline(getPipelineTo(stage, options, target), manager,
                               stream)))
    return module.emitError("no way to the stage '")
           << name << "': " << StringRef(reason).trim();
  if (failed(manager.run(module)))
    return failure();
  if (llvm::is_contained(options.printAfter, name))
    printForReader(name, module);
  return success();
}

Stage mlir::dorefa::findStageOf(ModuleOp module) {
  if (module.lookupSymbol<LLVM::LLVMFuncOp>("dorefa_images"))
    return Stage::LLVM;
  if (module->hasAttr("dorefa.memory_bytes"))
    return Stage::Loops;
  Stage stage = Stage::Graph;
  module.walk([&](LayerOp layer) {
    stage = layer.getPacked() ? Stage::Packed : Stage::Layers;
    return WalkResult::interrupt();
  });
  return stage;
}
