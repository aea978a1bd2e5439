//===- VariantTargets.h - the machines of one artifact ----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An artifact holds one variant of the network for each machine of a list. The
// machines differ in their CPU alone, and the last one that can run is chosen
// when the artifact is loaded, so each must be worth its place in the list.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_VARIANTTARGETS_H
#define DOREFA_TARGET_CPU_VARIANTTARGETS_H

#include "dorefa/Target/CPU/TargetRequest.h"

namespace mlir::dorefa {

/// The machine of one variant.
struct VariantTarget {
  /// The variant's: the target's as users name it, or else the CPU's.
  std::string name;
  TargetDescription target;
  /// Of the CPU, in bits of dorefa/Runtime/cpu_features.h.
  uint64_t requiredFeatures = 0;

  /// What runs on every machine that any variant is for: the code that chooses
  /// one.
  TargetDescription getBaseline() const;
};

/// Finds the machines of a request whose name is a list with commas. The name
/// `portable` stands for a variant for each level of x86-64 from v3 on.
llvm::Expected<SmallVector<VariantTarget>>
findVariantTargets(const TargetRequest &request);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_VARIANTTARGETS_H
