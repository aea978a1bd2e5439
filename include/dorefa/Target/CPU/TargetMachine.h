//===- TargetMachine.h - The machine that code is emitted for ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM's code generator, set up such that each floating-point operation of the
// IR stays one operation with one rounding.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_TARGETMACHINE_H
#define DOREFA_TARGET_CPU_TARGETMACHINE_H

#include "dorefa/Target/CPU/TargetRequest.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace mlir::dorefa {

/// Triple, cpu and the features that are named beside it, separated by blanks.
std::string describeTarget(const TargetDescription &target);

/// Code generation for the machine: position independent, without contraction
/// of floating-point operations.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetDescription &target);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_TARGETMACHINE_H
