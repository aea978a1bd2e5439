//===- Steps.h - the steps of a network ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A network at the packed level is one straight line of ops on tensors. A step
// is what becomes one function on buffers: an op (its root) and the elementwise
// ops in front of it whose results nothing else needs. Constants, reshapes and
// repetitions for elementwise readers are no steps: readers look through them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_STEPS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_STEPS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Target/CPU/TargetFeatures.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::dorefa::loops {

struct Step {
  Operation *root = nullptr;
  /// The ops that the step computes, in order; the root is the last.
  SmallVector<Operation *> ops;
  /// The distinct tensors that the step reads from buffers.
  SmallVector<Value> inputs;
  /// Temporary memory beside inputs and outputs, of each thread.
  int64_t scratchBytes = 0;
  /// Whether it depends on constants alone, so that `prepare` runs it.
  bool isPrepare = false;
  /// Whether a call computes all images of a group, and which part of a run the
  /// step belongs to (GroupSteps.h).
  bool isGrouped = false;
  /// Of such a step, memory for each image beside inputs and outputs.
  int64_t ringBytes = 0;
  int64_t segment = 0;

  bool contains(Operation *op) const { return llvm::is_contained(ops, op); }
};

/// Gives every result of `function` a step of its own that writes it: copies
/// what is an argument, a constant, or returned twice.
void separateResults(func::FuncOp function);

/// The steps of a function, in order; an error names the op that cannot be one.
FailureOr<SmallVector<Step>> findSteps(func::FuncOp function,
                                       const TargetFeatures &target);

/// The value whose buffer holds the elements of `tensor`: behind reshapes.
Value getStorage(Value tensor);

/// Whether `op` computes each element of its result from elements at the same
/// place, or along the same channel.
bool isElementwise(Operation *op);

/// What an elementwise reader of `tensor` reads: behind repetitions.
Value getElementwiseSource(Value tensor);

/// The constant that all elements of `tensor` are, if it is one.
TypedAttr getSplat(Value tensor);

/// The buffer of a tensor: bytes for packed ones, else its shape, booleans as
/// bytes.
MemRefType getBufferType(RankedTensorType type);

/// Bytes of that buffer.
int64_t getBufferBytes(RankedTensorType type);

inline RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}
inline ArrayRef<int64_t> getShape(Value value) {
  return getTensorType(value).getShape();
}
inline LayoutAttr getLayout(Value value) {
  return dyn_cast_or_null<LayoutAttr>(getTensorType(value).getEncoding());
}
inline bool isPacked(Value value) {
  return isa_and_present<LayoutAttr, DigitsAttr>(
      getTensorType(value).getEncoding());
}

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_STEPS_H
