//===- FatalErrors.cpp - The last words of a compiler ---------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where LLVM or the allocator gives up, it is too late for diagnostics: the
// handlers print one line without allocating, have temporary files removed and
// leave.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/FatalErrors.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

/// Allocates nothing: there may be no memory.
[[noreturn]] static void endWith(const char *reason) {
  // The first line; what follows is of the code generator's insides.
  std::fprintf(stderr, "dorefa-compile: error: %.*s\n",
               static_cast<int>(std::strcspn(reason, "\n")), reason);
  llvm::sys::RunInterruptHandlers();
  std::_Exit(EXIT_FAILURE);
}

static void endWithReason(void *, const char *reason, bool) { endWith(reason); }

void mlir::dorefa::installFatalErrorHandlers() {
  llvm::install_fatal_error_handler(endWithReason);
  llvm::install_bad_alloc_error_handler(endWithReason);
  std::set_new_handler([] { endWith("out of memory"); });
}
