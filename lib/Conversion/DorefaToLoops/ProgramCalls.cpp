//===- ProgramCalls.cpp - the functions that call steps ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The network calls its steps in order, for one image or for the images of a
// group. Of a group, inputs and outputs are bytes, from those of the first image
// on, and a step for all images gets buffers from the first image's to the end of
// the last one's.
//
//===----------------------------------------------------------------------===//

#include "ProgramBuilder.h"
#include "StridedLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

int64_t ProgramBuilder::getStride(Value tensor) {
  Value storage = getStorage(tensor);
  auto it = places.find(storage);
  if (it == places.end() || it->second.kind == Place::Kind::Memory)
    return 0;
  if (it->second.kind == Place::Kind::Slice)
    return slice.bytes;
  bool isShared = it->second.kind == Place::Kind::Argument &&
                  (function.getArgAttr(it->second.index, "dorefa.shared") ||
                   getTensorType(storage).getRank() == 0);
  return isShared ? 0 : getBufferBytes(getTensorType(storage));
}

MemRefType ProgramBuilder::getType(Value tensor, bool ofGroup) {
  MemRefType type = getBufferType(getTensorType(tensor));
  int64_t stride = ofGroup ? getStride(tensor) : 0;
  if (stride == 0)
    return type;
  return getMemoryType((groupImages - 1) * stride +
                       getBufferBytes(getTensorType(tensor)));
}

/// `base` and `number` times `factor`.
static Value addMultiple(ImplicitLocOpBuilder &b, Value base, Value number,
                         int64_t factor) {
  if (factor == 0)
    return base;
  Value offset = b.createOrFold<arith::MulIOp>(number, getIndex(b, factor));
  return b.createOrFold<arith::AddIOp>(offset, base);
}

Value ProgramBuilder::getBuffer(ImplicitLocOpBuilder &b, CallSite site,
                                Value tensor, bool ofGroup) {
  MemRefType type = getType(tensor, ofGroup);
  Place place = places.lookup(getStorage(tensor));
  auto view = [&](unsigned argument, Value offset) -> Value {
    return memref::ViewOp::create(b, type, site.program.getArgument(argument),
                                  offset, ValueRange{});
  };
  switch (place.kind) {
  case Place::Kind::Memory:
    return view(0, getIndex(b, memory.offsets[place.index]));
  case Place::Kind::Workspace: {
    Value offset = getIndex(b, workspace.offsets[place.index]);
    if (site.arena)
      offset = b.createOrFold<arith::AddIOp>(site.arena, offset);
    return view(1, offset);
  }
  case Place::Kind::Slice:
    return view(1, addMultiple(b, getIndex(b, slice.offsets[place.index]),
                               site.image, slice.bytes));
  case Place::Kind::Argument:
  case Place::Kind::Result:
    break;
  }
  unsigned index = 2 + place.index;
  if (place.kind == Place::Kind::Result)
    index += function.getNumArguments();
  if (site.image)
    return view(index,
                addMultiple(b, getIndex(b, 0), site.image, getStride(tensor)));
  Value buffer = site.program.getArgument(index);
  if (buffer.getType() == type)
    return buffer;
  return memref::ReinterpretCastOp::create(
      b, function.getLoc(), type, buffer, /*offset=*/0, type.getShape(),
      getRowMajorStrides(type.getShape()));
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Value ProgramBuilder::getRings(ImplicitLocOpBuilder &builder, CallSite site,
                               unsigned index) {
  Value offset = addMultiple(
      builder, getIndex(builder, slice.offsets[rings[index]]), site.image,
      slice.bytes);
  return memref::ViewOp::create(builder, getRingType(steps[index]),
                                site.program.getArgument(1), offset,
                                ValueRange{});
}

void ProgramBuilder::emitFirstCalls(ImplicitLocOpBuilder &builder,
                                    CallSite site, unsigned index) {
  const StepFunctions &step = functions[index];
  builder.setLoc(steps[index].root->getLoc());
  if (step.borders) {
    SmallVector<Value> results;
    for (Value result : steps[index].root->getResults())
      results.push_back(getBuffer(builder, site, result));
    func::CallOp::create(builder, step.borders, results);
  }
  if (step.rings) {
    SmallVector<Value> operands;
    for (Value input : steps[index].inputs)
      if (places.contains(getStorage(input)))
        operands.push_back(getBuffer(builder, site, input));
    operands.push_back(getRings(builder, site, index));
    func::CallOp::create(builder, step.rings, operands);
  }
}

void ProgramBuilder::emitCalls(ImplicitLocOpBuilder &builder,
                               CallSite site, unsigned index) {
  const Step &step = steps[index];
  func::FuncOp loops = functions[index].loops;
  builder.setLoc(step.root->getLoc());
  if (!step.isGrouped)
    emitFirstCalls(builder, site, index);
  SmallVector<Value> operands;
  for (Value input : step.inputs)
    if (places.contains(getStorage(input)))
      operands.push_back(getBuffer(builder, site, input, step.isGrouped));
  for (Value result : step.root->getResults())
    operands.push_back(getBuffer(builder, site, result, step.isGrouped));
  if (step.isGrouped)
    operands.push_back(site.program.getArguments().back());
  if (step.ringBytes != 0)
    operands.push_back(getRings(builder, site, index));
  if (step.scratchBytes != 0) {
    Value offset = getIndex(builder, step.isPrepare
                                         ? memory.offsets[scratch[index]]
                                         : workspace.bytes);
    if (site.arena)
      offset = builder.createOrFold<arith::AddIOp>(site.arena, offset);
    operands.push_back(memref::ViewOp::create(
        builder, getMemoryType(step.scratchBytes),
        site.program.getArgument(step.isPrepare ? 0 : 1), offset,
        ValueRange{}));
  }
  if (auto work = loops->getAttrOfType<DictionaryAttr>("dorefa.work")) {
    operands.push_back(getIndex(builder, 0));
    operands.push_back(
        getIndex(builder, work.getAs<IntegerAttr>("items").getInt()));
  }
  func::CallOp::create(builder, loops, operands);
}

void ProgramBuilder::overImages(ImplicitLocOpBuilder &builder, CallSite site,
                                function_ref<void(CallSite)> body) {
  auto loop = scf::ForOp::create(builder, getIndex(builder, 0),
                                 site.program.getArguments().back(),
                                 getIndex(builder, 1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  site.image = loop.getInductionVar();
  body(site);
}

void ProgramBuilder::emitGroupCalls(ImplicitLocOpBuilder &builder,
                                    func::FuncOp program) {
  // The last image's slice is the start of the planned buffers.
  Value others = arith::SubIOp::create(builder, program.getArguments().back(),
                                       getIndex(builder, 1));
  Value first = getIndex(builder, 0);
  CallSite site{program, first,
                addMultiple(builder, first, others, slice.bytes)};
  SmallVector<unsigned> together;
  auto finishSegment = [&](std::optional<unsigned> grouped) {
    bool hasFirst = grouped && (functions[*grouped].borders ||
                                functions[*grouped].rings);
    if (together.empty() && !hasFirst)
      return;
    overImages(builder, site, [&](CallSite image) {
      for (unsigned index : together)
        emitCalls(builder, image, index);
      if (hasFirst)
        emitFirstCalls(builder, image, *grouped);
    });
    builder.setLoc(function.getLoc());
    together.clear();
  };
  for (auto [index, step] : llvm::enumerate(steps)) {
    if (step.isPrepare)
      continue;
    if (!step.isGrouped) {
      together.push_back(index);
      continue;
    }
    finishSegment(index);
    emitCalls(builder, site, index);
  }
  finishSegment(std::nullopt);
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

SmallVector<Type> ProgramBuilder::getProgramTypes(bool isPrepare) {
  SmallVector<Type> types = {getMemoryType(memory.bytes)};
  if (isPrepare)
    return types;
  int64_t others = groupImages - 1;
  types.push_back(getMemoryType(others * slice.bytes + workspace.bytes +
                                temporaryBytes));
  auto addTensor = [&](Type type, bool isShared) {
    MemRefType buffer = getBufferType(cast<RankedTensorType>(type));
    int64_t bytes = getBufferBytes(cast<RankedTensorType>(type));
    types.push_back(groupImages == 1
                        ? buffer
                        : getMemoryType((isShared ? 1 : groupImages) * bytes));
  };
  for (BlockArgument argument : function.getArguments())
    addTensor(argument.getType(), getStride(argument) == 0);
  for (Type type : function.getResultTypes())
    addTensor(type, /*isShared=*/false);
  if (groupImages != 1)
    types.push_back(IndexType::get(module.getContext()));
  return types;
}

void ProgramBuilder::emitProgram(StringRef name, bool isPrepare) {
  ImplicitLocOpBuilder builder(function.getLoc(), module.getContext());
  auto program = func::FuncOp::create(
      builder, name, builder.getFunctionType(getProgramTypes(isPrepare), {}));
  setConventions(program);
  constants.insert(program);
  builder.setInsertionPointToStart(program.addEntryBlock());
  if (!isPrepare && groupImages != 1)
    emitGroupCalls(builder, program);
  else
    for (unsigned index = 0; index < steps.size(); ++index)
      if (steps[index].isPrepare == isPrepare)
        emitCalls(builder, {program, Value(), Value()}, index);
  builder.setLoc(function.getLoc());
  func::ReturnOp::create(builder);
}
