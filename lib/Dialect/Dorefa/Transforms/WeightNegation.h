//===- WeightNegation.h - weights of the opposite sign ----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Turns channels whose codes fall with their sum into rising ones, by weights
// of the opposite sign.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_WEIGHTNEGATION_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_WEIGHTNEGATION_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

namespace mlir::dorefa {

/// Constant weights of codes with the integers of some output channels negated,
/// under the same affine: null if the codes of the type do not hold them.
/// Grids without a zero, such as 2q - n, are symmetric and hold them always.
DenseElementsAttr negateChannels(DenseElementsAttr weights, AffineAttr affine,
                                 ArrayRef<bool> isNegated);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_WEIGHTNEGATION_H
