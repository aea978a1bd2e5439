//===- Compile.cpp - From a model file to the result of a stage -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One compilation, from options to files: checks what can be checked before any
// work, runs one pipeline a stage from the level of the input to the one asked
// for, from the layers on for each target, and writes. Files take their place
// at the very end, when nothing can fail any more, so an error leaves none
// behind.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/Compile.h"
#include "CompileVariants.h"
#include "EmitFile.h"
#include "Pipeline.h"
#include "ReadModel.h"
#include "Tune.h"
#include "Verify.h"
#include "dorefa/Driver/Diagnostics.h"
#include "dorefa/Driver/Version.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/FileSystem.h"

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
  LogicalResult findLastStage();
  LogicalResult checkTuning();
  LogicalResult checkOptions();
  LogicalResult checkLevel(Stage reached);
  LogicalResult tune();
  LogicalResult lowerTo(Stage last);
  LogicalResult writeModule();
  LogicalResult writeCode();
  void printReport();

  const CompileOptions &options;
  MLIRContext &context;
  TimingScope &timing;
  DiagnosticPrinter diagnostics;
  SmallVector<VariantTarget> targets;
  Stage lastStage = Stage::Library;
  OwningOpRef<ModuleOp> module;
  CompileReport report;
};
} // namespace

/// What to make, from the options that say it in different ways.
LogicalResult Compilation::findLastStage() {
  bool isAsked =
      options.report != ReportFormat::None || !options.verify.empty();
  if (options.emit) {
    lastStage = *options.emit;
  } else if (options.output.empty()) {
    if (!isAsked)
      return diagnostics.emitError("expected -o with the file to write");
    lastStage = Stage::Library;
  } else if (std::optional<Stage> stage = getStageOfOutput(options.output)) {
    lastStage = *stage;
  } else {
    return diagnostics.emitError(
        "unknown suffix of '" + options.output +
        "': expected .so, .o, .s, .ll or none, or --emit");
  }
  if (options.output.empty() && !isTextStage(lastStage) && !isAsked)
    return diagnostics.emitError("expected -o with the file to write");
  if (options.report != ReportFormat::None && lastStage < Stage::LLVM)
    return diagnostics.emitError("--report is about code: expected a stage "
                                 "from llvm on");
  if (!options.sysroot.empty() && lastStage != Stage::Executable)
    return diagnostics.emitError("--sysroot is about programs: libraries and "
                                 "object files are linked with nothing");
  return success();
}

LogicalResult Compilation::checkTuning() {
  if (!options.isTuned)
    return success();
  if (lastStage < Stage::Packed)
    return diagnostics.emitError("--tune is about engines: expected a stage "
                                 "from packed on");
  if (options.tune.empty())
    return diagnostics.emitError("there is no folder for caches: expected "
                                 "--tune with a file");
  // It is an option of a pass.
  if (options.tune.find_first_of("\"'{}()[]") != std::string::npos)
    return diagnostics.emitError("unsupported quotes or brackets in '" +
                                 options.tune + "'");
  return success();
}

LogicalResult Compilation::checkOptions() {
  if (failed(findLastStage()))
    return failure();
  if (!options.output.empty() &&
      llvm::sys::fs::equivalent(options.input, options.output))
    return diagnostics.emitError("the output would replace the input");
  if (!options.verify.empty() &&
      llvm::sys::fs::equivalent(options.input, options.verify))
    return diagnostics.emitError("--verify=" + options.verify +
                                 ": expected a file of inputs, but got the "
                                 "model");
  for (const std::string &name : options.printAfter)
    if (!findStage(name) && !PassInfo::lookup(name)) {
      std::string stages;
      for (int i = 0; i <= static_cast<int>(Stage::LLVM); ++i)
        stages += getStageName(static_cast<Stage>(i)).str() + ", ";
      return diagnostics.emitError("unknown stage or pass '" + name +
                                   "' in --print-ir-after: expected " + stages +
                                   "or a pass of dorefa-opt");
    }
  if (llvm::Error error = findVariantTargets(options.target).moveInto(targets))
    return diagnostics.emitError(std::move(error));
  if (failed(checkTuning()))
    return failure();
  if (targets.size() > 1 &&
      (lastStage == Stage::Packed || lastStage == Stage::Loops))
    return diagnostics.emitError("the stage '" + getStageName(lastStage) +
                                 "' is of one target: expected one");
  return success();
}

/// Whether the model can be brought from its level to the one asked for.
LogicalResult Compilation::checkLevel(Stage reached) {
  if ((!options.verify.empty() || options.taps) && reached != Stage::Graph)
    return diagnostics.emitError("--verify and --taps are about the graph: "
                                 "expected a model at that level");
  if (options.isTuned && reached > Stage::Layers)
    return diagnostics.emitError("--tune is about layers: expected a model at "
                                 "the level 'graph' or 'layers'");
  if (reached > std::min(lastStage, Stage::LLVM))
    return diagnostics.emitError("the module is at the level '" +
                                 getStageName(reached) + "' already");
  if (targets.size() > 1 && reached > Stage::Layers)
    return diagnostics.emitError("the module is at the level '" +
                                 getStageName(reached) +
                                 "', which is of one target: expected one");
  return success();
}

LogicalResult Compilation::tune() {
  if (!options.isTuned)
    return success();
  return tuneNetwork(*module, options, targets, diagnostics, timing);
}

/// Runs the pipelines from where the module stands.
LogicalResult Compilation::lowerTo(Stage last) {
  Stage reached = findStageOf(*module);
  // Recognition of a graph that is recognised already changes nothing.
  int first = reached == Stage::Graph ? 0 : static_cast<int>(reached) + 1;
  if (reached == Stage::Layers && failed(tune()))
    return failure();
  for (int i = first; i <= static_cast<int>(last); ++i) {
    Stage stage = static_cast<Stage>(i);
    if (failed(runPipelineTo(stage, *module, options, targets.front().target,
                             timing)) ||
        diagnostics.hasErrors())
      return failure();
    if (stage == Stage::Graph && failed(tune()))
      return failure();
    if (stage == Stage::Graph && !options.verify.empty() &&
        failed(verifyGraph(*module, options, targets, diagnostics, timing)))
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
  module->print(stream, OpPrintingFlags().enableDebugInfo());
  if (llvm::Error error = file->write(text + "\n"))
    return diagnostics.emitError(std::move(error));
  if (llvm::Error error = file->commit())
    return diagnostics.emitError(std::move(error));
  return success();
}

/// The file holds the report, which says how large the file is: at first room
/// for the numbers, then what they turn out to be, and blanks behind the
/// report.
LogicalResult Compilation::writeCode() {
  FailureOr<std::vector<CompiledVariant>> compiled = compileVariants(
      std::move(module), targets, options, diagnostics, timing);
  if (failed(compiled))
    return failure();
  std::vector<EmittedVariant> variants;
  for (CompiledVariant &variant : *compiled) {
    variants.push_back(std::move(variant.code));
    report.variants.push_back(std::move(variant.report));
  }
  report.model = variants.front().interface.name;
  report.compiler = getCompilerVersion().str();
  auto getStored = [](const CompileReport &report) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    report.printJson(stream);
    return text;
  };
  CompileReport largest = report;
  if (!isTextStage(lastStage))
    largest.reserveSizes();
  std::string reserved = getStored(largest);
  FailureOr<EmittedFiles> emitted =
      emitFile(variants, lastStage, options.output, reserved, options,
               diagnostics, timing);
  if (failed(emitted))
    return failure();
  report.constants = emitted->constants;
  report.fileBytes = emitted->bytes;
  for (auto [variant, bytes] :
       llvm::zip(report.variants, emitted->codeBytes))
    variant.codeBytes = bytes;
  if (!isTextStage(lastStage)) {
    std::string stored = getStored(report);
    stored.resize(reserved.size(), ' ');
    if (llvm::Error error = emitted->files.front().replace(reserved, stored))
      return diagnostics.emitError(std::move(error));
  }
  // A file that nobody named was made for its size alone.
  if (!options.output.empty() || isTextStage(lastStage))
    if (llvm::Error error = emitted->commit())
      return diagnostics.emitError(std::move(error));
  return success();
}

void Compilation::printReport() {
  if (options.report == ReportFormat::Text)
    report.printText(llvm::outs());
  if (options.report == ReportFormat::JSON) {
    report.printJson(llvm::outs(), /*indent=*/2);
    llvm::outs() << "\n";
  }
}

LogicalResult Compilation::run() {
  if (failed(checkOptions()))
    return failure();
  TimingScope reading = timing.nest("read");
  module = readModel(options, context, diagnostics);
  reading.stop();
  if (!module || diagnostics.hasErrors() ||
      failed(checkLevel(findStageOf(*module))))
    return failure();
  bool isCode = lastStage >= Stage::LLVM;
  if (failed(lowerTo(isCode ? Stage::Layers : lastStage)) ||
      failed(isCode ? writeCode() : writeModule()))
    return failure();
  printReport();
  return success();
}

LogicalResult mlir::dorefa::compile(const CompileOptions &options,
                                    MLIRContext &context) {
  DefaultTimingManager manager;
  manager.setEnabled(options.timing);
  TimingScope timing = manager.getRootScope();
  // Users know their model, not its IR.
  context.printOpOnDiagnostic(false);
  // IR is printed in the order of the passes.
  context.disableMultithreading(!options.printAfter.empty());
  return Compilation(options, context, timing).run();
}
