//===- TargetFeatures.cpp - what kernels may use ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels ask for a few properties, such as bytes of a vector or kind of dot
// product; these are derived from LLVM's features of the CPU, so that every CPU
// that LLVM knows is a target. A native target spells out all features, for a
// hypervisor may hide some that the CPU's name implies.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/TargetFeatures.h"
#include "dorefa/Runtime/cpu_features.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::dorefa;

void mlir::dorefa::initializeTargets() {
  static bool once = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
    return true;
  }();
  (void)once;
}

/// LLVM's description of the CPU, or null for an unknown triple or CPU.
static std::unique_ptr<llvm::MCSubtargetInfo>
createSubtarget(const TargetDescription &target) {
  initializeTargets();
  llvm::Triple triple(target.triple.empty()
                          ? llvm::sys::getDefaultTargetTriple()
                          : target.triple);
  std::string error;
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return nullptr;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      backend->createMCSubtargetInfo(triple, "", target.features));
  if (!subtarget || target.cpu.empty())
    return subtarget;
  if (!subtarget->isCPUStringValid(target.cpu))
    return nullptr;
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      backend->createMCSubtargetInfo(triple, target.cpu, target.features));
}

/// The machine that has a CPU of this name: the host's if it may be, as a few
/// names, such as `generic`, are of several architectures.
static FailureOr<TargetDescription> findMachineOfCPU(StringRef cpu) {
  std::string host = llvm::sys::getDefaultTargetTriple();
  // Levels of x86-64 mean the same machine on every host.
  if (cpu.starts_with("x86-64"))
    host = "x86_64-unknown-linux-gnu";
  for (StringRef triple :
       {StringRef(host), StringRef("x86_64-unknown-linux-gnu"),
        StringRef("aarch64-unknown-linux-gnu"),
        StringRef("riscv64-unknown-linux-gnu")}) {
    TargetDescription target;
    target.triple = triple.str();
    target.cpu = cpu.str();
    if (!cpu.empty() && createSubtarget(target))
      return target;
  }
  return failure();
}

FailureOr<TargetDescription> TargetDescription::get(StringRef name) {
  TargetDescription target;
  if (name == "aarch64") {
    target.triple = "aarch64-unknown-linux-gnu";
    return target;
  }
  if (name == "riscv64" || name == "riscv64-v" || name == "riscv64-v-zvbb") {
    // What distributions are built for: RV64GC.
    target.triple = "riscv64-unknown-linux-gnu";
    target.cpu = "generic-rv64";
    target.features = "+m,+a,+f,+d,+c";
    if (name != "riscv64")
      target.features += ",+v";
    if (name == "riscv64-v-zvbb")
      target.features += ",+zvbb";
    return target;
  }
  target.triple = llvm::sys::getDefaultTargetTriple();
  if (name == "native") {
    target.cpu = llvm::sys::getHostCPUName().str();
    // The hypervisor may hide what the CPU's name promises, so every feature
    // is spelled out.
    SmallVector<std::string> features;
    for (const auto &[feature, present] : llvm::sys::getHostCPUFeatures())
      features.push_back((present ? "+" : "-") + feature.str());
    llvm::sort(features);
    target.features = llvm::join(features, ",");
    return target;
  }
  if (name == "x86-64-v4-vnni" || name == "x86-64-v4-vbmi") {
    target.triple = "x86_64-unknown-linux-gnu";
    target.cpu = "x86-64-v4";
    target.features = "+avx512vnni";
    if (name == "x86-64-v4-vbmi")
      target.features +=
          ",+avx512vbmi,+avx512vbmi2,+avx512bitalg,+avx512vpopcntdq";
    return target;
  }
  return findMachineOfCPU(name);
}

uint64_t TargetDescription::getRequiredFeatures() const {
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget = createSubtarget(*this);
  if (!subtarget || !subtarget->getTargetTriple().isX86())
    return 0;
#define DOREFA_FEATURE_NAME(name, word, bit, state) "+" name,
  static const char *const names[] = {DOREFA_X86_FEATURES(DOREFA_FEATURE_NAME)};
#undef DOREFA_FEATURE_NAME
  static_assert(std::size(names) <= 64);
  uint64_t mask = 0;
  for (auto [bit, name] : llvm::enumerate(names))
    if (subtarget->checkFeatures(name))
      mask |= uint64_t(1) << bit;
  return mask;
}

FailureOr<TargetFeatures> TargetFeatures::get(const TargetDescription &target) {
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget = createSubtarget(target);
  if (!subtarget)
    return failure();
  auto has = [&](StringRef features) {
    return subtarget->checkFeatures(features.str());
  };
  TargetFeatures result;
  result.cpu = target.cpu;
  if (subtarget->getTargetTriple().isX86()) {
    result.fusedMultiplyAdd = has("+fma");
    if (has("+avx512bw,+avx512vl,+avx512dq")) {
      result.vectorBytes = 64;
      result.numRegisters = 32;
      result.dot4 = has("+avx512vnni") ? Dot4::VNNI : Dot4::MaddUBS;
      result.shuffle = Shuffle::PShufB;
      result.popcountBytes = has("+avx512bitalg");
      result.popcountWords = has("+avx512vpopcntdq");
      result.permuteBytes = has("+avx512vbmi");
      result.ternaryLogic = true;
    } else if (has("+avx2")) {
      result.vectorBytes = 32;
      result.dot4 = has("+avxvnni") ? Dot4::VNNI : Dot4::MaddUBS;
      result.shuffle = Shuffle::PShufB;
    }
  } else if (subtarget->getTargetTriple().isAArch64()) {
    result.fusedMultiplyAdd = true;
    result.numRegisters = 32;
    result.shuffle = Shuffle::Tbl;
    result.popcountBytes = true;
    result.multiplyMatrices = has("+i8mm");
    if (has("+dotprod"))
      result.dot4 = Dot4::UDot;
  } else if (subtarget->getTargetTriple().isRISCV()) {
    result.fusedMultiplyAdd = has("+f");
    if (has("+v")) {
      result.isVectorRISCV = true;
      result.vectorBytes = has("+zvl512b") ? 64 : has("+zvl256b") ? 32 : 16;
      result.numRegisters = 32;
      result.popcountBytes = result.popcountWords = has("+zvbb");
    }
  }
  return result;
}
