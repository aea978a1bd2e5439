//===- Steps.cpp - which ops are computed together ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Elementwise ops join the step of their only reader, so that no tensor is
// stored between them, if shape and phase (at preparation, or for each image)
// are the same; all else is a step of its own. Reshapes and constants are none,
// nor are broadcasts that only elementwise ops read and dequantizers that only
// contractions of codes read. Ops are visited from the last to the first, so
// that readers are known.
//
//===----------------------------------------------------------------------===//

#include "Steps.h"
#include "OperandReader.h"
#include "StepEmitters.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

Value loops::getStorage(Value tensor) {
  while (auto reshape = tensor.getDefiningOp<ReshapeOp>())
    tensor = reshape.getInput();
  return tensor;
}

Value loops::getElementwiseSource(Value tensor) {
  while (auto broadcast = tensor.getDefiningOp<BroadcastOp>())
    tensor = broadcast.getInput();
  return tensor;
}

TypedAttr loops::getSplat(Value tensor) {
  SplatElementsAttr splat;
  if (!matchPattern(getStorage(tensor), m_Constant(&splat)))
    return {};
  return cast<TypedAttr>(splat.getSplatValue<Attribute>());
}

bool loops::isElementwise(Operation *op) {
  if (op->getNumResults() != 1)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || isPacked(op->getResult(0)))
    return false;
  return op->hasTrait<OpTrait::Elementwise>() ||
         isa<QuantizeOp, QuantizeThresholdsOp, DequantizeOp, BatchNormOp,
             SigmoidOp>(op);
}

MemRefType loops::getBufferType(RankedTensorType type) {
  auto byte = IntegerType::get(type.getContext(), 8);
  if (auto layout = dyn_cast_or_null<LayoutAttr>(type.getEncoding()))
    return MemRefType::get({layout.getBytes(type.getShape())}, byte);
  if (auto digits = dyn_cast_or_null<DigitsAttr>(type.getEncoding()))
    return MemRefType::get({digits.getBytes()}, byte);
  Type element = type.getElementType();
  return MemRefType::get(type.getShape(),
                         element.isInteger(1) ? byte : element);
}

int64_t loops::getBufferBytes(RankedTensorType type) {
  MemRefType buffer = getBufferType(type);
  return buffer.getNumElements() * buffer.getElementTypeBitWidth() / 8;
}

void loops::separateResults(func::FuncOp function) {
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  OpBuilder builder(returnOp);
  llvm::SmallPtrSet<Value, 4> written;
  for (OpOperand &operand : returnOp->getOpOperands()) {
    Value storage = getStorage(operand.get());
    Operation *producer = storage.getDefiningOp();
    if (producer && !producer->hasTrait<OpTrait::ConstantLike>() &&
        written.insert(storage).second)
      continue;
    Type type = operand.get().getType();
    operand.set(BroadcastOp::create(
        builder, producer ? producer->getLoc() : function.getLoc(), type,
        operand.get()));
  }
}

namespace {
/// Assigns ops to steps, from the last op to the first.
class StepFinder {
public:
  StepFinder(func::FuncOp function, const TargetFeatures &target)
      : function(function), target(target) {}

  FailureOr<SmallVector<Step>> run();

private:
  void findConstants();
  Operation *findRoot(Operation *op);
  LogicalResult collectInputs(Step &step);

  func::FuncOp function;
  const TargetFeatures &target;
  /// Values that depend on constants alone and are not results.
  llvm::DenseSet<Value> constants;
  llvm::DenseMap<Operation *, Operation *> roots;
};
} // namespace

void StepFinder::findConstants() {
  llvm::SmallPtrSet<Value, 4> results;
  for (Value result : function.front().getTerminator()->getOperands())
    results.insert(getStorage(result));
  for (Operation &op : function.front().without_terminator()) {
    if (llvm::any_of(op.getResults(),
                     [&](Value result) { return results.contains(result); }))
      continue;
    if (llvm::all_of(op.getOperands(), [&](Value operand) {
          return constants.contains(operand);
        }))
      constants.insert(op.result_begin(), op.result_end());
  }
}

/// The step that computes `op`, or null if none does.
Operation *StepFinder::findRoot(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() || isa<ReshapeOp>(op) ||
      op->use_empty())
    return nullptr;
  // Contractions of codes read the codes.
  if (isa<DequantizeOp>(op) &&
      llvm::all_of(op->getUsers(), [](Operation *user) {
        return isContraction(user) && isCodedContraction(user);
      }))
    return nullptr;
  if (isa<BroadcastOp>(op) && llvm::all_of(op->getUsers(), isElementwise))
    return nullptr;
  if (!isElementwise(op))
    return op;
  Operation *root = nullptr;
  for (Operation *user : op->getUsers()) {
    Operation *userRoot = isElementwise(user) ? roots.lookup(user) : nullptr;
    if (!userRoot || (root && root != userRoot))
      return op;
    root = userRoot;
  }
  bool samePhase = constants.contains(op->getResult(0)) ==
                   constants.contains(root->getResult(0));
  bool sameShape = getShape(op->getResult(0)) == getShape(root->getResult(0));
  return samePhase && sameShape ? root : op;
}

LogicalResult StepFinder::collectInputs(Step &step) {
  llvm::SetVector<Value> inputs;
  for (Operation *op : step.ops)
    for (Value operand : getStepOperands(op)) {
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      if (!type || !type.hasStaticShape())
        return op->emitOpError()
               << "expected static tensors as operands, but got "
               << operand.getType();
      if (isElementwise(op)) {
        if (operand.getDefiningOp() && step.contains(operand.getDefiningOp()))
          continue;
        operand = getElementwiseSource(operand);
        if (getSplat(operand))
          continue;
      }
      inputs.insert(operand);
    }
  step.inputs = inputs.takeVector();
  return success();
}

FailureOr<SmallVector<Step>> StepFinder::run() {
  findConstants();
  Block &block = function.front();
  llvm::MapVector<Operation *, Step> steps;
  for (Operation &op : llvm::reverse(block.without_terminator()))
    if (Operation *root = findRoot(&op))
      roots[&op] = root;
  // A step stands where its root does.
  for (Operation &op : block.without_terminator())
    if (roots.lookup(&op) == &op)
      steps[&op].root = &op;
  for (Operation &op : block.without_terminator())
    if (Operation *root = roots.lookup(&op))
      steps[root].ops.push_back(&op);

  SmallVector<Step> result;
  for (auto &[root, step] : steps) {
    step.isPrepare = constants.contains(root->getResult(0));
    FailureOr<int64_t> scratch = getScratchBytes(root, target);
    if (failed(scratch) || failed(collectInputs(step)))
      return failure();
    step.scratchBytes = *scratch;
    result.push_back(std::move(step));
  }
  return result;
}

FailureOr<SmallVector<Step>> loops::findSteps(func::FuncOp function,
                                              const TargetFeatures &target) {
  return StepFinder(function, target).run();
}
