//===- TargetOptions.td - the options that name a machine -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Passes that ask what a machine can do take the options of dorefa-compile,
// with the same meaning: those of TargetRequest.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_TARGETOPTIONS
#define DOREFA_TARGET_CPU_TARGETOPTIONS

include "mlir/Pass/PassBase.td"

class Dorefa_TargetOptions {
  list<Option> targetOptions = [
    Option<"target", "target", "std::string", /*default=*/"\"native\"",
           "the machine: native, x86-64-v3, x86-64-v4, x86-64-v4-vnni, "
           "x86-64-v4-vbmi, aarch64, riscv64, riscv64-v, riscv64-v-zvbb or a "
           "cpu's name">,
    Option<"triple", "triple", "std::string", /*default=*/"",
           "LLVM's name of the machine, in place of the target's">,
    Option<"cpu", "cpu", "std::string", /*default=*/"",
           "LLVM's name of the cpu, in place of the target's with its features">,
    Option<"features", "features", "std::string", /*default=*/"",
           "features to add to the cpu's, such as +avx512vnni">
  ];
}

#endif // DOREFA_TARGET_CPU_TARGETOPTIONS
