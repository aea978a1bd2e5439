//===- ExposeTaps.cpp - Return the codes of each quantizer ----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Codes are named by the values of the model that stand for them, so returning
// them takes only one more result a name. It works on the graph, before pools
// sink behind quantizers, so that what is returned is what the model declares.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/TapNames.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_EXPOSETAPS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// Whether a batch of such tensors can be one array.
static bool hasLeadingBatch(Value codes) {
  auto type = cast<RankedTensorType>(codes.getType());
  return type.getRank() > 0 && type.getDimSize(0) == 1;
}

static void addResult(func::FuncOp function, Value value, StringAttr name) {
  Operation *terminator = function.getBody().front().getTerminator();
  terminator->insertOperands(terminator->getNumOperands(), value);
  unsigned index = function.getNumResults();
  SmallVector<Type> results(function.getResultTypes());
  results.push_back(value.getType());
  function.setType(FunctionType::get(
      function.getContext(), function.getArgumentTypes(), results));
  function.setResultAttr(index, "dorefa.name", name);
}

/// The results that the function has already, by their names.
static llvm::StringMap<Value> getResults(func::FuncOp function) {
  llvm::StringMap<Value> results;
  Operation *terminator = function.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(terminator->getOperands()))
    if (auto name = function.getResultAttrOfType<StringAttr>(i, "dorefa.name"))
      results.try_emplace(name.getValue(), value);
  return results;
}

static void exposeTaps(func::FuncOp function, bool isBatchFree) {
  llvm::StringMap<Value> results = getResults(function);
  llvm::StringSet<> tapped;
  auto expose = [&](Operation &op, StringAttr name) {
    Value codes = op.getResult(0);
    if (isBatchFree && !hasLeadingBatch(codes)) {
      op.emitRemark("the codes '")
          << name.getValue()
          << "' are no output: their leading dimension is not the batch";
      return;
    }
    if (!tapped.insert(name.getValue()).second ||
        results.lookup(name.getValue()) == codes)
      return;
    // The name may be that of an output: the reals that the codes stand for.
    std::string result = name.str();
    while (!results.try_emplace(result, codes).second)
      result += "_codes";
    addResult(function, codes, StringAttr::get(op.getContext(), result));
  };
  for (Operation &op : function.getBody().front())
    for (StringAttr name : getTapNames(&op))
      expose(op, name);
}

namespace {
struct ExposeTaps : dorefa::impl::ExposeTapsBase<ExposeTaps> {
  void runOnOperation() override {
    auto batch = getOperation()->getAttrOfType<IntegerAttr>("dorefa.batch");
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration())
        exposeTaps(function, batch && batch.getInt() == 0);
  }
};
} // namespace
