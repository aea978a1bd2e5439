//===- Assert.h - what earlier code guarantees ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The packaged LLVM is built with NDEBUG, and so must be what includes its
// headers: assert says nothing in any of our builds. DOREFA_ASSERT is on in all
// of them. It is for faults of this compiler; input, IR and options are
// diagnosed.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_SUPPORT_ASSERT_H
#define DOREFA_SUPPORT_ASSERT_H

#include <cstdio>
#include <cstdlib>

namespace mlir::dorefa {

[[noreturn]] inline void failAssertion(const char *condition,
                                       const char *message, const char *file,
                                       int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s (%s)\n", file, line,
               message, condition);
  std::abort();
}

} // namespace mlir::dorefa

/// Ends the program, with the message, where the condition does not hold.
#define DOREFA_ASSERT(condition, message)                                      \
  (static_cast<bool>(condition)                                                \
       ? static_cast<void>(0)                                                  \
       : ::mlir::dorefa::failAssertion(#condition, message, __FILE__,          \
                                       __LINE__))

#endif // DOREFA_SUPPORT_ASSERT_H
