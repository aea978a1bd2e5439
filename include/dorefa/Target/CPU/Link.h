//===- Link.h - From object files to libraries and programs -----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linking is lld's, which is a program of its own. A shared library needs no
// file of the target system; an executable needs its C library's.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_LINK_H
#define DOREFA_TARGET_CPU_LINK_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"
#include <string>

namespace mlir::dorefa {

struct LinkOptions {
  llvm::Triple triple;
  /// ld.lld; empty: LLVM's own, else the first in PATH.
  std::string linker;
  /// The folder with libdorefa_main-<arch>.a.
  std::string runtimeFolder;
  /// The root of the target's system; empty: this machine's.
  std::string sysroot;
};

/// Links the object file `input` to a shared library that exports what the
/// object does.
llvm::Error linkLibrary(StringRef input, StringRef output,
                        const LinkOptions &options);

/// Links it with the static runtime and the C library to a program.
llvm::Error linkExecutable(StringRef input, StringRef output,
                           const LinkOptions &options);

/// Refuses an object that needs a function which no C library has without its
/// mathematical part: `bytes` are those of the object.
llvm::Error checkUndefinedSymbols(StringRef bytes);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_LINK_H
