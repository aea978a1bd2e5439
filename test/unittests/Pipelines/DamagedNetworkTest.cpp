//===- DamagedNetworkTest.cpp - damaged files that are models still -------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Most flipped bits lie in numbers: the importer takes the file, and all that
// follows meets other weights, scales, widths and shapes.
//
//===----------------------------------------------------------------------===//

#include "../Import/SampleModel.h"
#include "PassRunner.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::pipelines_test;

TEST(DamagedNetwork, GivesModuleOrOneError) {
  constexpr unsigned seed = 19991231, damages = 300;
  std::mt19937 random(seed);
  const std::string bytes = onnx_test::makeSampleModel();
  unsigned imported = 0;
  for (unsigned i = 0; i < damages; ++i) {
    SCOPED_TRACE(i);
    PassRunner runner;
    std::string damaged = onnx_test::flipBits(bytes, random);
    auto module = importOnnx(llvm::MemoryBufferRef(damaged, "damaged.onnx"), "",
                             &runner.getContext());
    if (failed(module))
      continue;
    ++imported;
    runner.runStages(**module);
  }
  EXPECT_GT(imported, damages / 10);
}
