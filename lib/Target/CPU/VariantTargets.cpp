//===- VariantTargets.cpp - the machines of one artifact --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A variant is of no use if one behind it in the list runs on every CPU that it
// runs on itself, which the required features show. Where there are none to
// compare, on other architectures than x86-64, a list has one entry.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/VariantTargets.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;
using llvm::Triple;

TargetDescription VariantTarget::getBaseline() const {
  TargetDescription baseline = target;
  if (Triple(target.triple).getArch() == Triple::x86_64) {
    baseline.cpu = "x86-64";
    baseline.features.clear();
  }
  return baseline;
}

static Expected<VariantTarget> findVariant(const TargetRequest &request) {
  if (request.name.empty())
    return refuse("expected the name of a target, but got an empty one");
  VariantTarget variant;
  if (Error error = findTarget(request).moveInto(variant.target))
    return std::move(error);
  variant.requiredFeatures = variant.target.getRequiredFeatures();
  // `native` says nothing on another machine than this one.
  bool isNamed = request.cpu.empty() && request.name != "native";
  variant.name = isNamed ? request.name : variant.target.cpu;
  return variant;
}

/// Whether code for both can be in one file.
static bool areOfOneSystem(const Triple &a, const Triple &b) {
  return a.getArch() == b.getArch() && a.getOS() == b.getOS() &&
         a.getEnvironment() == b.getEnvironment();
}

/// Refuses `variant` behind `earlier` in a list.
static Error checkPair(const VariantTarget &earlier,
                       const VariantTarget &variant) {
  Triple a(earlier.target.triple), b(variant.target.triple);
  if (!areOfOneSystem(a, b))
    return refuse("expected targets of one system, but got '" + a.str() +
                  "' for " + earlier.name + " and '" + b.str() + "' for " +
                  variant.name);
  if (a.getArch() != Triple::x86_64)
    return refuse("expected one target, but got several for " +
                  a.getArchName() + ": variants are chosen by features of "
                  "x86-64");
  if ((variant.requiredFeatures & ~earlier.requiredFeatures) == 0)
    return refuse("expected targets in rising order: " + earlier.name +
                  " would never be chosen, as " + variant.name +
                  " behind it runs on every such cpu");
  return Error::success();
}

Expected<SmallVector<VariantTarget>>
mlir::dorefa::findVariantTargets(const TargetRequest &request) {
  StringRef list = request.name;
  if (list == "portable")
    list = "x86-64-v3,x86-64-v4-vnni,x86-64-v4-vbmi";
  SmallVector<VariantTarget> variants;
  for (StringRef name : llvm::split(list, ',')) {
    if (name == "portable")
      return refuse("expected 'portable' alone, but got it in the list '" +
                    list + "'");
    TargetRequest single = request;
    single.name = name.str();
    Expected<VariantTarget> variant = findVariant(single);
    if (!variant)
      return variant.takeError();
    for (const VariantTarget &earlier : variants)
      if (Error error = checkPair(earlier, *variant))
        return std::move(error);
    // Vendors, the only difference, mean nothing.
    if (!variants.empty())
      variant->target.triple = variants.front().target.triple;
    variants.push_back(std::move(*variant));
  }
  return variants;
}
