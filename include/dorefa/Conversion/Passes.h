//===- Passes.h - conversions between levels ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Declarations, options and registration of the passes in Passes.td, which lead
// from packed layers to the functions of an artifact.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_PASSES_H
#define DOREFA_CONVERSION_PASSES_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::dorefa {

#define GEN_PASS_DECL
#include "dorefa/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dorefa/Conversion/Passes.h.inc"

} // namespace mlir::dorefa

#endif // DOREFA_CONVERSION_PASSES_H
