//===- PassRunner.cpp - passes on modules that nobody made for them -------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PassRunner.h"
#include "dorefa/InitAll.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::pipelines_test;

const std::vector<std::string> pipelines_test::stages = {
    "dorefa-recognize-pipeline", "dorefa-graph-to-layers-pipeline",
    "dorefa-layers-to-packed-pipeline", "dorefa-packed-to-loops-pipeline",
    "dorefa-loops-to-llvm-pipeline"};

static std::vector<std::string> makePipelines() {
  std::vector<std::string> result = stages;
  for (const char *pass :
       {"dorefa-recognize-quantizers", "dorefa-recognize-codes",
        "dorefa-fold-constants", "dorefa-sink-pools", "dorefa-form-layers",
        "dorefa-form-layers{strict=true}", "dorefa-fuse-pools",
        "dorefa-fold-thresholds",
        "dorefa-fold-thresholds{max-thresholds=255 scan-limit=16}"})
    result.push_back(std::string("func.func(") + pass + ")");
  for (const char *pass :
       {"dorefa-expose-taps", "dorefa-reduce-epilogues",
        "dorefa-choose-engines", "dorefa-choose-engines{engine=planes}",
        "dorefa-choose-engines{engine=quad tile=2x3x2}",
        "dorefa-choose-engines{engine=f32}", "dorefa-narrow-epilogues",
        "dorefa-pack-layers", "convert-dorefa-to-loops",
        "dorefa-dispatch-steps", "dorefa-time-steps", "dorefa-add-entry-points",
        "canonicalize", "cse"})
    result.push_back(pass);
  return result;
}

const std::vector<std::string> &pipelines_test::getPipelines() {
  static const std::vector<std::string> pipelines = makePipelines();
  return pipelines;
}

static DialectRegistry makeRegistry() {
  static const bool once = [] {
    llvm::sys::PrintStackTraceOnErrorSignal("");
    llvm::EnablePrettyStackTrace();
    mlir::dorefa::registerAllPasses();
    return true;
  }();
  (void)once;
  DialectRegistry registry;
  mlir::dorefa::registerAllDialects(registry);
  return registry;
}

PassRunner::PassRunner()
    : context(makeRegistry(), MLIRContext::Threading::DISABLED),
      handler(&context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          errors.push_back(diagnostic.str());
        return success();
      }) {
  context.printOpOnDiagnostic(false);
}

OwningOpRef<ModuleOp> PassRunner::parse(const std::string &text) {
  llvm::PrettyStackTraceString trace(text.c_str());
  errors.clear();
  auto module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_EQ(errors.empty(), static_cast<bool>(module)) << text;
  return module;
}

static std::string print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, OpPrintingFlags().useLocalScope());
  return text;
}

bool PassRunner::run(const std::string &pipeline, ModuleOp module) {
  std::string before = print(module);
  llvm::PrettyStackTraceFormat trace("%s on\n%s", pipeline.c_str(),
                                     before.c_str());
  errors.clear();
  PassManager manager(&context);
  if (failed(parsePassPipeline(pipeline, manager))) {
    ADD_FAILURE() << "no pipeline: " << pipeline;
    return false;
  }
  bool ok = succeeded(manager.run(module));
  // Each layer that strict mode refuses has an error of its own.
  bool isStrict = pipeline.find("strict=true") != std::string::npos;
  EXPECT_EQ(isStrict && !ok ? std::min<size_t>(errors.size(), 1)
                            : errors.size(),
            ok ? 0u : 1u)
      << pipeline << " on\n"
      << before << "\n"
      << (errors.empty() ? "" : errors.front() + "\n" + errors.back());
  return ok;
}

void PassRunner::runStages(ModuleOp module) {
  for (const std::string &stage : stages)
    if (!run(stage, module))
      return;
}

std::vector<OwningOpRef<ModuleOp>> PassRunner::split(ModuleOp module) {
  std::vector<OwningOpRef<ModuleOp>> parts;
  bool isJoined = llvm::any_of(*module.getBody(), [](Operation &op) {
    return !isa<func::FuncOp>(op);
  });
  module.walk([&](CallOpInterface) { isJoined = true; });
  if (isJoined) {
    parts.push_back(module.clone());
    return parts;
  }
  for (auto function : module.getOps<func::FuncOp>()) {
    parts.push_back(ModuleOp::create(module.getLoc()));
    parts.back()->getOperation()->setAttrs(module->getAttrDictionary());
    parts.back()->push_back(function.clone());
  }
  return parts;
}

static TestFile readTestFile(const std::filesystem::path &path) {
  TestFile file;
  file.path = path.string();
  std::ifstream stream(path);
  std::string line, text;
  while (std::getline(stream, line)) {
    if (line.rfind("// -----", 0) == 0) {
      file.modules.push_back(text);
      text.clear();
    } else if (line.rfind("//", 0) != 0) {
      text += line + "\n";
    }
  }
  file.modules.push_back(text);
  return file;
}

std::vector<TestFile> pipelines_test::readTestFiles() {
  std::vector<TestFile> files;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(DOREFA_TEST_FOLDER))
    if (entry.path().extension() == ".mlir")
      files.push_back(readTestFile(entry.path()));
  // The order of a folder is no order.
  llvm::sort(files, [](const TestFile &a, const TestFile &b) {
    return a.path < b.path;
  });
  return files;
}
