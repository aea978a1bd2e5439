//===- DamagedModelTest.cpp - models with faults in every place ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A small model with most kinds of nodes is cut off and has its bits flipped,
// two thousand times. Each file is imported or gives one error.

#include "ModelBuilder.h"
#include "mlir/IR/Diagnostics.h"
#include <random>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_test;

static std::string makeModel() {
  ModelBuilder model;
  model.addInput("x", {1, 2, 4, 4});
  model.addFloats("w", {2, 2, 3, 3}, std::vector<float>(36, 0.5f));
  model.addFloats("s", {}, {0.5f});
  model.addFloats("z", {}, {0.0f});
  model.addFloats("bits", {}, {2.0f});
  model.addFloats("t", {2, 3}, {1, 2, 3, 4, 5, 6});
  model.addFloats("dense", {8, 3}, std::vector<float>(24, 0.25f));
  model.addIntegers("shape", {2}, {0, -1});
  model.addNode("Conv", {"x", "w"}, {"c"}).addInts("pads", {1, 1, 1, 1});
  model.addNode("Relu", {"c"}, {"r"});
  model.addNode("Quant", {"r", "s", "z", "bits"}, {"q"}, "onnx.brevitas")
      .addInt("signed", 0)
      .addInt("narrow", 0)
      .addString("rounding_mode", "ROUND");
  model.addNode("MaxPool", {"q"}, {"p"})
      .addInts("kernel_shape", {2, 2})
      .addInts("strides", {2, 2});
  model.addNode("MultiThreshold", {"p", "t"}, {"m"}, "finn");
  model.addNode("Reshape", {"m", "shape"}, {"f"});
  model.addNode("MatMul", {"f", "dense"}, {"d"});
  model.addNode("Softmax", {"d"}, {"y"}).addInt("axis", 1);
  model.addOutput("y");
  return model.serialize();
}

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
  std::string bytes = makeModel();
  EXPECT_TRUE(succeeded(
      importOnnx(llvm::MemoryBufferRef(bytes, "whole.onnx"), "", &context)));
}

TEST(DamagedModel, CutOff) {
  std::string bytes = makeModel();
  constexpr size_t cuts = 500;
  for (size_t i = 0; i < cuts; ++i)
    expectOneErrorAtMost(bytes.substr(0, bytes.size() * i / cuts));
}

TEST(DamagedModel, FlippedBits) {
  constexpr unsigned seed = 20160620, mutations = 1500;
  std::mt19937 random(seed);
  const std::string bytes = makeModel();
  for (unsigned i = 0; i < mutations; ++i) {
    std::string damaged = bytes;
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
      damaged[random() % damaged.size()] ^= 1 << random() % 8;
    SCOPED_TRACE(i);
    expectOneErrorAtMost(damaged);
  }
}

// A file of a hundred bytes that claims a tensor of gigabytes.
TEST(DamagedModel, ClaimedTensor) {
  for (std::vector<int64_t> shape :
       {std::vector<int64_t>{1 << 29}, {1 << 20, 1 << 20}, {-1, 4}, {1LL << 62, 4}}) {
    ModelBuilder model;
    model.addInput("x", {1, 4});
    model.addFloats("w", shape, {1});
    model.addNode("Add", {"x", "w"}, {"y"});
    model.addOutput("y");
    expectOneErrorAtMost(model.serialize());
  }
}
