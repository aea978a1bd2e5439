//===- FormLayers.cpp - joins contractions and what follows them ----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Three phases: LayerClusters decides which ops become one layer, each
// convolution or matrix product that is not one of codes is named with its
// reason (an error if `strict`), then LayerBuilder builds the layers. Builders
// leave the order of ops alone; one topological sort repairs it.
//
//===----------------------------------------------------------------------===//

#include "CodeBuilder.h"
#include "LayerBuilder.h"
#include "NodeName.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "dorefa/Dialect/Dorefa/IR/TapNames.h"
#include "dorefa/Dialect/Dorefa/Transforms/DeadOps.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_FORMLAYERS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// Gives each contraction dequantizers of its own: one that others read as well
/// may become a layer, and a contraction outside of layers would find reals.
static void separateOperands(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block))
    for (OpOperand *operand : getContractedOperands(&op)) {
      auto dequantize = operand->get().getDefiningOp<DequantizeOp>();
      if (!dequantize || dequantize->hasOneUse())
        continue;
      OpBuilder builder(dequantize);
      Operation *own = builder.clone(*dequantize);
      removeTapNames(own, [](StringAttr) { return true; });
      operand->set(own->getResult(0));
    }
}

namespace {
struct FormLayers : dorefa::impl::FormLayersBase<FormLayers> {
  using FormLayersBase::FormLayersBase;

  void runOnOperation() override {
    FunctionOpInterface function = getOperation();
    if (function.isExternal())
      return;
    for (Block &block : function.getFunctionBody()) {
      eraseDeadOps(block);
      separateOperands(block);
      LayerClusters clusters(block);
      if (failed(accountForFloat(block, clusters)))
        return signalPassFailure();
      for (LayerCluster *cluster : clusters.getClusters())
        buildLayer(*cluster);
      // A layer stands where its last op stood; who reads an earlier one may
      // have stood in front.
      sortTopologically(&block);
      eraseDeadOps(block);
    }
  }

private:
  /// Says of each convolution and matrix product that is not an integer one,
  /// and of each sum of codes that no layer computes, why. Fails if that is not
  /// allowed.
  LogicalResult accountForFloat(Block &block, const LayerClusters &clusters);
  void report(Operation *op, const Twine &text, bool &isRefused);
};
} // namespace

void FormLayers::report(Operation *op, const Twine &text, bool &isRefused) {
  isRefused |= strict;
  InFlightDiagnostic diagnostic =
      strict ? emitError(op->getLoc()) : emitRemark(op->getLoc());
  diagnostic << describeNode(op) << text;
}

LogicalResult FormLayers::accountForFloat(Block &block,
                                          const LayerClusters &clusters) {
  bool isRefused = false;
  for (Operation &op : block) {
    std::string reason;
    std::optional<CodedContraction> coded = getCodedContraction(&op, &reason);
    // Pools and reductions of reals are float because the model says so.
    if (!isContraction(&op) || (!isa<ConvOp, MatmulOp>(op) && !coded))
      continue;
    auto refusal = clusters.getRefusals().find(&op);
    if (refusal != clusters.getRefusals().end()) {
      report(&op, "is not part of a layer: " + refusal->second, isRefused);
      continue;
    }
    if (!coded) {
      report(&op, "stays in float: " + reason, isRefused);
      continue;
    }
    unsigned bits = 0;
    for (const CodedOperand &operand : coded->operands)
      bits = std::max(bits, getCode(operand.getCodes().getType()).getBits());
    if (bits > 8)
      report(&op,
             "runs in a generic integer loop: engines have codes of up to 8 "
             "bits, and these have " +
                 Twine(bits),
             isRefused);
  }
  return failure(isRefused);
}
