//===- TargetMachine.h - The machine that code is emitted for ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_TARGETMACHINE_H
#define DOREFA_TARGET_CPU_TARGETMACHINE_H

#include "dorefa/Target/CPU/TargetFeatures.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace mlir::dorefa {

/// What a user says about the machine. Empty fields take the value that `name`
/// stands for, or LLVM's most general one where `triple` is another machine.
struct TargetRequest {
  /// As in TargetDescription::get.
  std::string name = "native";
  std::string triple;
  std::string cpu;
  /// Added to those of the cpu: `+avx512vnni,-avx512vbmi`.
  std::string features;
};

/// Finds the machine, or says which part of the request LLVM does not know.
llvm::Expected<TargetDescription> findTarget(const TargetRequest &request);

/// Triple, cpu and the features that are named beside it, separated by blanks.
std::string describeTarget(const TargetDescription &target);

/// Code generation for the machine: position independent, without contraction
/// of floating-point operations.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetDescription &target);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_TARGETMACHINE_H
