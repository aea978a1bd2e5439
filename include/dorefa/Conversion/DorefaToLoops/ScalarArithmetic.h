//===- ScalarArithmetic.h - quantizers on scalars and vectors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a quantizer does to one element, as arith and math ops. Each function
// takes a scalar or a vector and gives the same shape back. Which ops are calls
// of the artifact's runtime instead.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_SCALARARITHMETIC_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_SCALARARITHMETIC_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa::loops {

/// `element`, or a vector of it with the shape of `like`.
Type getTypeLike(Type like, Type element);

/// The constant of type `type` whose elements all are `value`, which must be
/// exact in it.
Value getConstant(ImplicitLocOpBuilder &builder, Type type, double value);

/// value + offset, for codes.
Value addOffset(ImplicitLocOpBuilder &builder, Value value, int64_t offset);

/// The integer that the real `x` becomes, as a real; not for `sign`.
Value emitRounding(ImplicitLocOpBuilder &builder, Value x, Rounding rounding);

/// dorefa.quantize: reals to codes in the storage type of `code`.
Value emitQuantize(ImplicitLocOpBuilder &builder, Value x, Rounding rounding,
                   CodeAttr code, int64_t lowest, int64_t highest);

/// Codes, extended to integers of `width` bits by their sign.
Value emitExtendCode(ImplicitLocOpBuilder &builder, Value stored, CodeAttr code,
                     unsigned width);

/// dorefa.dequantize: codes to reals. `zero` is an i32.
Value emitDequantize(ImplicitLocOpBuilder &builder, Value stored, CodeAttr code,
                     int64_t step, Value zero, Value scale);

/// The scalar function of the artifact's runtime that computes `op`, or "" for
/// an op that LLVM has instructions for.
StringRef getRuntimeFunction(Operation *op);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_SCALARARITHMETIC_H
