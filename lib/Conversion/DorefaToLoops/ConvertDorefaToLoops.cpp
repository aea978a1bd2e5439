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
// A step with enough work for several threads gets the range of its work items
// as arguments; what must happen once before that is a function of its own.
// Temporary memory belongs to a thread, not to the image, and comes last, so that
// the runtime can add more for other threads.
//
//===----------------------------------------------------------------------===//

#include "PlanMemory.h"
#include "StepEmitters.h"
#include "StepWork.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/Passes.h"
#include "dorefa/Dialect/Dorefa/IR/TensorSize.h"
#include "dorefa/Runtime/dorefa_model.h"
#include "dorefa/Support/Assert.h"
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

namespace {
/// Where the elements of a tensor lie.
struct Place {
  enum class Kind { Argument, Result, Workspace, Memory };
  Kind kind = Kind::Workspace;
  /// Number of the argument or result, or of the buffer in its memory.
  unsigned index = 0;
};

/// The functions of a step; those of borders may be missing.
struct StepFunctions {
  func::FuncOp borders, loops;
};

/// Builds the functions of one network.
class ProgramBuilder {
public:
  ProgramBuilder(func::FuncOp function, const TargetFeatures &target,
                 int64_t leastPartWork)
      : module(function->getParentOfType<ModuleOp>()), function(function),
        target(target), leastPartWork(leastPartWork), constants(module) {}

  LogicalResult run();

private:
  void assignPlaces();
  void describeTensors();
  LogicalResult emitStepFunctions(const Step &step);
  func::FuncOp createStepFunction(const Step &step, StringRef suffix,
                                  ArrayRef<Value> tensors, size_t numInputs,
                                  ArrayRef<Type> others);
  LogicalResult emitBorders(const Step &step);
  void emitCalls(ImplicitLocOpBuilder &builder, func::FuncOp program,
                 unsigned index);
  void emitProgram(StringRef name, bool isPrepare);
  Value getBuffer(OpBuilder &builder, func::FuncOp program, Value tensor);
  Value getView(OpBuilder &builder, Value memory, int64_t offset,
                MemRefType type);
  MemRefType getMemoryType(int64_t bytes) {
    return MemRefType::get({bytes}, IntegerType::get(module.getContext(), 8));
  }

  ModuleOp module;
  func::FuncOp function;
  const TargetFeatures &target;
  /// Work that is worth another thread's while, in nanoseconds.
  int64_t leastPartWork;
  ConstantPool constants;
  SmallVector<Step> steps;
  llvm::DenseMap<Value, Place> places;
  /// Buffers in the workspace of an image, and in model memory.
  SmallVector<Lifetime> workspaceBuffers, memoryBuffers;
  MemoryPlan workspace, memory;
  /// The most temporary memory of a step in a run.
  int64_t temporaryBytes = 0;
  SmallVector<StepFunctions> functions;
  /// The temporary buffer of each step at preparation.
  SmallVector<unsigned> scratch;
};
} // namespace

/// The name of the ONNX node behind an op.
static std::string getStepName(Operation *op) {
  Location loc = op->getLoc();
  if (auto fused = dyn_cast<FusedLoc>(loc); fused && !fused.getLocations().empty())
    loc = fused.getLocations().front();
  if (auto name = dyn_cast<NameLoc>(loc))
    return ("step." + name.getName().getValue()).str();
  return ("step." + op->getName().stripDialect()).str();
}

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

/// Marks `function` as one of the program's: pointers are bare, and private
/// ones stay functions of their own, which profilers then show by name.
static void setConventions(func::FuncOp function) {
  OpBuilder builder(function.getContext());
  function->setAttr("llvm.bareptr", builder.getUnitAttr());
  if (!function.isPrivate())
    return;
  function->setAttr("llvm.linkage",
                    LLVM::LinkageAttr::get(function.getContext(),
                                           LLVM::Linkage::Internal));
  function->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));
}

/// A private function of a step on the buffers of `tensors`, of which the first
/// are read only, and `others`.
func::FuncOp ProgramBuilder::createStepFunction(const Step &step,
                                                StringRef suffix,
                                                ArrayRef<Value> tensors,
                                                size_t numInputs,
                                                ArrayRef<Type> others) {
  SmallVector<Type> types;
  for (Value tensor : tensors)
    types.push_back(getBufferType(getTensorType(tensor)));
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
    if (kind == Place::Kind::Workspace || kind == Place::Kind::Memory)
      callee.setArgAttr(i, "llvm.align", builder.getI64IntegerAttr(64));
  }
  callee.addEntryBlock();
  return callee;
}

LogicalResult ProgramBuilder::emitBorders(const Step &step) {
  SmallVector<Value> results(step.root->getResults());
  func::FuncOp callee =
      createStepFunction(step, ".borders", results, /*numInputs=*/0, {});
  auto builder = ImplicitLocOpBuilder::atBlockBegin(step.root->getLoc(),
                                                    &callee.front());
  StepEmitter emitter(step, constants, target, builder);
  for (auto [tensor, argument] : llvm::zip(results, callee.getArguments()))
    emitter.setBuffer(tensor, argument);
  if (failed(emitter.emitBorders()))
    return failure();
  if (callee.front().empty()) {
    callee.erase();
    return success();
  }
  func::ReturnOp::create(builder);
  functions.back().borders = callee;
  return success();
}

/// Takes a range that the loops do not have from the arguments; of one that they
/// have, says how many items there are and how few are worth a thread's while.
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
  bool hasScratch = step.scratchBytes != 0;
  if (hasScratch)
    others.push_back(getMemoryType(step.scratchBytes));
  int64_t work = step.isPrepare ? 0 : estimateWork(step);
  bool isShared = work >= 2 * leastPartWork;
  if (isShared)
    others.append(2, IndexType::get(module.getContext()));

  functions.emplace_back();
  if (isShared && failed(emitBorders(step)))
    return failure();
  func::FuncOp callee =
      createStepFunction(step, "", tensors, numInputs, others);
  functions.back().loops = callee;
  auto builder = ImplicitLocOpBuilder::atBlockBegin(step.root->getLoc(),
                                                    &callee.front());
  StepEmitter emitter(step, constants, target, builder);
  auto arguments = callee.getArguments();
  for (auto [tensor, argument] : llvm::zip(tensors, arguments))
    emitter.setBuffer(tensor, argument);
  if (hasScratch)
    emitter.setScratch(arguments[tensors.size()]);
  if (isShared)
    emitter.setRange(arguments.drop_back().back(), arguments.back());
  else if (failed(emitter.emitBorders()))
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
  auto describe = [&](Attribute name, Type type) -> Attribute {
    return builder.getDictionaryAttr(
        {builder.getNamedAttr("name", name ? name : builder.getStringAttr("")),
         builder.getNamedAttr("type", TypeAttr::get(type))});
  };
  SmallVector<Attribute> inputs, outputs;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    inputs.push_back(describe(function.getArgAttr(i, "dorefa.name"), type));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    outputs.push_back(describe(function.getResultAttr(i, "dorefa.name"), type));
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
