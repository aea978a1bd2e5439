//===- FeatureLimits.cpp - Features that code cannot go without -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A table for each architecture. Found by compiling a network with every
// feature of LLVM, added and taken away; what else is missing is either not
// needed or found at the end, as a function that stands for the instruction.
//
//===----------------------------------------------------------------------===//

#include "FeatureLimits.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/RISCVISAInfo.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Triple;

namespace {

struct FeatureLimits {
  Triple::ArchType arch;
  ArrayRef<StringRef> needed;
  ArrayRef<StringRef> forbidden;
};

} // namespace

// Reals are passed in vector registers.
static constexpr StringRef neededX86[] = {"64bit", "64bit-mode", "sse2"};
static constexpr StringRef forbiddenX86[] = {"32bit-mode", "16bit-mode",
                                             "soft-float", "x32"};
static constexpr StringRef neededAArch64[] = {"fp-armv8", "neon"};
// Reals are passed in registers of 64 bits; E has too few registers for
// integers; branches may be too far away for an assembler that must not relax
// them.
static constexpr StringRef neededRISCV[] = {"64bit", "m", "f", "d"};
static constexpr StringRef forbiddenRISCV[] = {"32bit", "e", "exact-asm",
                                               "save-restore"};

static constexpr FeatureLimits allLimits[] = {
    {Triple::x86_64, neededX86, forbiddenX86},
    {Triple::aarch64, neededAArch64, {}},
    {Triple::riscv64, neededRISCV, forbiddenRISCV},
};

static std::unique_ptr<llvm::MCSubtargetInfo>
createSubtarget(const TargetDescription &target, StringRef features) {
  std::string error;
  Triple triple(target.triple);
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      llvm::TargetRegistry::lookupTarget(triple, error)
          ->createMCSubtargetInfo(triple, target.cpu, features));
}

static bool hasFeature(const llvm::MCSubtargetInfo &machine,
                       StringRef feature) {
  return machine.checkFeatures("+" + feature.str());
}

/// RISC-V's own rules about extensions that exclude each other.
static Error checkExtensions(const llvm::MCSubtargetInfo &machine) {
  std::vector<std::string> extensions;
  for (const llvm::SubtargetFeatureKV &feature :
       machine.getAllProcessorFeatures())
    if (llvm::RISCVISAInfo::isSupportedExtensionFeature(feature.Key) &&
        machine.getFeatureBits().test(feature.Value))
      extensions.push_back("+" + StringRef(feature.Key).str());
  auto parsed = llvm::RISCVISAInfo::parseFeatures(/*XLen=*/64, extensions);
  if (parsed)
    return Error::success();
  return refuse("unsupported features of riscv64: " +
                llvm::toString(parsed.takeError()));
}

Error mlir::dorefa::checkFeatureLimits(const TargetDescription &target,
                                       StringRef added) {
  Triple::ArchType arch = Triple(target.triple).getArch();
  const auto *limits = llvm::find_if(
      allLimits, [&](const FeatureLimits &entry) { return entry.arch == arch; });
  if (limits == std::end(allLimits))
    return Error::success();
  std::string machineName = Triple::getArchTypeName(arch).str();
  std::unique_ptr<llvm::MCSubtargetInfo> machine =
      createSubtarget(target, target.features);
  StringRef own = StringRef(target.features).drop_back(added.size());
  for (StringRef feature : limits->needed) {
    if (hasFeature(*machine, feature))
      continue;
    bool isTaken = hasFeature(*createSubtarget(target, own), feature);
    return refuse("expected the feature '" + feature + "', which code for " +
                  machineName + " needs, but got " +
                  (isTaken ? "the features '" + added + "'"
                           : "the cpu '" + target.cpu + "'"));
  }
  for (StringRef feature : limits->forbidden)
    if (hasFeature(*machine, feature))
      return refuse("unsupported feature '" + feature + "': code for " +
                    machineName + " cannot have it");
  return arch == Triple::riscv64 ? checkExtensions(*machine)
                                 : Error::success();
}
