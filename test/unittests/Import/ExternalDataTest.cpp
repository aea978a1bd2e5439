//===- ExternalDataTest.cpp - tensors beside the model ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelBuilder.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_test;

namespace {

/// A folder `outer/model` with a file of weights in each of the two.
class ExternalData : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("dorefa", outer));
    folder = outer;
    llvm::sys::path::append(folder, "model");
    ASSERT_FALSE(llvm::sys::fs::create_directory(folder));
    write(outer, "secret.bin");
    write(folder, "weights.bin");
  }

  void TearDown() override { llvm::sys::fs::remove_directories(outer); }

  /// 16 bytes: the floats 1 to 4.
  static void write(StringRef folder, StringRef name) {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    std::error_code error;
    llvm::raw_fd_ostream out(path, error);
    ASSERT_FALSE(error);
    const float values[] = {1, 2, 3, 4};
    out.write(reinterpret_cast<const char *>(values), sizeof(values));
  }

  /// Imports `x + w` with w in an external file; the error, or nothing.
  std::string import(StringRef location, StringRef offset = "",
                     StringRef length = "") {
    ModelBuilder model;
    model.addInput("x", {1, 2});
    onnx::TensorProto *tensor =
        model.addTensor("w", onnx::TensorProto::FLOAT, {2});
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    auto addEntry = [&](const char *key, StringRef value) {
      if (value.empty())
        return;
      onnx::StringStringEntryProto *entry = tensor->add_external_data();
      entry->set_key(key);
      entry->set_value(value.str());
    };
    addEntry("location", location);
    addEntry("offset", offset);
    addEntry("length", length);
    model.addNode("Add", {"x", "w"}, {"y"});
    model.addOutput("y");
    std::string bytes = model.serialize(), message;
    MLIRContext context(MLIRContext::Threading::DISABLED);
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      message += diagnostic.str();
      return success();
    });
    auto module = importOnnx(llvm::MemoryBufferRef(bytes, "m.onnx"), folder,
                             &context);
    EXPECT_EQ(succeeded(module), message.empty());
    return message;
  }

  SmallString<128> outer, folder;
};

} // namespace

TEST_F(ExternalData, Whole) { EXPECT_EQ(import("weights.bin", "", "8"), ""); }

TEST_F(ExternalData, Slice) { EXPECT_EQ(import("weights.bin", "8", "8"), ""); }

TEST_F(ExternalData, LengthLeftOut) { EXPECT_EQ(import("weights.bin"), ""); }

TEST_F(ExternalData, ThroughAFolder) {
  SmallString<128> inner(folder);
  llvm::sys::path::append(inner, "inner");
  ASSERT_FALSE(llvm::sys::fs::create_directory(inner));
  EXPECT_EQ(import("inner/../weights.bin"), "");
  EXPECT_NE(import("inner/../../secret.bin"), "");
}

TEST_F(ExternalData, BehindTheEnd) {
  EXPECT_EQ(import("weights.bin", "12", "8"),
            "m.onnx: tensor 'w': external data 'weights.bin' holds 16 bytes, "
            "but 8 from 12 on are needed");
  EXPECT_NE(import("weights.bin", "18446744073709551615", "8"), "");
}

TEST_F(ExternalData, WrongLength) {
  EXPECT_EQ(import("weights.bin", "0", "4"),
            "m.onnx: tensor 'w': expected 8 bytes of external data, but got 4");
}

TEST_F(ExternalData, NoNumber) {
  EXPECT_EQ(import("weights.bin", "-1"),
            "m.onnx: tensor 'w': expected a number as offset of external data, "
            "but got '-1'");
}

TEST_F(ExternalData, NoLocation) {
  EXPECT_EQ(import(""),
            "m.onnx: tensor 'w': expected the location of external data");
}

TEST_F(ExternalData, MissingFile) {
  EXPECT_EQ(import("other.bin"),
            "m.onnx: tensor 'w': cannot read external data 'other.bin': No "
            "such file or directory");
}

TEST_F(ExternalData, Folder) {
  EXPECT_EQ(import("."), "m.onnx: tensor 'w': external data '.' leaves the "
                         "model's folder");
}

TEST_F(ExternalData, OutsideTheFolder) {
  SmallString<128> absolute(folder);
  llvm::sys::path::append(absolute, "weights.bin");
  for (std::string path : {std::string("../secret.bin"),
                           std::string("../model/weights.bin"),
                           std::string(absolute)})
    EXPECT_EQ(import(path), "m.onnx: tensor 'w': external data '" + path +
                                "' leaves the model's folder");
}

TEST_F(ExternalData, LinkThatLeavesTheFolder) {
  SmallString<128> link(folder), target(outer);
  llvm::sys::path::append(link, "link.bin");
  llvm::sys::path::append(target, "secret.bin");
  ASSERT_FALSE(llvm::sys::fs::create_link(target, link));
  EXPECT_EQ(import("link.bin"), "m.onnx: tensor 'w': external data 'link.bin' "
                                "leaves the model's folder");
}

TEST_F(ExternalData, LinkInsideTheFolder) {
  SmallString<128> link(folder), target(folder);
  llvm::sys::path::append(link, "link.bin");
  llvm::sys::path::append(target, "weights.bin");
  ASSERT_FALSE(llvm::sys::fs::create_link(target, link));
  EXPECT_EQ(import("link.bin"), "");
}
