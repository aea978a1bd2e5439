//===- Progress.cpp - what a user sees while waiting ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Progress.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::dorefa;

/// From here to the end of the line nothing.
static constexpr StringLiteral clearLine = "\x1b[K";

/// On a terminal the cursor goes back to the begin of the line, so that what
/// comes next, be it an error, is written over it.
void Progress::print(const Twine &text) {
  bool isTerminal = llvm::errs().is_displayed();
  llvm::errs() << (isTerminal ? clearLine : "") << prefix << text
               << (isTerminal ? "\r" : "\n");
}

void Progress::finish(const Twine &text) {
  print(text);
  if (llvm::errs().is_displayed())
    llvm::errs() << "\n";
}
