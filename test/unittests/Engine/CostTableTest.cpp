//===- CostTableTest.cpp - The data files of rates ------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each file can be read, and has a tile for each engine that can be chosen on a
// CPU that it stands for.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/CostTable.h"
#include "dorefa/Engine/EngineCost.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {

TargetFeatures getFeatures(StringRef triple, StringRef cpu,
                           StringRef features = "") {
  FailureOr<TargetFeatures> target =
      TargetFeatures::get({triple.str(), cpu.str(), features.str()});
  EXPECT_TRUE(succeeded(target));
  return succeeded(target) ? *target : TargetFeatures();
}

constexpr StringLiteral x86 = "x86_64-unknown-linux-gnu";

TEST(CostTable, IsOfTheCpu) {
  EXPECT_EQ(CostTable::get(getFeatures(x86, "znver5")).family, "zen5");
  EXPECT_EQ(CostTable::get(getFeatures(x86, "cascadelake")).family,
            "cascadelake");
}

TEST(CostTable, IsOfTheInstructions) {
  EXPECT_EQ(CostTable::get(getFeatures(x86, "icelake-server")).family, "zen5");
  EXPECT_EQ(CostTable::get(getFeatures(x86, "x86-64-v4")).family,
            "skylake-avx512");
  EXPECT_EQ(CostTable::get(getFeatures(x86, "x86-64-v3")).family, "avx2");
  EXPECT_EQ(CostTable::get(getFeatures(x86, "alderlake")).family, "avxvnni");
  EXPECT_EQ(CostTable::get(getFeatures(x86, "x86-64")).family, "generic");
  EXPECT_EQ(
      CostTable::get(getFeatures("aarch64-unknown-linux-gnu", "")).family,
      "aarch64");
  auto getFamily = [](StringRef triple, StringRef features) {
    return CostTable::get(getFeatures(triple, "", features)).family;
  };
  StringRef arm = "aarch64-unknown-linux-gnu";
  EXPECT_EQ(getFamily(arm, "+dotprod"), "aarch64-dotprod");
  EXPECT_EQ(getFamily(arm, "+dotprod,+i8mm"), "aarch64-i8mm");
  StringRef riscv = "riscv64-unknown-linux-gnu";
  EXPECT_EQ(getFamily(riscv, ""), "generic");
  // Longer registers are not those of x86-64.
  EXPECT_EQ(getFamily(riscv, "+v,+zvl512b"), "riscv64");
  EXPECT_EQ(getFamily(riscv, "+v,+zvbb"), "riscv64-zvbb");
  // A hypervisor may hide what the CPU has.
  EXPECT_EQ(CostTable::get(getFeatures(x86, "znver5", "-avx512f")).family,
            "avxvnni");
  EXPECT_EQ(
      CostTable::get(getFeatures(x86, "znver5", "-avx512f,-avxvnni")).family,
      "avx2");
}

TEST(CostTable, HasFigures) {
  for (const CostTable &table : CostTable::getAll()) {
    EXPECT_FALSE(table.origin.empty()) << table.family;
    EXPECT_GT(table.nearWeightBytes, 0) << table.family;
    EXPECT_GT(table.directRate, 0) << table.family;
    EXPECT_GT(table.directChannelwiseRate, 0) << table.family;
    for (const TileRate &tile : table.tiles) {
      EXPECT_GT(tile.rate, 0) << table.family;
      EXPECT_TRUE(tile.vectors > 0 && tile.pixels > 0) << table.family;
    }
  }
}

/// A 3x3 convolution of 64 channels with codes of the given widths.
ProductShape getConvolution(MLIRContext *context, int64_t weightBits,
                            int64_t inputBits) {
  ProductShape shape;
  shape.inputCode = CodeAttr::get(context, /*isSigned=*/false, inputBits);
  shape.weightCode = CodeAttr::get(context, /*isSigned=*/false, weightBits);
  shape.inputChannels = shape.outputChannels = 64;
  shape.inputSpatial = shape.outputSpatial = {14, 14};
  shape.kernel = {3, 3};
  shape.strides = shape.dilations = {1, 1};
  shape.pads = {1, 1, 1, 1};
  return shape;
}

TEST(CostTable, KnowsEachEngine) {
  MLIRContext context;
  context.loadDialect<DorefaDialect>();
  const TargetFeatures targets[] = {
      getFeatures(x86, "znver5"),
      getFeatures(x86, "icelake-server"),
      getFeatures(x86, "cascadelake"),
      getFeatures(x86, "x86-64-v4"),
      getFeatures(x86, "x86-64-v3"),
      getFeatures(x86, "alderlake"),
      getFeatures(x86, "x86-64"),
      getFeatures("aarch64-unknown-linux-gnu", ""),
      getFeatures("aarch64-unknown-linux-gnu", "neoverse-n1"),
      getFeatures("aarch64-unknown-linux-gnu", "neoverse-n2"),
      getFeatures("riscv64-unknown-linux-gnu", ""),
      getFeatures("riscv64-unknown-linux-gnu", "", "+v"),
      getFeatures("riscv64-unknown-linux-gnu", "", "+v,+zvbb")};
  ResultShape result;
  result.height = result.width = 14;
  for (const TargetFeatures &target : targets)
    for (EngineKind kind :
         {EngineKind::Lookup, EngineKind::Lookup64, EngineKind::Quad,
          EngineKind::Planes, EngineKind::Bytes})
      for (int64_t weightBits = 1; weightBits <= 8; ++weightBits)
        for (int64_t inputBits = 1; inputBits <= 8; ++inputBits) {
          ProductShape shape = getConvolution(&context, weightBits, inputBits);
          if (!Engine::create(kind, target)->isLegal(shape))
            continue;
          PredictedSchedule predicted = predictSchedule(
              &context, kind, shape, result, TileSize(), target);
          EXPECT_TRUE(std::isfinite(predicted.cycles))
              << stringifyEngineKind(kind).str() << " of "
              << CostTable::get(target).family << " at " << weightBits << "x"
              << inputBits;
        }
}

} // namespace
