//===- FoldConstants.cpp - replace constant subgraphs by their values ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Walks from users to producers and folds only the outermost constant values:
// what lies inside a constant subgraph is evaluated on the way and never
// becomes a constant of its own. Dequantized weights stay for contractions,
// which read the codes, and so do broadcasts of several values, whose small
// operand says along which dimension they vary.
//
//===----------------------------------------------------------------------===//

#include "CodeBuilder.h"
#include "ConstantEvaluator.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "dorefa/Dialect/Dorefa/Transforms/DeadOps.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

namespace {
struct FoldConstants : dorefa::impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;

  void runOnOperation() override {
    // Structured bodies (of layers) hold scalars, which we do not touch.
    for (Block &block : getOperation().getFunctionBody())
      foldBlock(block);
  }

private:
  void foldBlock(Block &block);
};
} // namespace

/// Whether `use` wants what computes a constant rather than the constant:
/// contractions want codes.
static bool wantsCodes(OpOperand &use) {
  return isContraction(use.getOwner()) &&
         use.get().getDefiningOp<DequantizeOp>();
}

/// Broadcasts of more than one value stay: what they repeat says along which
/// dimension the constant varies, and is small.
static bool isRepeating(Operation *op) {
  auto broadcast = dyn_cast<BroadcastOp>(op);
  return broadcast && cast<RankedTensorType>(broadcast.getInput().getType())
                              .getNumElements() > 1;
}

void FoldConstants::foldBlock(Block &block) {
  ConstantEvaluator evaluator;
  // Ops that stay although their operands are constants, and the values that
  // stay but become one constant each. Users before producers.
  DenseSet<Operation *> kept;
  SetVector<Operation *> folded;
  for (Operation &op : llvm::reverse(block)) {
    if (op.getNumResults() != 1 || isa<arith::ConstantOp>(op) ||
        !evaluator.isConstant(op.getResult(0)))
      continue;
    for (OpOperand &use : op.getUses()) {
      Operation *user = use.getOwner();
      bool isFoldedInto = user->getBlock() == &block &&
                          user->getNumResults() == 1 &&
                          evaluator.isConstant(user->getResult(0)) &&
                          !kept.contains(user);
      if (isFoldedInto)
        continue;
      if (isRepeating(&op) || wantsCodes(use))
        kept.insert(&op);
      else
        folded.insert(&op);
    }
  }

  for (Operation *op : llvm::reverse(folded)) {
    std::optional<ConstantTensor> value = evaluator.evaluate(op->getResult(0));
    if (!value)
      continue;
    OpBuilder builder(op);
    auto constant =
        arith::ConstantOp::create(builder, op->getLoc(), value->getAttr());
    op->getResult(0).replaceUsesWithIf(
        constant.getResult(),
        [&](OpOperand &use) { return !kept.contains(op) || !wantsCodes(use); });
  }

  eraseDeadOps(block);
  // Imported weights are resources, which most of the IR's readers of constants
  // do not know.
  for (auto constant : block.getOps<arith::ConstantOp>())
    if (isa<DenseResourceElementsAttr>(constant.getValue()))
      if (auto value = ConstantTensor::get(constant.getValue()))
        constant.setValueAttr(value->getAttr());
}
