//===- ProductCorrection.h - from stored numbers to the product ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Engines sum stored, unsigned numbers; the epilogue turns such a sum into the
// one that the layer declares.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_PRODUCTCORRECTION_H
#define DOREFA_LIB_TARGET_CPU_PRODUCTCORRECTION_H

#include "PackedValues.h"

namespace mlir::dorefa {

/// The operands of a packed layer while they grow.
struct PackedOperands {
  SmallVector<Value> inputs, weights, parameters, residuals;
};

/// What an epilogue does to the sum of one product's stored numbers (see
/// StoredNumbers.h) before it is the declared accumulator:
///
///     factor * sum + sum factor * window sum + offset
class ProductCorrection {
public:
  /// Adds the operands that it reads to those of the layer, of which the last
  /// input is the product's. `sums` is the shape of the products' sums.
  ProductCorrection(ImplicitLocOpBuilder &builder, const PackedProduct &product,
                    ConvAttr geometry, ArrayRef<int64_t> sums, Type accumulator,
                    PackedOperands &operands);

  /// The accumulator, in the epilogue of the packed layer.
  Value emit(ImplicitLocOpBuilder &builder, LayerOp layer, Value sum) const;

private:
  /// An operand of the epilogue.
  struct Operand {
    bool isResidual;
    unsigned index;
  };

  static Operand addParameter(PackedOperands &operands, Value parameter);
  static Operand addResidual(PackedOperands &operands, Value residual);
  static Value getArgument(LayerOp layer, Operand operand);

  int64_t factor;
  std::optional<Operand> windowSum;
  /// One factor a channel, or one for all.
  std::optional<Operand> sumFactor;
  int64_t uniformSumFactor = 0;
  std::optional<Operand> offset;
  /// Of offsets a position that need more than 32 bits, the multiples of 2^31.
  std::optional<Operand> highOffset;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_PRODUCTCORRECTION_H
