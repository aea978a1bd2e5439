//===- PackDigits.h - packing bit by bit ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Packing by a `#dorefa.digits`, for whatever has no faster way.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_PACKDIGITS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_PACKDIGITS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa::loops {

/// Writes the elements of a row-major tensor, bit by bit, into a cleared
/// buffer. `code` is null for reals.
void emitDigitsPack(ImplicitLocOpBuilder &builder, Value from, Value to,
                    ArrayRef<int64_t> shape, DigitsAttr digits, CodeAttr code);

/// Reads the elements of a row-major tensor bit by bit.
void emitDigitsUnpack(ImplicitLocOpBuilder &builder, Value from, Value to,
                      ArrayRef<int64_t> shape, DigitsAttr digits,
                      CodeAttr code);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PACKDIGITS_H
