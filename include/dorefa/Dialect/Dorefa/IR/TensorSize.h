//===- TensorSize.h - how large tensors may be ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The bound below which constants are evaluated and buffers laid out, so that
// counts of elements and bytes do not overflow there.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_TENSORSIZE_H
#define DOREFA_DIALECT_DOREFA_IR_TENSORSIZE_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::dorefa {

/// Tensors have fewer elements than this.
constexpr int64_t tensorElementLimit = int64_t(1) << 31;

/// Whether a tensor has a static shape and fewer than 2^31 elements, so that
/// its bytes can be counted and, if it is constant, computed.
inline bool hasSupportedSize(RankedTensorType type) {
  if (!type.hasStaticShape())
    return false;
  int64_t count = 1;
  bool isTooLarge = false;
  for (int64_t extent : type.getShape()) {
    if (extent == 0)
      return true;
    isTooLarge |= llvm::MulOverflow(count, extent, count) || count >= tensorElementLimit;
  }
  return !isTooLarge;
}

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_IR_TENSORSIZE_H
