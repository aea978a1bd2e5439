//===- FeatureLimits.h - Features that code cannot go without -*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM takes any set of features, and where code generation or the calling
// convention stands on one that is taken away, it stops with a text about its
// insides, or warns and emits code for another convention.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_FEATURELIMITS_H
#define DOREFA_LIB_TARGET_CPU_FEATURELIMITS_H

#include "dorefa/Target/CPU/TargetFeatures.h"
#include "llvm/Support/Error.h"

namespace mlir::dorefa {

/// Refuses a machine that lacks a feature which code for its architecture
/// needs, or has one which code cannot have. LLVM knows all of its names;
/// `added` is the end of its features that the user wrote.
llvm::Error checkFeatureLimits(const TargetDescription &target,
                               StringRef added);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_FEATURELIMITS_H
