//===- CodedContraction.h - which contractions are exact ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one place that decides whether the value of a contraction is defined by
// the exact integer sum of its codes or by a chain of binary32 operations. The
// interpreter, which is the definition, and the compiler both ask here.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_CODEDCONTRACTION_H
#define DOREFA_DIALECT_DOREFA_IR_CODEDCONTRACTION_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

namespace mlir::dorefa {

/// Whether `op` is contracted on codes. That holds for
///
/// - `dorefa.conv` and `dorefa.matmul`, if both operands are results of
///   `dorefa.dequantize`;
/// - `dorefa.pool` with `sum` or `average` and `dorefa.reduce` with `sum` or
///   `mean`, if the operand is,
///
/// and every scale is one constant along each contracted dimension (in a
/// grouped convolution: inside each group of input channels). A scale with one
/// element a channel meets that where the channels are not contracted, or where
/// it is a constant with equal elements.
bool isCodedContraction(Operation *op);

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_IR_CODEDCONTRACTION_H
