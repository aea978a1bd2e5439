//===- ConstantEvaluator.h - values of constant subgraphs -------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Computes what a subgraph without inputs gives, exactly as the operations are
// defined: one IEEE binary32 operation each, the functions of dorefa_math.h.
// Nothing is shared with the interpreter, which checks it.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CONSTANTEVALUATOR_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CONSTANTEVALUATOR_H

#include "ConstantTensor.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::dorefa {

/// Answers questions about constant values of a function. Ops may be added
/// while it lives, but none may be erased and none changed that it was asked
/// about.
class ConstantEvaluator {
public:
  /// Whether `value` follows from constants alone by operations that we
  /// compute.
  bool isConstant(Value value);
  /// The elements of a constant value; nothing for other values.
  std::optional<ConstantTensor> evaluate(Value value);

  /// The one element that all of a constant consists of.
  std::optional<float> getUniform(Value value);
  std::optional<int64_t> getUniformInteger(Value value);
  /// The elements of a constant that varies along at most one dimension. Looks
  /// through broadcasts instead of storing their result.
  std::optional<AxisVector<float>> getAxisVector(Value value);

private:
  DenseMap<Operation *, bool> known;
};

/// Whether `evaluateOp` computes this op.
bool canEvaluate(Operation *op);
/// The result of one op; nothing if the operands are outside its domain (such
/// as an index outside the tensor).
std::optional<ConstantTensor> evaluateOp(Operation *op,
                                         ArrayRef<ConstantTensor> operands);

// By kind of op, nothing for ops of other kinds. Elementwise ops can be
// computed on operands of another shape than the op's own, with the result type
// given.
std::optional<ConstantTensor>
evaluateElementwise(Operation *op, ArrayRef<ConstantTensor> operands,
                    RankedTensorType type);
std::optional<ConstantTensor>
evaluateShapeOp(Operation *op, ArrayRef<ConstantTensor> operands);
std::optional<ConstantTensor>
evaluateReduce(Operation *op, ArrayRef<ConstantTensor> operands);
std::optional<ConstantTensor>
evaluateCodeOp(Operation *op, ArrayRef<ConstantTensor> operands);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CONSTANTEVALUATOR_H
