//===- Refusal.h - errors with a reason ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An llvm::Error from a text that may hold per cent signs or a user's words.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_REFUSAL_H
#define DOREFA_TARGET_CPU_REFUSAL_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace mlir::dorefa {

/// An error whose message is `reason`, whatever characters it has.
inline llvm::Error refuse(const Twine &reason) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), reason);
}

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_REFUSAL_H
