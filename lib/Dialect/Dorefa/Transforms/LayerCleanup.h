//===- LayerCleanup.h - what an epilogue no longer needs --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For passes that rewrite epilogues and leave ops and operands of the old one
// behind.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCLEANUP_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCLEANUP_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

namespace mlir::dorefa {

/// Erases ops of the epilogue that nothing reads, then parameters and residuals
/// that nothing reads.
void eraseDeadEpilogue(LayerOp layer);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCLEANUP_H
