//===- Operations.h - structured ops as functions on tensors ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One short function an op: its tensors come from the environment, its result
// is returned. Nothing here is shared with the lowerings of the compiler, whose
// results are compared with these.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_INTERPRETER_OPERATIONS_H
#define DOREFA_LIB_INTERPRETER_OPERATIONS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Interpreter/Tensor.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::dorefa::interpreter {

/// The values that a run has computed so far.
class Environment {
public:
  const Tensor &operator[](Value value) const {
    return values.find(value)->second;
  }
  void set(Value value, Tensor tensor) { values[value] = std::move(tensor); }

private:
  llvm::DenseMap<Value, Tensor> values;
};

// Between reals and codes.
Tensor runDequantize(DequantizeOp op, const Environment &env);
Tensor runQuantizeThresholds(QuantizeThresholdsOp op, const Environment &env);

// Contractions. On codes if isCodedContraction says so; those then read the
// operands of `dorefa.dequantize`, not its result.
FailureOr<Tensor> runConv(ConvOp op, const Environment &env);
FailureOr<Tensor> runMatmul(MatmulOp op, const Environment &env);
FailureOr<Tensor> runPool(PoolOp op, const Environment &env);
FailureOr<Tensor> runReduce(ReduceOp op, const Environment &env);

// Other structured ops on reals.
Tensor runBatchNorm(BatchNormOp op, const Environment &env);
Tensor runSoftmax(SoftmaxOp op, const Environment &env);
Tensor runArgMax(ArgMaxOp op, const Environment &env);

// Shape ops.
Tensor runBroadcast(BroadcastOp op, const Environment &env);
Tensor runTranspose(TransposeOp op, const Environment &env);
Tensor runConcat(ConcatOp op, const Environment &env);
Tensor runSlice(SliceOp op, const Environment &env);
FailureOr<Tensor> runGather(GatherOp op, const Environment &env);
Tensor runPad(PadOp op, const Environment &env);
Tensor runResize(ResizeOp op, const Environment &env);

// Layers.
FailureOr<SmallVector<Tensor>> runLayer(LayerOp op, const Environment &env);

} // namespace mlir::dorefa::interpreter

#endif // DOREFA_LIB_INTERPRETER_OPERATIONS_H
