//===- Progress.h - what a user sees while waiting ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_PROGRESS_H
#define DOREFA_LIB_DRIVER_PROGRESS_H

#include "mlir/Support/LLVM.h"
#include <string>

namespace mlir::dorefa {

/// On standard error: on a terminal one line that is overwritten, else a line
/// each.
class Progress {
public:
  explicit Progress(std::string prefix) : prefix(std::move(prefix)) {}

  void print(const Twine &text);
  /// The last line, which stays.
  void finish(const Twine &text);

private:
  std::string prefix;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_PROGRESS_H
