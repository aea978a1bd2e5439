//===- Passes.td - passes over the dorefa dialect ---------*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES
#define DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

#endif // DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES
