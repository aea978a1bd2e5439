//===- AllPasses.td - all passes, for docs/passes.md ------*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The declarations of all passes in one file, in the order of the compilation,
// so that one run of the generator writes docs/passes.md. Nothing else includes
// it.
//
//===----------------------------------------------------------------------===//

include "dorefa/Dialect/Dorefa/Transforms/Passes.td"
include "dorefa/Target/CPU/Passes.td"
include "dorefa/Conversion/Passes.td"
