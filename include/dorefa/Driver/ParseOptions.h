//===- ParseOptions.h - Command lines with plain errors ---------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM's library for command lines, but with errors as the tools' other ones.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_PARSEOPTIONS_H
#define DOREFA_DRIVER_PARSEOPTIONS_H

#include "llvm/ADT/StringRef.h"

namespace mlir::dorefa {

/// Reads the command line into the options that exist. The first mistake is
/// printed as one line, `error: reason`, and ends the process with status 1.
void parseOptions(int argc, char **argv, llvm::StringRef overview);

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_PARSEOPTIONS_H
