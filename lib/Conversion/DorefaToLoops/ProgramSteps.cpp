//===- ProgramSteps.cpp - the functions of steps ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A step with enough work for several threads gets the range of its work items
// as arguments; what must happen once before that is a function of its own:
//
//   step.X(inputs, outputs, temporary memory)                    one thread
//
//   step.X.borders(outputs)                                      several
//   step.X(inputs, outputs, temporary memory, begin, end)
//
// A step for a group of images has their number as an argument behind the
// outputs. What comes before its loops is called for one image after the other;
// that includes the rings of engines that read inputs in a form of their own:
//
//   step.X.rings(inputs, rings)
//   step.X(inputs, outputs, images, rings, temporary memory, begin, end)
//
//===----------------------------------------------------------------------===//

#include "ProgramBuilder.h"
#include "StepEmitters.h"
#include "StepWork.h"
#include "dorefa/Support/Assert.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// The name of the ONNX node behind an op.
static std::string getStepName(Operation *op) {
  Location loc = op->getLoc();
  if (auto fused = dyn_cast<FusedLoc>(loc);
      fused && !fused.getLocations().empty())
    loc = fused.getLocations().front();
  if (auto name = dyn_cast<NameLoc>(loc))
    return ("step." + name.getName().getValue()).str();
  return ("step." + op->getName().stripDialect()).str();
}

/// A private function of a step on the buffers of `tensors`, of which the first
/// are read only, and `others`.
func::FuncOp ProgramBuilder::createStepFunction(const Step &step,
                                                StringRef suffix,
                                                ArrayRef<Value> tensors,
                                                size_t numInputs,
                                                ArrayRef<Type> others,
                                                bool ofGroup) {
  SmallVector<Type> types;
  for (Value tensor : tensors)
    types.push_back(getType(tensor, ofGroup));
  llvm::append_range(types, others);
  ImplicitLocOpBuilder builder(step.root->getLoc(), module.getContext());
  auto callee =
      func::FuncOp::create(builder, getStepName(step.root) + suffix.str(),
                           builder.getFunctionType(types, {}));
  callee.setPrivate();
  setConventions(callee);
  constants.insert(callee);
  for (auto [i, type] : llvm::enumerate(types)) {
    if (!isa<MemRefType>(type))
      continue;
    callee.setArgAttr(i, "llvm.noalias", builder.getUnitAttr());
    if (i < numInputs)
      callee.setArgAttr(i, "llvm.readonly", builder.getUnitAttr());
    auto kind = Place::Kind::Workspace;
    if (i < tensors.size())
      kind = places.lookup(getStorage(tensors[i])).kind;
    if (kind == Place::Kind::Workspace || kind == Place::Kind::Slice ||
        kind == Place::Kind::Memory)
      callee.setArgAttr(i, "llvm.align", builder.getI64IntegerAttr(64));
  }
  callee.addEntryBlock();
  return callee;
}

LogicalResult ProgramBuilder::emitBorders(const Step &step) {
  SmallVector<Value> results(step.root->getResults());
  func::FuncOp callee =
      createStepFunction(step, ".borders", results, /*numInputs=*/0, {},
                         /*ofGroup=*/false);
  auto builder = ImplicitLocOpBuilder::atBlockBegin(step.root->getLoc(),
                                                    &callee.front());
  StepEmitter emitter(step, constants, target, builder);
  for (auto [tensor, argument] : llvm::zip(results, callee.getArguments()))
    emitter.setBuffer(tensor, argument);
  if (failed(emitter.emitBorders()))
    return failure();
  if (llvm::all_of(callee.front(),
                   [](Operation &op) { return isMemoryEffectFree(&op); })) {
    callee.erase();
    return success();
  }
  func::ReturnOp::create(builder);
  functions.back().borders = callee;
  return success();
}

LogicalResult ProgramBuilder::emitRings(const Step &step) {
  SmallVector<Value> tensors;
  for (Value input : step.inputs)
    if (places.contains(getStorage(input)))
      tensors.push_back(input);
  func::FuncOp callee =
      createStepFunction(step, ".rings", tensors, tensors.size(),
                         getRingType(step), /*ofGroup=*/false);
  auto builder = ImplicitLocOpBuilder::atBlockBegin(step.root->getLoc(),
                                                    &callee.front());
  StepEmitter emitter(step, constants, target, builder);
  for (auto [tensor, argument] : llvm::zip(tensors, callee.getArguments()))
    emitter.setBuffer(tensor, argument);
  emitter.setRings(callee.getArguments().back(), slice.bytes);
  if (failed(emitter.emitRings()))
    return failure();
  func::ReturnOp::create(builder);
  functions.back().rings = callee;
  return success();
}

/// Takes a range that the loops do not have from the arguments; of one that
/// they have, says how many items there are and how few are worth a thread's
/// while.
static void describeRange(func::FuncOp callee, int64_t items, int64_t least,
                          bool hasScratch) {
  unsigned begin = callee.getNumArguments() - 2;
  if (items < 2) {
    llvm::BitVector range(begin + 2);
    range.set(begin, begin + 2);
    bool erased = succeeded(callee.eraseArguments(range));
    DOREFA_ASSERT(erased, "nothing uses the range");
    return;
  }
  Builder builder(callee.getContext());
  auto count = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  SmallVector<NamedAttribute> facts = {count("items", items),
                                       count("least", std::min(least, items))};
  if (hasScratch)
    facts.push_back(count("temporary", begin - 1));
  callee->setAttr("dorefa.work", builder.getDictionaryAttr(facts));
}

LogicalResult ProgramBuilder::emitStepFunctions(const Step &step) {
  SmallVector<Value> tensors;
  for (Value input : step.inputs)
    if (places.contains(getStorage(input)))
      tensors.push_back(input);
  size_t numInputs = tensors.size();
  llvm::append_range(tensors, step.root->getResults());
  SmallVector<Type> others;
  Type index = IndexType::get(module.getContext());
  bool hasScratch = step.scratchBytes != 0;
  if (step.isGrouped)
    others.push_back(index);
  if (step.ringBytes != 0)
    others.push_back(getRingType(step));
  if (hasScratch)
    others.push_back(getMemoryType(step.scratchBytes));
  int64_t work = step.isPrepare ? 0 : estimateWork(step);
  bool isShared = work >= 2 * leastPartWork;
  if (isShared)
    others.append(2, index);

  functions.emplace_back();
  bool hasBorders = isShared || step.isGrouped;
  if (hasBorders && failed(emitBorders(step)))
    return failure();
  if (step.ringBytes != 0 && failed(emitRings(step)))
    return failure();
  func::FuncOp callee = createStepFunction(step, "", tensors, numInputs, others,
                                           step.isGrouped);
  functions.back().loops = callee;
  auto builder = ImplicitLocOpBuilder::atBlockBegin(step.root->getLoc(),
                                                    &callee.front());
  StepEmitter emitter(step, constants, target, builder);
  ArrayRef<BlockArgument> arguments = callee.getArguments();
  auto takeArgument = [&]() -> Value {
    Value first = arguments.front();
    arguments = arguments.drop_front();
    return first;
  };
  for (Value tensor : tensors)
    emitter.setBuffer(tensor, takeArgument());
  if (step.isGrouped)
    emitter.setImages(takeArgument(),
                      [&](Value tensor) { return getStride(tensor); });
  if (step.ringBytes != 0)
    emitter.setRings(takeArgument(), slice.bytes);
  if (hasScratch)
    emitter.setScratch(takeArgument());
  if (isShared)
    emitter.setRange(arguments.front(), arguments.back());
  if (!hasBorders && failed(emitter.emitBorders()))
    return failure();
  if (failed(emitter.emit()))
    return failure();
  func::ReturnOp::create(builder);
  if (isShared) {
    int64_t items = emitter.getItemCount();
    describeRange(callee, items, llvm::divideCeil(items * leastPartWork, work),
                  hasScratch);
  }
  return success();
}
