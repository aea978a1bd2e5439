//===- StoredNumbers.h - products of stored numbers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A product is defined on the integers X = sx*q - zx and W = sw*p - zw that
// codes stand for; engines sum products of the unsigned numbers u and v that
// are stored. With X = sx*u + bx and W = sw*v + bw:
//
//   sum X*W = sx*sw * sum u*v  +  sx*bw * sum u  +  sum bx*W
//
// over all positions of the window, if the border holds a number that stands
// for X = 0 (or there is none); else the border holds u = 0, and the last sum
// runs over the positions inside, so that it differs from position to position.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_STOREDNUMBERS_H
#define DOREFA_LIB_TARGET_CPU_STOREDNUMBERS_H

#include "dorefa/Engine/Engine.h"

namespace mlir::dorefa {

struct StoredNumbers {
  /// The number that border pixels hold.
  int64_t fill = 0;
  /// sx*sw.
  int64_t factor = 1;
  /// sx*bw: one value, or one an output channel. Empty if all are 0.
  SmallVector<int64_t> sumFactor;
  /// sum bx*W: one value an output channel, or one an output channel and
  /// position. Empty if all are 0.
  SmallVector<int64_t> offset;
  bool offsetPerPosition = false;

  /// For a product of codes; `weights` are constant codes in row-major order,
  /// or empty for a product without weights. With `exactWeights` the engine
  /// multiplies by W itself. Failure if the offset depends on weights that are
  /// not constant.
  static FailureOr<StoredNumbers> get(ProductAttr product,
                                      const ProductShape &shape,
                                      ArrayRef<int64_t> weights,
                                      bool constantWeights,
                                      bool signedWeights, bool exactWeights);
};

/// What stored weights exceed those that are read as signed numbers of as many
/// bits.
inline int64_t getSignedOffset(CodeAttr code) {
  return int64_t(1) << (code.getBits() - 1);
}

/// The codes of a constant tensor, in row-major order; failure if the value is
/// not constant.
FailureOr<SmallVector<int64_t>> getConstantCodes(Value value);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_STOREDNUMBERS_H
