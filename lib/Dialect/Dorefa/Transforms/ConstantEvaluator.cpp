//===- ConstantEvaluator.cpp - values of constant subgraphs -----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whether a value is constant is decided first, and remembered; then operands
// are computed before their users, each once, and dropped after their last use.
// All walks are loops with a stack of their own, as chains in models can be
// long.
//
//===----------------------------------------------------------------------===//

#include "ConstantEvaluator.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::dorefa;

bool mlir::dorefa::canEvaluate(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0 ||
      !ConstantTensor::holds(op->getResult(0).getType()) ||
      !llvm::all_of(op->getOperandTypes(), ConstantTensor::holds))
    return false;
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    // The sum of codes is another one than that of reals.
    return reduce.getKind() == ReduceKind::Max ||
           reduce.getKind() == ReduceKind::Min ||
           !reduce.getInput().getDefiningOp<DequantizeOp>();
  }
  return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
             arith::MaximumFOp, arith::MinimumFOp, arith::NegFOp,
             arith::CmpFOp, arith::CmpIOp, arith::SelectOp, arith::SIToFPOp,
             arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp, arith::ExtSIOp,
             arith::ExtUIOp, arith::TruncIOp, arith::AddIOp, arith::SubIOp,
             arith::MulIOp, arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp,
             arith::MinUIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp,
             math::ExpOp, math::LogOp, math::TanhOp, math::ErfOp, math::PowFOp,
             math::SqrtOp, math::AbsFOp, math::CeilOp, math::FloorOp,
             math::RoundEvenOp, SigmoidOp, QuantizeOp, QuantizeThresholdsOp,
             DequantizeOp, BroadcastOp, ReshapeOp, TransposeOp, ConcatOp,
             SliceOp, GatherOp, PadOp, ResizeOp>(op);
}

std::optional<ConstantTensor>
mlir::dorefa::evaluateOp(Operation *op, ArrayRef<ConstantTensor> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (auto result = evaluateElementwise(op, operands, type))
    return result;
  if (auto result = evaluateShapeOp(op, operands))
    return result;
  if (auto result = evaluateCodeOp(op, operands))
    return result;
  return evaluateReduce(op, operands);
}

bool ConstantEvaluator::isConstant(Value value) {
  // Depth first without recursion: chains can be long.
  SmallVector<Operation *> stack;
  auto visit = [&](Value operand) -> std::optional<bool> {
    Operation *op = operand.getDefiningOp();
    if (!op)
      return false;
    if (auto it = known.find(op); it != known.end())
      return it->second;
    stack.push_back(op);
    return std::nullopt;
  };
  if (auto answer = visit(value))
    return *answer;
  while (!stack.empty()) {
    Operation *op = stack.back();
    bool isConstant = ConstantTensor::holds(op->getResult(0).getType()) &&
                      (isa<arith::ConstantOp>(op) || canEvaluate(op));
    bool isDecided = true;
    for (Value operand : op->getOperands()) {
      if (!isConstant)
        break;
      if (auto answer = visit(operand)) {
        isConstant = *answer;
      } else {
        isDecided = false;
        break;
      }
    }
    if (!isDecided)
      continue;
    known[op] = isConstant;
    stack.pop_back();
  }
  return known[value.getDefiningOp()];
}

std::optional<ConstantTensor> ConstantEvaluator::evaluate(Value value) {
  if (!isConstant(value))
    return std::nullopt;
  // Operands before users, each once, by depth first search.
  SetVector<Operation *> order;
  SmallVector<std::pair<Operation *, unsigned>> stack;
  stack.push_back({value.getDefiningOp(), 0});
  while (!stack.empty()) {
    auto &[op, next] = stack.back();
    if (next == op->getNumOperands()) {
      order.insert(op);
      stack.pop_back();
      continue;
    }
    Operation *operand = op->getOperand(next++).getDefiningOp();
    if (!order.contains(operand))
      stack.push_back({operand, 0});
  }

  DenseMap<Operation *, unsigned> uses;
  for (Operation *op : order)
    for (Value operand : op->getOperands())
      ++uses[operand.getDefiningOp()];

  DenseMap<Operation *, ConstantTensor> results;
  for (Operation *op : order) {
    std::optional<ConstantTensor> result;
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      result = ConstantTensor::get(constant.getValue());
    } else {
      SmallVector<ConstantTensor> operands;
      for (Value operand : op->getOperands())
        operands.push_back(results[operand.getDefiningOp()]);
      result = evaluateOp(op, operands);
    }
    if (!result) {
      known[op] = false;
      known[value.getDefiningOp()] = false;
      return std::nullopt;
    }
    for (Value operand : op->getOperands())
      if (--uses[operand.getDefiningOp()] == 0)
        results.erase(operand.getDefiningOp());
    results[op] = *result;
  }
  return results[value.getDefiningOp()];
}

std::optional<AxisVector<float>>
ConstantEvaluator::getAxisVector(Value value) {
  int64_t shift = 0;
  while (auto broadcast = value.getDefiningOp<BroadcastOp>()) {
    shift += cast<RankedTensorType>(value.getType()).getRank();
    value = broadcast.getInput();
    shift -= cast<RankedTensorType>(value.getType()).getRank();
  }
  std::optional<ConstantTensor> tensor = evaluate(value);
  if (!tensor)
    return std::nullopt;
  std::optional<AxisVector<float>> vector = dorefa::getAxisVector(*tensor);
  if (vector)
    vector->axis += shift;
  return vector;
}

std::optional<float> ConstantEvaluator::getUniform(Value value) {
  std::optional<AxisVector<float>> vector = getAxisVector(value);
  if (!vector || !vector->isUniform())
    return std::nullopt;
  return vector->values.front();
}

std::optional<int64_t> ConstantEvaluator::getUniformInteger(Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getInput();
  std::optional<ConstantTensor> tensor = evaluate(value);
  if (!tensor || tensor->isReal() || tensor->getNumElements() == 0)
    return std::nullopt;
  int64_t first = tensor->getInteger(0);
  for (int64_t i = 1, end = tensor->isSplat() ? 1 : tensor->getNumElements();
       i < end; ++i)
    if (tensor->getInteger(i) != first)
      return std::nullopt;
  return first;
}
