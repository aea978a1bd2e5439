//===- TapNames.h - quantizers of the model by their codes ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which codes of a recognised graph are those of a quantizer of the model, and
// by what name. A quantizer has its name in `dorefa.value`. One that was found
// to change nothing is gone: its name is in the list `dorefa.taps` of the op
// that computes the codes it would have given again.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_TAPNAMES_H
#define DOREFA_DIALECT_DOREFA_IR_TAPNAMES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace mlir::dorefa {

/// The names of the quantizers whose codes are the one result of `op`.
SmallVector<StringAttr> getTapNames(Operation *op);

/// Lets the one result of `op`, codes, stand for the quantizer `name` as well.
void addTapName(Operation *op, StringAttr name);

/// Takes away from `op` the names for which `isTaken` holds.
void removeTapNames(Operation *op, function_ref<bool(StringAttr)> isTaken);

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_IR_TAPNAMES_H
