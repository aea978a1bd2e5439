//===- Dorefa.h - the dorefa dialect ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What every user of the dialect includes: the generated classes of its ops,
// attributes and enums, and short names for the questions that are asked of
// nearly each tensor.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_DOREFA_H
#define DOREFA_DIALECT_DOREFA_IR_DOREFA_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dorefa/Dialect/Dorefa/IR/DorefaDialect.h.inc"
#include "dorefa/Dialect/Dorefa/IR/DorefaEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dorefa/Dialect/Dorefa/IR/DorefaAttributes.h.inc"

namespace mlir::dorefa {

inline RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

inline ArrayRef<int64_t> shapeOf(Value tensor) {
  return typeOf(tensor).getShape();
}

/// The code encoding of a tensor type, or null for reals and plain integers.
CodeAttr getCode(Type type);

} // namespace mlir::dorefa

#define GET_OP_CLASSES
#include "dorefa/Dialect/Dorefa/IR/DorefaOps.h.inc"

#endif // DOREFA_DIALECT_DOREFA_IR_DOREFA_H
