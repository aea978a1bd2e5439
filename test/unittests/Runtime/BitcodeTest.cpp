//===- BitcodeTest.cpp - The artifact runtime as bitcode ------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/ArtifactBitcode.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <set>

using namespace llvm;

namespace {

/// What the generated code provides.
const std::set<std::string> generated = {
    "dorefa_artifact", "dorefa_artifact_variants", "dorefa_images",
    "dorefa_pack"};
/// What the C library provides.
const std::set<std::string> ofSystem = {"getenv"};

const char *const provided[] = {
    "dorefa_artifact_run",   "dorefa_artifact_prepare",
    "dorefa_artifact_status_text", "dorefa_artifact_workspace_bytes",
    "dorefa_artifact_get_model",   "dorefa_artifact_get_error",
    "dorefa_artifact_run_step",
    "dorefa_pack_digits",    "dorefa_expf",
    "dorefa_logf",           "dorefa_tanhf",
    "dorefa_erff",           "dorefa_sigmoidf",
    "dorefa_powf"};

class BitcodeTest : public testing::TestWithParam<Triple::ArchType> {};

TEST_P(BitcodeTest, IsCompleteAndFreestanding) {
  LLVMContext context;
  StringRef bitcode = mlir::dorefa::getArtifactBitcode(GetParam());
  Expected<std::unique_ptr<Module>> module =
      parseBitcodeFile(MemoryBufferRef(bitcode, "artifact"), context);
  ASSERT_TRUE(bool(module)) << toString(module.takeError());
  EXPECT_EQ((*module)->getTargetTriple().getArch(), GetParam());
  for (const char *name : provided) {
    const Function *function = (*module)->getFunction(name);
    ASSERT_NE(function, nullptr) << name;
    EXPECT_FALSE(function->isDeclaration()) << name;
    EXPECT_TRUE(function->hasHiddenVisibility()) << name;
  }
  for (const GlobalValue &value : (*module)->global_values()) {
    std::string name = value.getName().str();
    bool isIntrinsic = value.getName().starts_with("llvm.");
    EXPECT_TRUE(!value.isDeclaration() || isIntrinsic ||
                generated.count(name) || ofSystem.count(name))
        << name << " is neither here nor generated";
  }
}

TEST_P(BitcodeTest, RoundsEachOperation) {
  LLVMContext context;
  StringRef bitcode = mlir::dorefa::getArtifactBitcode(GetParam());
  std::unique_ptr<Module> module =
      cantFail(parseBitcodeFile(MemoryBufferRef(bitcode, "artifact"), context));
  for (const Function &function : *module) {
    EXPECT_FALSE(function.getIntrinsicID() == Intrinsic::fmuladd ||
                 function.getIntrinsicID() == Intrinsic::fma);
    for (const BasicBlock &block : function)
      for (const Instruction &instruction : block)
        EXPECT_FALSE(isa<FPMathOperator>(instruction) &&
                     instruction.getFastMathFlags().any())
            << function.getName().str();
  }
}

INSTANTIATE_TEST_SUITE_P(Architectures, BitcodeTest,
                         testing::Values(Triple::x86_64, Triple::aarch64,
                                         Triple::riscv64));

TEST(ArtifactBitcodeTest, IsEmptyForOthers) {
  EXPECT_TRUE(mlir::dorefa::getArtifactBitcode(Triple::wasm32).empty());
}

} // namespace
