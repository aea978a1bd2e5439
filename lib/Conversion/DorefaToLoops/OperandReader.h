//===- OperandReader.h - reals or codes of a contracted operand ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A sum or product of dequantized codes is an exact sum of integers, so its
// loops read the codes; any other reads reals.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_OPERANDREADER_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_OPERANDREADER_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa::loops {

/// The tensors that the step of `op` reads: where it is contracted on codes,
/// those of `dorefa.dequantize` in place of its result.
SmallVector<Value> getStepOperands(Operation *op);

class OperandReader {
public:
  /// `getFlat` gives the buffer of a tensor with one dimension.
  OperandReader(ImplicitLocOpBuilder &builder, Operation *op, Value operand,
                function_ref<Value(Value)> getFlat);

  bool isCoded() const { return static_cast<bool>(dequantize); }
  /// The real at `indices`; not for codes.
  Value readReal(ValueRange indices);
  /// The integer at `indices`, as i64.
  Value readInteger(ValueRange indices);
  /// The scale of the integers at `indices`.
  Value readScale(ValueRange indices);

private:
  Value readParameter(Value parameter, Value buffer, ValueRange indices);

  ImplicitLocOpBuilder &builder;
  DequantizeOp dequantize;
  SmallVector<int64_t> strides;
  /// Of reals, or of codes.
  Value elements, scales, zeros;
};

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_OPERANDREADER_H
