//===- DeadOps.h - what a rewrite leaves behind -----------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_TRANSFORMS_DEADOPS_H
#define DOREFA_DIALECT_DOREFA_TRANSFORMS_DEADOPS_H

#include "mlir/IR/Block.h"

namespace mlir::dorefa {

/// Erases the ops of a block that nothing uses.
void eraseDeadOps(Block &block);

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_TRANSFORMS_DEADOPS_H
