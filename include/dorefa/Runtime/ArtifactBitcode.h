//===- ArtifactBitcode.h - The artifact runtime as bitcode ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C code of lib/Runtime/Artifact and lib/Runtime/Math, which the compiler
// links into every network: parse, set the cpu and features of the target on
// its functions, link (Linker::LinkOnlyNeeded), internalise. The interface is
// dorefa/Runtime/artifact.h. It contains no fmuladd, so code generation must
// not contract floating-point operations on its own (TargetOptions::
// AllowFPOpFusion may be anything but Fast).
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_ARTIFACTBITCODE_H
#define DOREFA_RUNTIME_ARTIFACTBITCODE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

namespace mlir::dorefa {

/// Bitcode for `arch` and Linux, 8-byte aligned; empty if there is none.
llvm::StringRef getArtifactBitcode(llvm::Triple::ArchType arch);

} // namespace mlir::dorefa

#endif // DOREFA_RUNTIME_ARTIFACTBITCODE_H
