//===- Version.cpp - Name and version of the compiler ---------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The version comes from the build, that of LLVM from its headers.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/Version.h"
#include "llvm/Config/llvm-config.h"

llvm::StringRef mlir::dorefa::getCompilerVersion() {
  return "dorefa-compile " DOREFA_VERSION " (LLVM " LLVM_VERSION_STRING ")";
}
