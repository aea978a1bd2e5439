//===- Taps.cpp - the codes of a network's quantizers -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dorefa/Interpreter/Taps.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Interpreter/Interpreter.h"

using namespace mlir;
using namespace mlir::dorefa;

void Taps::observe(Operation *op, ArrayRef<Tensor> results) {
  auto name = op->getAttrOfType<StringAttr>("dorefa.value");
  if (name && !results.empty() && getCode(results.front().getType()))
    codes[name].push_back(results.front());
}

SmallVector<NamedTensor> Taps::getCodes() const {
  SmallVector<NamedTensor> joined;
  for (const auto &[name, images] : codes)
    joined.push_back({name.str(), joinImages(images)});
  return joined;
}
