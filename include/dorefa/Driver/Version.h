//===- Version.h - Name and version of the compiler -------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One spelling of name and version, for --version and for the artifacts that
// the compiler writes.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_VERSION_H
#define DOREFA_DRIVER_VERSION_H

#include "llvm/ADT/StringRef.h"

namespace mlir::dorefa {

/// Such as `dorefa-compile 0.1.0 (LLVM 22.1.8)`.
llvm::StringRef getCompilerVersion();

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_VERSION_H
