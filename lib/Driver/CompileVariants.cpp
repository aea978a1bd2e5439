//===- CompileVariants.cpp - From layers to the code of each target -------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A module cannot leave its context, so the network reaches those of the
// variants as bytecode. A single variant needs no copy.
//
//===----------------------------------------------------------------------===//

#include "CompileVariants.h"
#include "Pipeline.h"
#include "TimesStore.h"
#include "TunePlan.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ThreadPool.h"

using namespace mlir;
using namespace mlir::dorefa;

static void readReport(Stage stage, ModuleOp module,
                       const VariantTarget &target, VariantReport &report) {
  if (stage == Stage::Packed)
    report.readLayers(module, target.target);
  if (stage == Stage::LLVM)
    report.readSizes(module);
}

FailureOr<CompiledVariant> mlir::dorefa::compileVariant(
    ModuleOp module, const VariantTarget &target, const CompileOptions &options,
    DiagnosticPrinter &diagnostics, TimingScope &timing) {
  VariantReport report(target);
  if (!options.tune.empty())
    report.clock = readClock(options.tune, target.target);
  Stage reached = findStageOf(module);
  readReport(reached, module, target, report);
  for (int i = static_cast<int>(reached) + 1;
       i <= static_cast<int>(Stage::LLVM); ++i) {
    Stage stage = static_cast<Stage>(i);
    if (failed(runPipelineTo(stage, module, options, target.target, timing)) ||
        diagnostics.hasErrors())
      return failure();
    readReport(stage, module, target, report);
    if (stage == Stage::Packed && options.timeSteps)
      numberPacks(module);
  }
  TimingScope scope = timing.nest("LLVM IR");
  FailureOr<EmittedVariant> code = emitVariant(module, target);
  if (failed(code))
    return failure();
  report.constants = code->constants;
  return CompiledVariant{std::move(*code), std::move(report)};
}

std::string mlir::dorefa::getBytecode(ModuleOp module) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  // Writing to a string cannot fail.
  (void)writeBytecodeToFile(module, stream);
  return bytes;
}

/// Constants are read in place and aligned in the file.
static OwningOpRef<ModuleOp> readBytecode(StringRef bytes,
                                          MLIRContext &context) {
  auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      bytes.size(), "network", llvm::Align(64));
  llvm::copy(bytes, buffer->getBufferStart());
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
}

FailureOr<CompiledVariant> mlir::dorefa::compileBytecode(
    StringRef bytecode, const DialectRegistry &registry,
    const VariantTarget &target, const CompileOptions &options,
    DiagnosticPrinter &diagnostics, TimingScope &timing) {
  TimingScope scope = timing.nest(target.name);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  DiagnosticPrinter::Listener listener(diagnostics, context);
  OwningOpRef<ModuleOp> module = readBytecode(bytecode, context);
  if (!module)
    return failure();
  return compileVariant(*module, target, options, diagnostics, scope);
}

FailureOr<std::vector<CompiledVariant>> mlir::dorefa::compileVariants(
    OwningOpRef<ModuleOp> module, ArrayRef<VariantTarget> targets,
    const CompileOptions &options, DiagnosticPrinter &diagnostics,
    TimingScope &timing) {
  std::vector<FailureOr<CompiledVariant>> results(targets.size());
  TimingScope all = timing.nest("variants");
  if (targets.size() == 1) {
    TimingScope scope = all.nest(targets.front().name);
    results.front() =
        compileVariant(*module, targets.front(), options, diagnostics, scope);
  } else {
    const DialectRegistry &registry =
        module->getContext()->getDialectRegistry();
    std::string bytecode = getBytecode(*module);
    module = nullptr;
    // IR is printed in the order of the passes.
    llvm::DefaultThreadPool pool(
        llvm::hardware_concurrency(options.printAfter.empty() ? 2 : 1));
    for (auto [target, result] : llvm::zip_equal(targets, results))
      pool.async([&, target = &target, result = &result] {
        *result = compileBytecode(bytecode, registry, *target, options,
                                  diagnostics, all);
      });
    pool.wait();
  }
  std::vector<CompiledVariant> variants;
  for (FailureOr<CompiledVariant> &result : results) {
    if (failed(result))
      return failure();
    variants.push_back(std::move(*result));
  }
  return variants;
}
