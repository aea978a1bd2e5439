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

/// Back to the line's begin, and nothing behind it.
static constexpr StringLiteral clearLine = "\r\x1b[K";

void Progress::print(const Twine &text) {
  if (!llvm::errs().is_displayed()) {
    llvm::errs() << prefix << text << "\n";
    return;
  }
  llvm::errs() << (isOpen ? clearLine : "") << prefix << text;
  isOpen = true;
}

void Progress::finish(const Twine &text) {
  print(text);
  if (isOpen)
    llvm::errs() << "\n";
  isOpen = false;
}

/// An error begins on a line of its own.
Progress::~Progress() {
  if (isOpen)
    llvm::errs() << "\n";
}
