//===- PackKernels.h - transformed kernels ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_PACKKERNELS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_PACKKERNELS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa::loops {

/// Makes of kernels whose numbers lie in a buffer of bytes, as digits with
/// `winograd` say, the transformed ones; of others nothing.
void emitKernels(ImplicitLocOpBuilder &builder, Value buffer, DigitsAttr digits);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PACKKERNELS_H
