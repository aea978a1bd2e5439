//===- CommandLine.h - The options of dorefa-compile ------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Keeps LLVM's command line out of the rest of the driver, which sees a plain
// CompileOptions.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_COMMANDLINE_H
#define DOREFA_DRIVER_COMMANDLINE_H

#include "dorefa/Driver/CompileOptions.h"

namespace mlir::dorefa {

/// Reads the options of a command; ends the process on those that are wrong, on
/// --help and on --version.
CompileOptions parseCommandLine(int argc, char **argv);

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_COMMANDLINE_H
