//===- SampleModel.h - a model to be damaged ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TEST_UNITTESTS_IMPORT_SAMPLEMODEL_H
#define DOREFA_TEST_UNITTESTS_IMPORT_SAMPLEMODEL_H

#include "ModelBuilder.h"
#include <random>

namespace mlir::dorefa::onnx_test {

/// A small network with most kinds of nodes.
inline std::string makeSampleModel() {
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

/// The bytes with one to four bits flipped.
inline std::string flipBits(std::string bytes, std::mt19937 &random) {
  for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
    bytes[random() % bytes.size()] ^= 1 << random() % 8;
  return bytes;
}

} // namespace mlir::dorefa::onnx_test

#endif // DOREFA_TEST_UNITTESTS_IMPORT_SAMPLEMODEL_H
