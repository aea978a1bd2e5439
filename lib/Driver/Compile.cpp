//===- Compile.cpp - From a model file to the result of a stage -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/Compile.h"
#include "Diagnostics.h"
#include "EmitFile.h"
#include "Pipeline.h"
#include "ReadModel.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// One run of the compiler.
class Compilation {
public:
  Compilation(const CompileOptions &options, MLIRContext &context,
              TimingScope &timing)
      : options(options), context(context), timing(timing),
        diagnostics(&context, options.input, llvm::errs()) {}

  LogicalResult run();

private:
  LogicalResult checkOptions();
  LogicalResult lowerTo(Stage last);
  LogicalResult writeModule();
  LogicalResult writeCode();

  const CompileOptions &options;
  MLIRContext &context;
  TimingScope &timing;
  DiagnosticPrinter diagnostics;
  TargetDescription target;
  Stage lastStage = Stage::Library;
  OwningOpRef<ModuleOp> module;
};
} // namespace

LogicalResult Compilation::checkOptions() {
  lastStage = options.emit ? *options.emit : getStageOfOutput(options.output);
  if (options.output.empty() && !isTextStage(lastStage))
    return diagnostics.emitError("expected -o with the file to write");
  for (const std::string &name : options.printAfter)
    if (!findStage(name) && !PassInfo::lookup(name))
      return diagnostics.emitError("unknown stage or pass '" + name +
                                   "' in --print-ir-after");
  if (llvm::Error error = findTarget(options.target).moveInto(target))
    return diagnostics.emitError(std::move(error));
  return success();
}

/// Runs the pipelines from where the module stands.
LogicalResult Compilation::lowerTo(Stage last) {
  Stage reached = findStageOf(*module);
  // Recognition of a graph that is recognised already changes nothing.
  int first = reached == Stage::Graph ? 0 : static_cast<int>(reached) + 1;
  for (int i = first; i <= static_cast<int>(std::min(last, Stage::LLVM)); ++i) {
    Stage stage = static_cast<Stage>(i);
    if (failed(runPipelineTo(stage, *module, options, target, timing)) ||
        diagnostics.hasErrors())
      return failure();
  }
  return success();
}

/// Writes a stage above LLVM's own IR.
LogicalResult Compilation::writeModule() {
  llvm::Expected<OutputFile> file = OutputFile::create(options.output);
  if (!file)
    return diagnostics.emitError(file.takeError());
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream);
  if (llvm::Error error = file->write(text + "\n"))
    return diagnostics.emitError(std::move(error));
  if (llvm::Error error = file->commit())
    return diagnostics.emitError(std::move(error));
  return success();
}

LogicalResult Compilation::writeCode() {
  FailureOr<EmittedFiles> emitted =
      emitFile(*module, lastStage, options.output, "{}", options, target,
               diagnostics, timing);
  if (failed(emitted))
    return failure();
  if (llvm::Error error = emitted->commit())
    return diagnostics.emitError(std::move(error));
  return success();
}

LogicalResult Compilation::run() {
  if (failed(checkOptions()))
    return failure();
  TimingScope reading = timing.nest("read");
  module = readModel(options, context, diagnostics);
  reading.stop();
  if (!module || diagnostics.hasErrors() || failed(lowerTo(lastStage)))
    return failure();
  return lastStage < Stage::LLVM ? writeModule() : writeCode();
}

LogicalResult mlir::dorefa::compile(const CompileOptions &options,
                                    MLIRContext &context) {
  DefaultTimingManager manager;
  manager.setEnabled(options.timing);
  TimingScope timing = manager.getRootScope();
  // IR is printed in the order of the passes.
  context.disableMultithreading(!options.printAfter.empty());
  return Compilation(options, context, timing).run();
}
