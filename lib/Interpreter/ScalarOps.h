//===- ScalarOps.h - elementwise ops as functions on scalars ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An elementwise op means the same on scalars, inside the epilogue of a layer,
// and on tensors, element by element. One table gives both.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_INTERPRETER_SCALAROPS_H
#define DOREFA_LIB_INTERPRETER_SCALAROPS_H

#include "mlir/IR/Operation.h"
#include <functional>

namespace mlir::dorefa::interpreter {

/// A real, or an integer as the number that it stands for.
union Scalar {
  float real;
  int64_t integer;
};

/// The result of an op from one scalar an operand.
using ScalarFunction = std::function<Scalar(ArrayRef<Scalar> operands)>;

/// The meaning of an elementwise op of `arith`, `math` or `dorefa` on scalars
/// or tensors of f32 and integers; null for all other ops. What these dialects
/// leave undefined is defined here: an integer division by zero and a shift by
/// the width or more give 0, a conversion from real to integer saturates.
ScalarFunction getScalarFunction(Operation *op);

} // namespace mlir::dorefa::interpreter

#endif // DOREFA_LIB_INTERPRETER_SCALAROPS_H
