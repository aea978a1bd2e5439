//===- Taps.cpp - the codes of a network's quantizers -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Codes of the same name in several images are one array in the end. A layer
// with several results has several names, so that taps are the same at the
// graph and at the layer level.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Interpreter/Taps.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Dialect/Dorefa/IR/TapNames.h"
#include "dorefa/Interpreter/Interpreter.h"

using namespace mlir;
using namespace mlir::dorefa;

/// The name of a result: a layer with several results has an array of names.
static StringAttr getValueName(LayerOp op, unsigned result) {
  Attribute names = op->getAttr("dorefa.value");
  if (auto all = dyn_cast_if_present<ArrayAttr>(names))
    names = result < all.size() ? all[result] : Attribute();
  auto name = dyn_cast_if_present<StringAttr>(names);
  return name && !name.empty() ? name : StringAttr();
}

void Taps::observe(Operation *op, ArrayRef<Tensor> results) {
  auto layer = dyn_cast<LayerOp>(op);
  if (!layer) {
    for (StringAttr name : getTapNames(op))
      codes[name].push_back(results.front());
    return;
  }
  for (auto [i, result] : llvm::enumerate(results))
    if (StringAttr name = getValueName(layer, i);
        name && getCode(result.getType()))
      codes[name].push_back(result);
}

SmallVector<NamedTensor> Taps::getCodes() const {
  SmallVector<NamedTensor> joined;
  for (const auto &[name, images] : codes)
    joined.push_back({name.str(), joinImages(images)});
  return joined;
}
