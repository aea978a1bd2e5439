//===- ShapeVerification.h - checks that verifiers share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Checks that verifiers of graph, layer and shape ops share, so that they have
// one wording.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_IR_SHAPEVERIFICATION_H
#define DOREFA_LIB_DIALECT_DOREFA_IR_SHAPEVERIFICATION_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

namespace mlir::dorefa {

inline LogicalResult verifyShape(Operation *op, ArrayRef<int64_t> expected,
                                 Value result) {
  if (shapeOf(result) != expected)
    return op->emitOpError() << "expected a result of shape [" << expected
                             << "], but got [" << shapeOf(result) << "]";
  return success();
}

inline LogicalResult verifyAxis(Operation *op, int64_t axis, Value tensor) {
  int64_t rank = shapeOf(tensor).size();
  if (axis < 0 || axis >= rank)
    return op->emitOpError() << "expected an axis from 0 to " << rank - 1
                             << ", but got " << axis;
  return success();
}

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_IR_SHAPEVERIFICATION_H
