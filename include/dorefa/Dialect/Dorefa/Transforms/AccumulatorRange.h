//===- AccumulatorRange.h - what integer sums can reach ---------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Bounds of integer sums, from which the width of accumulators follows and
// where to look for thresholds.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_TRANSFORMS_ACCUMULATORRANGE_H
#define DOREFA_DIALECT_DOREFA_TRANSFORMS_ACCUMULATORRANGE_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <optional>

namespace mlir::dorefa {

/// A range of integers, both ends inside.
struct IntegerRange {
  int64_t low = 0, high = 0;

  IntegerRange operator+(IntegerRange other) const {
    return {low + other.low, high + other.high};
  }
  IntegerRange scaledBy(int64_t factor) const {
    return factor < 0 ? IntegerRange{high * factor, low * factor}
                      : IntegerRange{low * factor, high * factor};
  }
  /// The smallest range that holds this and 0.
  IntegerRange withZero() const {
    return {std::min<int64_t>(low, 0), std::max<int64_t>(high, 0)};
  }
};

/// The range of a coded product's accumulator, one an output channel, from the
/// range of the input's codes and the weights as they are. Nothing if the
/// weights are not constant.
std::optional<SmallVector<IntegerRange>> getAccumulatorRanges(LayerOp layer,
                                                              unsigned product);

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_TRANSFORMS_ACCUMULATORRANGE_H
