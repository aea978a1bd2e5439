//===- TargetRequest.cpp - What a user says about the machine -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A target's name gives triple, CPU and features; the user may replace or add
// each of them. All names are looked up first, since LLVM goes on with a
// warning where it does not know one.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/TargetRequest.h"
#include "FeatureLimits.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;
using llvm::Triple;

static Error checkFeature(const llvm::MCSubtargetInfo &info,
                          StringRef feature) {
  StringRef name = feature;
  if (!name.consume_front("+") && !name.consume_front("-"))
    return refuse("expected '+' or '-' in front of the feature '" + feature +
                  "'");
  for (const llvm::SubtargetFeatureKV &known : info.getAllProcessorFeatures())
    if (name == known.Key)
      return Error::success();
  return refuse("unknown feature '" + name + "' of " +
                info.getTargetTriple().getArchName());
}

/// LLVM prints a warning about names that it does not know and goes on; so
/// they are looked up beforehand.
static Error checkNames(const TargetDescription &target) {
  Triple triple(target.triple);
  std::string reason;
  initializeTargets();
  const llvm::Target *entry =
      llvm::TargetRegistry::lookupTarget(triple, reason);
  if (!entry)
    return refuse("unknown triple '" + target.triple + "'");
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      entry->createMCSubtargetInfo(triple, "", ""));
  bool hasShortPointers =
      triple.isX32() || triple.getEnvironment() == Triple::GNUILP32;
  if (!info || !triple.isOSBinFormatELF() || !triple.isArch64Bit() ||
      hasShortPointers || !triple.isLittleEndian())
    return refuse("unsupported triple '" + target.triple +
                  "': expected a 64-bit little-endian machine with ELF files");
  if (!target.cpu.empty() && !info->isCPUStringValid(target.cpu))
    return refuse("unknown cpu '" + target.cpu + "' of " +
                  triple.getArchName());
  if (target.features.empty())
    return Error::success();
  for (StringRef feature : llvm::split(target.features, ',')) {
    if (feature.empty())
      return refuse("expected features as '+a,-b', but got an empty one");
    if (Error error = checkFeature(*info, feature))
      return error;
  }
  return Error::success();
}

/// The least that code is written for where the user names an architecture
/// alone.
static void setGeneralCPU(TargetDescription &target) {
  switch (Triple(target.triple).getArch()) {
  case Triple::x86_64:
    target.cpu = "x86-64-v3";
    return;
  case Triple::riscv64: {
    TargetDescription general = *TargetDescription::get("riscv64");
    target.cpu = general.cpu;
    target.features = general.features;
    return;
  }
  default:
    target.cpu = "generic";
  }
}

Expected<TargetDescription>
mlir::dorefa::findTarget(const TargetRequest &request) {
  FailureOr<TargetDescription> named = TargetDescription::get(request.name);
  if (failed(named))
    return refuse("unknown target '" + request.name +
                  "': expected native, x86-64-v3, x86-64-v4, x86-64-v4-vnni, "
                  "x86-64-v4-vbmi, aarch64, riscv64, riscv64-v, "
                  "riscv64-v-zvbb or the name of a cpu");
  TargetDescription target = *named;
  if (!request.triple.empty()) {
    Triple triple(Triple::normalize(request.triple));
    if (triple.getArch() != Triple(target.triple).getArch()) {
      if (request.name != "native")
        return refuse("the target '" + request.name + "' is for " +
                      Triple(target.triple).getArchName() +
                      ", but the triple '" + request.triple + "' is for " +
                      triple.getArchName());
      target.cpu.clear();
      target.features.clear();
    }
    target.triple = triple.str();
  }
  if (!request.cpu.empty()) {
    target.cpu = request.cpu;
    target.features.clear();
  } else if (target.cpu.empty()) {
    setGeneralCPU(target);
  }
  if (!request.features.empty())
    target.features +=
        (target.features.empty() ? "" : ",") + request.features;
  if (Error error = checkNames(target))
    return std::move(error);
  if (Error error = checkFeatureLimits(target, request.features))
    return std::move(error);
  return target;
}

FailureOr<TargetFeatures>
mlir::dorefa::findTargetFeatures(const TargetRequest &request,
                                 Location location) {
  Expected<TargetDescription> target = findTarget(request);
  if (!target)
    return emitError(location) << llvm::toString(target.takeError());
  return TargetFeatures::get(*target);
}
