//===- FatalErrors.h - The last words of a compiler -------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM ends the process where it gives up. These handlers make such ends look
// like any other error of the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_FATALERRORS_H
#define DOREFA_DRIVER_FATALERRORS_H

namespace mlir::dorefa {

/// Makes the process end with one error, exit status 1 and no unfinished file
/// where LLVM's code generators give up or memory ends.
void installFatalErrorHandlers();

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_FATALERRORS_H
