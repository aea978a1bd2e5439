//===- ModelTimer.h - the time of compiled code ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Runs a network, compiled for this, in the compiler's process, and takes the
// time of its steps.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_MODELTIMER_H
#define DOREFA_LIB_DRIVER_MODELTIMER_H

#include "LoadedModel.h"
#include <vector>

namespace mlir::dorefa {

/// Cycles in a nanosecond of this CPU when it is busy.
double measureClock();

/// A network with its memory, prepared, and inputs for it.
class ModelTimer {
public:
  static llvm::Expected<ModelTimer> open(StringRef path);

  /// Nanoseconds of an image, in one run. Those of each step that has a number
  /// below `steps.size()` are added to `steps`, if the code tells where steps
  /// begin (dorefa-time-steps).
  double run(std::vector<double> &steps);
  uint64_t getBytes() const {
    return loaded.getModel().model_memory_bytes + workspaceBytes;
  }

private:
  explicit ModelTimer(LoadedModel loaded) : loaded(std::move(loaded)) {}
  llvm::Error prepare();

  LoadedModel loaded;
  std::vector<AlignedBytes> inputs, outputs;
  std::optional<AlignedBytes> memory, workspace;
  uint64_t workspaceBytes = 0;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_MODELTIMER_H
