//===- StepEmitters.h - loops of one step ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The emitters of all kinds of steps, as methods of one class that knows which
// buffer holds each tensor. Related kinds share a file.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_STEPEMITTERS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_STEPEMITTERS_H

#include "ConstantPool.h"
#include "Steps.h"
#include "dorefa/Conversion/DorefaToLoops/WorkItems.h"
#include "dorefa/Target/CPU/TargetFeatures.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <functional>

namespace mlir::dorefa::loops {

/// What the emitter of a step works with: the body of the step's function.
class StepEmitter {
public:
  StepEmitter(const Step &step, ConstantPool &constants,
              const TargetFeatures &target, ImplicitLocOpBuilder &builder)
      : step(step), constants(constants), target(target), builder(builder) {}

  /// Writes what the loops leave alone and what must be there before any of them
  /// runs: borders and padded channels of packed results.
  LogicalResult emitBorders();
  /// Fills the rings of one image, for a step of several.
  LogicalResult emitRings();
  /// Emits the loops of the step.
  LogicalResult emit();

  /// Says that `tensor` lies in `buffer`.
  void setBuffer(Value tensor, Value buffer) { buffers[tensor] = buffer; }
  void setScratch(Value buffer) { scratch = buffer; }
  /// Says that a call computes so many images, and how many bytes behind a
  /// tensor that of the next image lies.
  void setImages(Value number, std::function<int64_t(Value)> getStride) {
    images = number;
    getImageStride = std::move(getStride);
  }
  /// Where what engines make of inputs lies, and how many bytes behind it that of
  /// the next image.
  void setRings(Value buffer, int64_t stride) {
    rings = buffer;
    ringStride = stride;
  }
  /// Says that a call does items [begin, end) of the step.
  void setRange(Value begin, Value end) { items = WorkItems(begin, end); }
  /// How many items the emitted loops have.
  int64_t getItemCount() const { return items.getCount(); }

private:
  /// The buffer of a tensor: an argument of the function, or a constant.
  Value getBuffer(Value tensor);
  /// The same buffer with one dimension.
  Value getFlat(Value tensor) { return flatten(getBuffer(tensor)); }
  Value flatten(Value buffer);
  /// Loops over all indices of a result's shape; items are the places in all but
  /// its last dimension.
  void overResults(ArrayRef<int64_t> shape, function_ref<void(ValueRange)> body);

  LogicalResult emitElementwise();
  LogicalResult emitCopies();
  LogicalResult emitConv(ConvOp op);
  LogicalResult emitMatmul(MatmulOp op);
  LogicalResult emitPool(PoolOp op);
  LogicalResult emitReduce(ReduceOp op);
  LogicalResult emitSoftmax(SoftmaxOp op);
  LogicalResult emitArgMax(ArgMaxOp op);
  LogicalResult emitGather(GatherOp op);
  LogicalResult emitResize(ResizeOp op);
  LogicalResult emitPack(PackOp op);
  LogicalResult emitUnpack(UnpackOp op);
  LogicalResult emitWindowSum(WindowSumOp op);
  LogicalResult emitLayerStep(LayerOp op);

  const Step &step;
  ConstantPool &constants;
  const TargetFeatures &target;
  ImplicitLocOpBuilder &builder;
  llvm::DenseMap<Value, Value> buffers;
  Value scratch, images, rings;
  int64_t ringStride = 0;
  std::function<int64_t(Value)> getImageStride;
  WorkItems items;
};

/// Scratch of a window sum: the sums of pixels and of columns of them.
int64_t getWindowSumScratch(WindowSumOp op);

/// Scratch of reductions: 64 lanes.
int64_t getReductionScratch();

/// Bytes of temporary memory that the step of `op` needs; an error for an op
/// that cannot be a step.
FailureOr<int64_t> getScratchBytes(Operation *op,
                                   const TargetFeatures &target);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_STEPEMITTERS_H
