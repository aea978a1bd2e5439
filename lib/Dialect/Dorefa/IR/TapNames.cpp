//===- TapNames.cpp - quantizers of the model by their codes ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A list that comes from text may hold anything: what is no name is passed
// over.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/TapNames.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

using namespace mlir;
using namespace mlir::dorefa;

static constexpr llvm::StringLiteral valueAttr = "dorefa.value";
static constexpr llvm::StringLiteral tapsAttr = "dorefa.taps";

SmallVector<StringAttr> mlir::dorefa::getTapNames(Operation *op) {
  SmallVector<StringAttr> names;
  if (op->getNumResults() != 1 || !getCode(op->getResult(0).getType()))
    return names;
  if (isa<QuantizeOp, QuantizeThresholdsOp>(op))
    if (auto name = op->getAttrOfType<StringAttr>(valueAttr))
      names.push_back(name);
  if (auto more = op->getAttrOfType<ArrayAttr>(tapsAttr))
    for (Attribute attribute : more)
      if (auto name = dyn_cast<StringAttr>(attribute))
        names.push_back(name);
  llvm::erase_if(names, [](StringAttr name) { return name.empty(); });
  return names;
}

static void setTaps(Operation *op, ArrayRef<Attribute> names) {
  if (names.empty())
    op->removeDiscardableAttr(tapsAttr);
  else
    op->setDiscardableAttr(tapsAttr, ArrayAttr::get(op->getContext(), names));
}

void mlir::dorefa::addTapName(Operation *op, StringAttr name) {
  if (llvm::is_contained(getTapNames(op), name))
    return;
  SmallVector<Attribute> names;
  if (auto before = op->getAttrOfType<ArrayAttr>(tapsAttr))
    llvm::append_range(names, before);
  names.push_back(name);
  setTaps(op, names);
}

void mlir::dorefa::removeTapNames(Operation *op,
                                  function_ref<bool(StringAttr)> isTaken) {
  if (isa<QuantizeOp, QuantizeThresholdsOp>(op))
    if (auto name = op->getAttrOfType<StringAttr>(valueAttr);
        name && isTaken(name))
      op->removeDiscardableAttr(valueAttr);
  auto more = op->getAttrOfType<ArrayAttr>(tapsAttr);
  if (!more)
    return;
  SmallVector<Attribute> kept;
  for (Attribute attribute : more)
    if (auto name = dyn_cast<StringAttr>(attribute); name && !isTaken(name))
      kept.push_back(name);
  setTaps(op, kept);
}
