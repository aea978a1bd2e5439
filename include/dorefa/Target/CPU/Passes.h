//===- Passes.h - passes that choose and pack for a CPU ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Declarations, options and registration of the passes in Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_PASSES_H
#define DOREFA_TARGET_CPU_PASSES_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::dorefa {

#define GEN_PASS_DECL
#include "dorefa/Target/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dorefa/Target/CPU/Passes.h.inc"

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_PASSES_H
