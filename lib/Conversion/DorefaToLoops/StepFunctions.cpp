//===- StepFunctions.cpp - dispatch of steps to their emitters ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which emitter a step has, and the buffers that it sees: arguments of its
// function, or constants, fetched at the top of the body when first asked for.
//
//===----------------------------------------------------------------------===//

#include "PackedBuffers.h"
#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/LayerToLoops.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "dorefa/Support/Assert.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

Value StepEmitter::getBuffer(Value tensor) {
  if (Value buffer = buffers.lookup(tensor))
    return buffer;
  ElementsAttr elements;
  bool isConstant = matchPattern(getStorage(tensor), m_Constant(&elements));
  DOREFA_ASSERT(isConstant, "a step lists all tensors that it reads");
  memref::GlobalOp global = constants.getElements(tensor.getLoc(), elements);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.getInsertionBlock();
  while (!isa<func::FuncOp>(body->getParentOp()))
    body = body->getParentOp()->getBlock();
  builder.setInsertionPointToStart(body);
  Value buffer = memref::GetGlobalOp::create(builder, global.getType(),
                                             global.getSymName());
  MemRefType type = getBufferType(getTensorType(tensor));
  if (type != global.getType())
    buffer = memref::ReinterpretCastOp::create(
        builder, type, buffer, /*offset=*/0, type.getShape(),
        getRowMajorStrides(type.getShape()));
  buffers[tensor] = buffer;
  return buffer;
}

Value StepEmitter::flatten(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getRank() == 1)
    return buffer;
  int64_t count = type.getNumElements(), stride = 1, offset = 0;
  return memref::ReinterpretCastOp::create(
      builder, MemRefType::get({count}, type.getElementType()), buffer, offset,
      ArrayRef(count), ArrayRef(stride));
}

void StepEmitter::overResults(ArrayRef<int64_t> shape,
                              function_ref<void(ValueRange)> body) {
  size_t outer = shape.empty() ? 0 : shape.size() - 1;
  items.emit(builder, shape.take_front(outer), [&](ValueRange place, Value) {
    emitNest(builder, shape.drop_front(outer), [&](ValueRange inner) {
      SmallVector<Value> indices(place);
      llvm::append_range(indices, inner);
      body(indices);
    });
  });
}

FailureOr<int64_t> loops::getScratchBytes(Operation *op,
                                          const TargetFeatures &target) {
  if (auto layer = dyn_cast<LayerOp>(op))
    return getLayerScratchBytes(layer, target);
  if (auto sum = dyn_cast<WindowSumOp>(op))
    return getWindowSumScratch(sum);
  if (isa<ReduceOp, SoftmaxOp>(op))
    return getReductionScratch();
  if (!isElementwise(op) &&
      !isa<BroadcastOp, TransposeOp, SliceOp, ConcatOp, PadOp, PackOp, UnpackOp,
           ConvOp, MatmulOp, PoolOp, ArgMaxOp, GatherOp, ResizeOp>(op))
    return op->emitOpError("has no lowering to loops");
  return 0;
}

LogicalResult StepEmitter::emitBorders() {
  auto op = dyn_cast<LayerOp>(step.root);
  if (!op)
    return success();
  LayerBuffers layer;
  for (Value output : op.getOutputs()) {
    layer.outputs.push_back(getBuffer(output));
    emitBorderFill(builder, layer.outputs.back(), getTensorType(output));
  }
  return emitLayerPadding(op, layer, target, builder);
}

LogicalResult StepEmitter::emitRings() {
  auto op = cast<LayerOp>(step.root);
  LayerBuffers layer;
  for (Value input : op.getInputs())
    layer.inputs.push_back(getBuffer(input));
  layer.rings = rings;
  return emitLayerRings(op, layer, target, builder);
}

LogicalResult StepEmitter::emit() {
  if (isElementwise(step.root))
    return emitElementwise();
  return llvm::TypeSwitch<Operation *, LogicalResult>(step.root)
      .Case<BroadcastOp, TransposeOp, SliceOp, ConcatOp, PadOp>(
          [&](auto) { return emitCopies(); })
      .Case([&](LayerOp op) { return emitLayerStep(op); })
      .Case([&](PackOp op) { return emitPack(op); })
      .Case([&](UnpackOp op) { return emitUnpack(op); })
      .Case([&](WindowSumOp op) { return emitWindowSum(op); })
      .Case([&](ConvOp op) { return emitConv(op); })
      .Case([&](MatmulOp op) { return emitMatmul(op); })
      .Case([&](PoolOp op) { return emitPool(op); })
      .Case([&](ReduceOp op) { return emitReduce(op); })
      .Case([&](SoftmaxOp op) { return emitSoftmax(op); })
      .Case([&](ArgMaxOp op) { return emitArgMax(op); })
      .Case([&](GatherOp op) { return emitGather(op); })
      .Case([&](ResizeOp op) { return emitResize(op); })
      .Default([](Operation *op) {
        return op->emitOpError("has no lowering to loops");
      });
}

LogicalResult StepEmitter::emitLayerStep(LayerOp op) {
  LayerBuffers layer;
  auto collect = [&](ValueRange tensors, SmallVector<Value> &list) {
    for (Value tensor : tensors)
      list.push_back(getBuffer(tensor));
  };
  collect(op.getInputs(), layer.inputs);
  collect(op.getWeights(), layer.weights);
  collect(op.getParameters(), layer.parameters);
  collect(op.getResiduals(), layer.residuals);
  collect(op.getOutputs(), layer.outputs);
  layer.scratch = scratch;
  layer.images = images;
  layer.rings = rings;
  layer.ringStride = ringStride;
  if (images) {
    layer.inputStrides = llvm::map_to_vector(op.getInputs(), getImageStride);
    layer.residualStrides =
        llvm::map_to_vector(op.getResiduals(), getImageStride);
    layer.outputStrides = llvm::map_to_vector(op.getOutputs(), getImageStride);
  }
  return emitLayer(op, layer, target, items, builder);
}
