//===- PassRunner.h - passes on modules that nobody made for them -*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TEST_UNITTESTS_PIPELINES_PASSRUNNER_H
#define DOREFA_TEST_UNITTESTS_PIPELINES_PASSRUNNER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "gtest/gtest.h"
#include <string>
#include <vector>

namespace mlir::dorefa::pipelines_test {

/// All passes and pipelines of this project, and those between them, each as a
/// pipeline on a module.
const std::vector<std::string> &getPipelines();

/// The pipelines that compile a graph, one after another.
extern const std::vector<std::string> stages;

/// A context that knows all dialects and counts errors instead of printing
/// them. On a crash it says what ran last.
class PassRunner {
public:
  PassRunner();

  MLIRContext &getContext() { return context; }

  /// Null, with one error, if the text is no module.
  OwningOpRef<ModuleOp> parse(const std::string &text);

  /// Runs a pipeline, which must end well or with one error.
  bool run(const std::string &pipeline, ModuleOp module);

  /// Runs `stages` as far as they go.
  void runStages(ModuleOp module);

  /// Each function of the module in a module of its own, so that each can have
  /// its own error; the module itself if one calls another.
  static std::vector<OwningOpRef<ModuleOp>> split(ModuleOp module);

private:
  MLIRContext context;
  ScopedDiagnosticHandler handler;
  std::vector<std::string> errors;
};

/// The modules in the texts of the tests below test/, by their files.
struct TestFile {
  std::string path;
  std::vector<std::string> modules;
};
std::vector<TestFile> readTestFiles();

} // namespace mlir::dorefa::pipelines_test

#endif // DOREFA_TEST_UNITTESTS_PIPELINES_PASSRUNNER_H
