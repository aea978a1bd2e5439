//===- Passes.h - passes over the dorefa dialect ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Declarations, options and registration of the passes in Passes.td, which work
// on the graph level and end at layers.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES_H
#define DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Pass/Pass.h"

namespace mlir::dorefa {

#define GEN_PASS_DECL
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES_H
