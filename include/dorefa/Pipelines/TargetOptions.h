//===- TargetOptions.h - the options that name a machine --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Pipelines and passes for a machine name it by the same four options.
// TargetOptions.td declares them for passes, this for pipelines; `forPass`
// leads from the one to the other.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_PIPELINES_TARGETOPTIONS_H
#define DOREFA_PIPELINES_TARGETOPTIONS_H

#include "mlir/Pass/PassOptions.h"

namespace mlir::dorefa {

/// The options of a pipeline of passes for a machine: those of the passes, and
/// of dorefa-compile.
template <typename DerivedT>
struct TargetPipelineOptions : PassPipelineOptions<DerivedT> {
  using Text = ::mlir::detail::PassOptions::Option<std::string>;

  Text target{*this, "target",
              llvm::cl::desc("the machine: native, x86-64-v3, x86-64-v4, "
                             "x86-64-v4-vnni, x86-64-v4-vbmi, aarch64, "
                             "riscv64, riscv64-v, riscv64-v-zvbb or a cpu's "
                             "name"),
              llvm::cl::init("native")};
  Text triple{*this, "triple",
              llvm::cl::desc("LLVM's name of the machine, in place of the "
                             "target's")};
  Text cpu{*this, "cpu",
           llvm::cl::desc("LLVM's name of the cpu, in place of the target's "
                          "with its features")};
  Text features{*this, "features",
                llvm::cl::desc("features to add to the cpu's")};

  /// Hands them to a pass.
  template <typename PassOptionsT>
  PassOptionsT forPass() const {
    PassOptionsT options;
    options.target = target;
    options.triple = triple;
    options.cpu = cpu;
    options.features = features;
    return options;
  }
};

} // namespace mlir::dorefa

#endif // DOREFA_PIPELINES_TARGETOPTIONS_H
