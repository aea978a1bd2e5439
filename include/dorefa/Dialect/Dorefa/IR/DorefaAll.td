//===- DorefaAll.td - the whole dialect, for the generators -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Graph and layer ops in one file, for the generators that write the
// declarations of the whole dialect and docs/dialect.md at once.
//
//===----------------------------------------------------------------------===//

include "dorefa/Dialect/Dorefa/IR/DorefaOps.td"
include "dorefa/Dialect/Dorefa/IR/DorefaLayerOps.td"
