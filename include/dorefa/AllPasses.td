//===- AllPasses.td - all passes, for docs/passes.md ------*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dorefa/Dialect/Dorefa/Transforms/Passes.td"
include "dorefa/Target/CPU/Passes.td"
include "dorefa/Conversion/Passes.td"
