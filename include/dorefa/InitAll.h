//===- InitAll.h - everything that a tool registers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What all tools register, so that the same IR and the same pipelines work in
// each of them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_INITALL_H
#define DOREFA_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::dorefa {

/// Registers the dorefa dialect and all upstream dialects and extensions.
void registerAllDialects(DialectRegistry &registry);

/// Registers the compiler's passes and pipelines and all upstream passes.
void registerAllPasses();

} // namespace mlir::dorefa

#endif // DOREFA_INITALL_H
