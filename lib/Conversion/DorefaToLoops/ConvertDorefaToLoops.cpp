//===- ConvertDorefaToLoops.cpp - a packed network as functions on buffers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The program of a network: its steps as functions, the memory that they work
// in, and the two functions that call them in order.
//
//   workspace:  | slices of all images but one | buffers | temporary memory |
//
// A slice holds what an image keeps while steps are called for others
// (GroupSteps.h). That of the last image is the start of the planned buffers,
// which share it where their lifetimes allow. Temporary
// memory is of one step. It belongs to a thread, not to the image, and comes
// last, so that the runtime can add more for other threads.
//
//===----------------------------------------------------------------------===//

#include "GroupSteps.h"
#include "ProgramBuilder.h"
#include "dorefa/Conversion/Passes.h"
#include "dorefa/Dialect/Dorefa/IR/TensorSize.h"
#include "dorefa/Runtime/dorefa_model.h"
#include "dorefa/Target/CPU/TargetRequest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_CONVERTDOREFATOLOOPS
#include "dorefa/Conversion/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

void ProgramBuilder::assignPlaces() {
  int64_t end = steps.size();
  for (auto [i, argument] : llvm::enumerate(function.getArguments()))
    places[argument] = {Place::Kind::Argument, static_cast<unsigned>(i)};
  auto returned = function.front().getTerminator()->getOperands();
  for (auto [i, value] : llvm::enumerate(returned))
    places[getStorage(value)] = {Place::Kind::Result, static_cast<unsigned>(i)};

  llvm::DenseSet<Value> kept = findGroupTensors(steps);
  auto getBuffers = [&](Place::Kind kind) -> SmallVector<Lifetime> & {
    return kind == Place::Kind::Memory  ? memoryBuffers
           : kind == Place::Kind::Slice ? sliceBuffers
                                        : workspaceBuffers;
  };
  auto allocate = [&](Place::Kind kind, Lifetime lifetime) -> Place {
    getBuffers(kind).push_back(lifetime);
    return {kind, static_cast<unsigned>(getBuffers(kind).size() - 1)};
  };
  for (auto [index, step] : llvm::enumerate(steps)) {
    int64_t now = index;
    bool hasBuffer = step.isPrepare && step.scratchBytes != 0;
    scratch.push_back(
        hasBuffer
            ? allocate(Place::Kind::Memory, {step.scratchBytes, now, now}).index
            : 0);
    rings.push_back(step.ringBytes ? allocate(Place::Kind::Slice,
                                              {step.ringBytes, now, now})
                                         .index
                                   : 0);
    if (!step.isPrepare)
      temporaryBytes = std::max(temporaryBytes, step.scratchBytes);
    for (Value result : step.root->getResults()) {
      if (places.contains(result))
        continue;
      // Packing combines with what is there by "or", so what prepare packs
      // must lie where memory is still zero.
      bool isPacked = step.isPrepare && isa<PackOp>(step.root);
      places[result] = allocate(
          step.isPrepare          ? Place::Kind::Memory
          : kept.contains(result) ? Place::Kind::Slice
                                  : Place::Kind::Workspace,
          {getBufferBytes(getTensorType(result)), isPacked ? 0 : now, now});
    }
    for (Value input : step.inputs) {
      auto it = places.find(getStorage(input));
      if (it == places.end())
        continue;
      Place place = it->second;
      if (place.kind == Place::Kind::Workspace ||
          place.kind == Place::Kind::Slice)
        getBuffers(place.kind)[place.index].last = now;
      if (place.kind == Place::Kind::Memory)
        memoryBuffers[place.index].last =
            std::max(memoryBuffers[place.index].last,
                     step.isPrepare ? now : end);
    }
  }
  memory = planMemory(memoryBuffers);
  temporaryBytes = llvm::alignTo(temporaryBytes, DOREFA_ALIGNMENT);
}

void ProgramBuilder::planWorkspace() {
  SmallVector<Lifetime> buffers(sliceBuffers);
  llvm::append_range(buffers, workspaceBuffers);
  int64_t liveBytes = getLiveBytes(buffers);
  // Until the segment that reads it last is done for all images.
  auto getEnd = [&](int64_t last) {
    for (auto [index, step] : llvm::enumerate(steps))
      if (!step.isPrepare && step.segment == steps[last].segment)
        last = std::max<int64_t>(last, index);
    return last;
  };
  size_t kept = sliceBuffers.size();
  for (Lifetime &buffer : MutableArrayRef(buffers).take_front(kept))
    buffer.last = getEnd(buffer.last);
  // Slices are short where they come first; one image must not need much more
  // for it than is alive.
  MemoryPlan plan = planMemory(buffers, kept);
  if (10 * plan.bytes > 11 * liveBytes) {
    MemoryPlan other = planMemory(buffers);
    if (other.bytes < plan.bytes)
      plan = std::move(other);
  }
  for (auto [buffer, offset] : llvm::zip(sliceBuffers, plan.offsets)) {
    slice.offsets.push_back(offset);
    slice.bytes = std::max<int64_t>(
        slice.bytes,
        offset + llvm::alignTo(buffer.bytes, DOREFA_ALIGNMENT));
  }
  workspace.bytes = plan.bytes;
  workspace.liveBytes = liveBytes;
  llvm::append_range(workspace.offsets,
                     ArrayRef(plan.offsets).drop_front(kept));
}

void loops::setConventions(func::FuncOp function) {
  OpBuilder builder(function.getContext());
  function->setAttr("llvm.bareptr", builder.getUnitAttr());
  if (!function.isPrivate())
    return;
  function->setAttr("llvm.linkage",
                    LLVM::LinkageAttr::get(function.getContext(),
                                           LLVM::Linkage::Internal));
  function->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));
}

void ProgramBuilder::describeTensors() {
  Builder builder(module.getContext());
  auto describe = [&](Attribute name, Type type, Attribute shared) {
    SmallVector<NamedAttribute> entries = {
        builder.getNamedAttr("name", name ? name : builder.getStringAttr("")),
        builder.getNamedAttr("type", TypeAttr::get(type))};
    if (shared)
      entries.push_back(builder.getNamedAttr("shared", shared));
    return builder.getDictionaryAttr(entries);
  };
  SmallVector<Attribute> inputs, outputs;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    inputs.push_back(describe(function.getArgAttr(i, "dorefa.name"), type,
                              function.getArgAttr(i, "dorefa.shared")));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    outputs.push_back(describe(function.getResultAttr(i, "dorefa.name"), type,
                               /*shared=*/{}));
  module->setAttr("dorefa.inputs", builder.getArrayAttr(inputs));
  module->setAttr("dorefa.outputs", builder.getArrayAttr(outputs));
  auto setBytes = [&](StringRef name, int64_t bytes) {
    module->setAttr(name, builder.getI64IntegerAttr(bytes));
  };
  setBytes("dorefa.memory_bytes", memory.bytes);
  setBytes("dorefa.workspace_bytes", workspace.bytes + temporaryBytes);
  setBytes("dorefa.live_bytes", workspace.liveBytes + temporaryBytes);
  setBytes("dorefa.temporary_bytes", temporaryBytes);
  if (groupImages == 1)
    return;
  setBytes("dorefa.group_images", groupImages);
  setBytes("dorefa.slice_bytes", slice.bytes);
}

/// An error for the first argument or result that is no static tensor, or the
/// first tensor that is too large to be counted in bytes.
static LogicalResult checkTypes(func::FuncOp function) {
  auto isTooLarge = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.hasStaticShape() && !hasSupportedSize(tensor);
  };
  auto refuse = [](Operation *op, Type type) {
    return op->emitError() << "unsupported tensor " << type
                           << ": fewer than 2^31 elements are supported";
  };
  FunctionType signature = function.getFunctionType();
  for (Type type : llvm::concat<const Type>(signature.getInputs(),
                                            signature.getResults())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape())
      return function.emitError("expected static tensors as arguments and "
                                "results, but got ")
             << type;
    if (isTooLarge(type))
      return refuse(function, type);
  }
  for (Operation &op : function.front())
    for (Type type : op.getResultTypes())
      if (isTooLarge(type))
        return refuse(&op, type);
  return success();
}

LogicalResult ProgramBuilder::run() {
  if (failed(checkTypes(function)))
    return failure();
  separateResults(function);
  FailureOr<SmallVector<Step>> found = findSteps(function, target);
  if (failed(found))
    return failure();
  steps = std::move(*found);
  if (groupImages != 1)
    groupSteps(steps, target, /*all=*/groupImages > 1);
  assignPlaces();
  planWorkspace();
  int64_t chosen = chooseGroupImages(steps, slice.bytes, target);
  if (chosen == 1 || groupImages == 0)
    groupImages = chosen;
  for (const Step &step : steps)
    if (failed(emitStepFunctions(step)))
      return failure();
  emitProgram("dorefa_network", /*isPrepare=*/false);
  emitProgram("dorefa_prepare", /*isPrepare=*/true);
  describeTensors();
  function.erase();
  return success();
}

namespace {
struct ConvertDorefaToLoopsPass
    : dorefa::impl::ConvertDorefaToLoopsBase<ConvertDorefaToLoopsPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (leastPartWork == 0)
      return emitError(UnknownLoc::get(context),
                       "expected 'least-part-work' to be positive");
    return success();
  }

  void runOnOperation() override {
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    if (functions.size() != 1 || !functions[0].getBody().hasOneBlock() ||
        !isa<func::ReturnOp>(functions[0].front().getTerminator())) {
      getOperation().emitError("expected one function of one block");
      return signalPassFailure();
    }
    FailureOr<TargetFeatures> machine = findTargetFeatures(
        {target, triple, cpu, features}, getOperation().getLoc());
    if (failed(machine))
      return signalPassFailure();
    // The names of the program's functions are ours.
    functions[0].setSymName("dorefa_source");
    ProgramBuilder builder(functions[0], *machine, leastPartWork, groupImages);
    if (failed(builder.run()))
      signalPassFailure();
  }
};
} // namespace
