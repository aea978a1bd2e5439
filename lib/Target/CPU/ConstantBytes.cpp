//===- ConstantBytes.cpp - What a network's constants take ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Constants are counted where they are final: optimisation makes code of small
// ones, and variants share them. The conversion to loops names each after what
// it holds, with a number behind that; the tables of the compiler's own have
// other names.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/Emit.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

ConstantBytes mlir::dorefa::countConstantBytes(const llvm::Module &module) {
  ConstantBytes count;
  for (const llvm::GlobalVariable &global : module.globals()) {
    StringRef stem =
        global.getName().take_while([](char c) { return llvm::isAlpha(c); });
    int64_t bytes =
        module.getDataLayout().getTypeAllocSize(global.getValueType());
    if (stem == "codes")
      count.codes += bytes;
    else if (stem == "reals")
      count.reals += bytes;
    else if (stem == "integers")
      count.integers += bytes;
  }
  return count;
}
