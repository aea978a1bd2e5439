//===- ConvertDorefaToLoops.cpp - a packed network as functions on buffers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The program of a network: its steps as functions, the memory that they work
// in, and the two functions that call them in order.
//
//   workspace:  | planned buffers | temporary memory of one step |
//
// Temporary memory belongs to a thread, not to the image, and comes last, so
// that the runtime can add more for other threads.
//
//===----------------------------------------------------------------------===//

#include "ProgramBuilder.h"
#include "StridedLoops.h"
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

  auto allocate = [&](bool inMemory, Lifetime lifetime) {
    SmallVector<Lifetime> &buffers =
        inMemory ? memoryBuffers : workspaceBuffers;
    buffers.push_back(lifetime);
    return static_cast<unsigned>(buffers.size() - 1);
  };
  for (auto [index, step] : llvm::enumerate(steps)) {
    int64_t now = index;
    bool hasBuffer = step.isPrepare && step.scratchBytes != 0;
    scratch.push_back(
        hasBuffer ? allocate(true, {step.scratchBytes, now, now}) : 0);
    if (!step.isPrepare)
      temporaryBytes = std::max(temporaryBytes, step.scratchBytes);
    for (Value result : step.root->getResults()) {
      if (places.contains(result))
        continue;
      // Packing combines with what is there by "or", so what prepare packs
      // must lie where memory is still zero.
      bool isPacked = step.isPrepare && isa<PackOp>(step.root);
      unsigned buffer = allocate(
          step.isPrepare,
          {getBufferBytes(getTensorType(result)), isPacked ? 0 : now, now});
      places[result] = {step.isPrepare ? Place::Kind::Memory
                                       : Place::Kind::Workspace,
                        buffer};
    }
    for (Value input : step.inputs) {
      auto it = places.find(getStorage(input));
      if (it == places.end())
        continue;
      Place place = it->second;
      if (place.kind == Place::Kind::Workspace)
        workspaceBuffers[place.index].last = now;
      if (place.kind == Place::Kind::Memory)
        memoryBuffers[place.index].last =
            std::max(memoryBuffers[place.index].last,
                     step.isPrepare ? now : end);
    }
  }
  workspace = planMemory(workspaceBuffers);
  memory = planMemory(memoryBuffers);
  temporaryBytes = llvm::alignTo(temporaryBytes, DOREFA_ALIGNMENT);
}

Value ProgramBuilder::getView(OpBuilder &builder, Value memory, int64_t offset,
                              MemRefType type) {
  ImplicitLocOpBuilder b(function.getLoc(), builder);
  return memref::ViewOp::create(b, type, memory, getIndex(b, offset),
                                ValueRange{});
}

Value ProgramBuilder::getBuffer(OpBuilder &builder, func::FuncOp program,
                                Value tensor) {
  MemRefType type = getBufferType(getTensorType(tensor));
  Place place = places.lookup(getStorage(tensor));
  if (place.kind == Place::Kind::Memory)
    return getView(builder, program.getArgument(0), memory.offsets[place.index],
                   type);
  if (place.kind == Place::Kind::Workspace)
    return getView(builder, program.getArgument(1),
                   workspace.offsets[place.index], type);
  unsigned index = 2 + place.index;
  if (place.kind == Place::Kind::Result)
    index += function.getNumArguments();
  Value buffer = program.getArgument(index);
  if (buffer.getType() == type)
    return buffer;
  return memref::ReinterpretCastOp::create(
      builder, function.getLoc(), type, buffer, /*offset=*/0, type.getShape(),
      getRowMajorStrides(type.getShape()));
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

void ProgramBuilder::emitCalls(ImplicitLocOpBuilder &builder,
                               func::FuncOp program, unsigned index) {
  const Step &step = steps[index];
  auto [borders, loops] = functions[index];
  SmallVector<Value> inputs, results;
  for (Value input : step.inputs)
    if (places.contains(getStorage(input)))
      inputs.push_back(getBuffer(builder, program, input));
  for (Value result : step.root->getResults())
    results.push_back(getBuffer(builder, program, result));
  builder.setLoc(step.root->getLoc());
  if (borders)
    func::CallOp::create(builder, borders, results);
  SmallVector<Value> operands(inputs);
  llvm::append_range(operands, results);
  if (step.scratchBytes != 0) {
    int64_t offset =
        step.isPrepare ? memory.offsets[scratch[index]] : workspace.bytes;
    operands.push_back(getView(builder,
                               program.getArgument(step.isPrepare ? 0 : 1),
                               offset, getMemoryType(step.scratchBytes)));
  }
  if (auto work = loops->getAttrOfType<DictionaryAttr>("dorefa.work")) {
    operands.push_back(getIndex(builder, 0));
    operands.push_back(
        getIndex(builder, work.getAs<IntegerAttr>("items").getInt()));
  }
  func::CallOp::create(builder, loops, operands);
}

void ProgramBuilder::emitProgram(StringRef name, bool isPrepare) {
  SmallVector<Type> types = {getMemoryType(memory.bytes)};
  if (!isPrepare) {
    types.push_back(getMemoryType(workspace.bytes + temporaryBytes));
    for (Type type : function.getArgumentTypes())
      types.push_back(getBufferType(cast<RankedTensorType>(type)));
    for (Type type : function.getResultTypes())
      types.push_back(getBufferType(cast<RankedTensorType>(type)));
  }
  ImplicitLocOpBuilder builder(function.getLoc(), module.getContext());
  auto program = func::FuncOp::create(builder, name,
                                      builder.getFunctionType(types, {}));
  setConventions(program);
  constants.insert(program);
  builder.setInsertionPointToStart(program.addEntryBlock());
  for (unsigned index = 0; index < steps.size(); ++index)
    if (steps[index].isPrepare == isPrepare)
      emitCalls(builder, program, index);
  builder.setLoc(function.getLoc());
  func::ReturnOp::create(builder);
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
  assignPlaces();
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
    if (failed(ProgramBuilder(functions[0], *machine, leastPartWork).run()))
      signalPassFailure();
  }
};
} // namespace
