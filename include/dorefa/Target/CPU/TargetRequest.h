//===- TargetRequest.h - What a user says about the machine -----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The driver, the pipelines and the passes name machines by the same four words,
// which one function understands.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_TARGETREQUEST_H
#define DOREFA_TARGET_CPU_TARGETREQUEST_H

#include "dorefa/Target/CPU/TargetFeatures.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/Error.h"

namespace mlir::dorefa {

/// What a user says about the machine. Empty fields take the value that `name`
/// stands for, or LLVM's most general one where `triple` is another machine.
struct TargetRequest {
  /// As in TargetDescription::get.
  std::string name = "native";
  std::string triple;
  /// With its own features: those of the named machine are not its.
  std::string cpu;
  /// Added to those of the cpu: `+avx512vnni,-avx512vbmi`.
  std::string features;
};

/// Finds the machine, or says which part of the request LLVM does not know.
llvm::Expected<TargetDescription> findTarget(const TargetRequest &request);

/// What kernels may use on the machine; emits an error at `location` if LLVM
/// does not know it.
FailureOr<TargetFeatures> findTargetFeatures(const TargetRequest &request,
                                             Location location);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_TARGETREQUEST_H
