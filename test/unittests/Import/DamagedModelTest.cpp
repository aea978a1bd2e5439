//===- DamagedModelTest.cpp - models with faults in every place ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A small model with most kinds of nodes is cut off and has its bits flipped,
// two thousand times. Each file is imported or gives one error.

#include "SampleModel.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_test;

/// Imports the bytes: success without an error, or failure with one.
static void expectOneErrorAtMost(const std::string &bytes) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  unsigned errors = 0;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return success();
  });
  auto module =
      importOnnx(llvm::MemoryBufferRef(bytes, "damaged.onnx"), "", &context);
  EXPECT_EQ(errors, succeeded(module) ? 0u : 1u);
}

TEST(DamagedModel, WholeModelImports) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  std::string bytes = makeSampleModel();
  EXPECT_TRUE(succeeded(
      importOnnx(llvm::MemoryBufferRef(bytes, "whole.onnx"), "", &context)));
}

TEST(DamagedModel, CutOff) {
  std::string bytes = makeSampleModel();
  constexpr size_t cuts = 500;
  for (size_t i = 0; i < cuts; ++i)
    expectOneErrorAtMost(bytes.substr(0, bytes.size() * i / cuts));
}

TEST(DamagedModel, FlippedBits) {
  constexpr unsigned seed = 20160620, mutations = 1500;
  std::mt19937 random(seed);
  const std::string bytes = makeSampleModel();
  for (unsigned i = 0; i < mutations; ++i) {
    SCOPED_TRACE(i);
    expectOneErrorAtMost(flipBits(bytes, random));
  }
}

// A file of a hundred bytes that claims a tensor of gigabytes.
TEST(DamagedModel, ClaimedTensor) {
  for (std::vector<int64_t> shape : {std::vector<int64_t>{1 << 29},
                                     {1 << 20, 1 << 20},
                                     {-1, 4},
                                     {1LL << 62, 4}}) {
    ModelBuilder model;
    model.addInput("x", {1, 4});
    model.addFloats("w", shape, {1});
    model.addNode("Add", {"x", "w"}, {"y"});
    model.addOutput("y");
    expectOneErrorAtMost(model.serialize());
  }
}
