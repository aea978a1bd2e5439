//===- AnyModuleTest.cpp - each pass on the tests of all the others -------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pass that is run by hand meets modules of any level. It gives a module or
// one error.
//
//===----------------------------------------------------------------------===//

#include "PassRunner.h"
#include <filesystem>
#include <fstream>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::pipelines_test;

// The page is made of all td files of passes.
TEST(AnyModule, EveryPassIsTried) {
  std::ifstream page(DOREFA_PASS_PAGE);
  std::string line;
  int passes = 0;
  while (std::getline(page, line)) {
    if (line.rfind("### `-", 0) != 0)
      continue;
    ++passes;
    std::string name = line.substr(6, line.find('`', 6) - 6);
    EXPECT_TRUE(llvm::any_of(getPipelines(),
                             [&](const std::string &pipeline) {
                               return pipeline.find(name) != std::string::npos;
                             }))
        << name;
  }
  EXPECT_GE(passes, 10);
}

namespace {
class AnyModule : public testing::TestWithParam<TestFile> {};
} // namespace

TEST_P(AnyModule, GivesModuleOrOneError) {
  PassRunner runner;
  for (const std::string &text : GetParam().modules) {
    OwningOpRef<ModuleOp> whole = runner.parse(text);
    if (!whole)
      continue;
    for (OwningOpRef<ModuleOp> &part : PassRunner::split(*whole)) {
      for (const std::string &pipeline : getPipelines()) {
        OwningOpRef<ModuleOp> module = part->clone();
        // What a stage makes is a module for all the others.
        if (runner.run(pipeline, *module))
          runner.runStages(*module);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, AnyModule, testing::ValuesIn(readTestFiles()),
    [](const testing::TestParamInfo<TestFile> &info) {
      std::string name =
          std::filesystem::relative(info.param.path, DOREFA_TEST_FOLDER);
      for (char &c : name)
        c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      return name;
    });
