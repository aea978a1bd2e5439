//===- DirectProduct.h - one product by plain loops -------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The sums of a layer's product for a unit of channels, in the type of the
// layer's accumulator or in 16 bits where they fit.
// Weights lie as DirectLayout has them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_DIRECTPRODUCT_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_DIRECTPRODUCT_H

#include "LayerLoops.h"
#include "TapPairs.h"

namespace mlir::dorefa {

/// One product of a layer, with its window as rows and columns.
class DirectProduct {
public:
  DirectProduct(LayerNest &nest, unsigned index);

  /// Whether channels do not meet in a sum.
  bool isChannelwise() const { return shape.isChannelwise(); }
  /// Loads a depthwise product's weights of the unit of channels from `channel` on,
  /// for all calls of `emit` that follow with up to so many positions, if the window
  /// is small.
  void loadWindow(Value channel, int64_t positions);
  /// The sums of a unit of channels at each position (row, column).
  SmallVector<Value> emit(Value image,
                          ArrayRef<std::pair<Value, Value>> positions,
                          Value channel);

private:
  int64_t at(ArrayRef<int64_t> values, size_t fromEnd, int64_t absent) const {
    size_t rank = shape.kernel.size();
    return fromEnd <= rank ? values[rank - fromEnd] : absent;
  }
  int64_t getRows() const { return at(shape.kernel, 2, 1); }
  int64_t getColumns() const { return at(shape.kernel, 1, 1); }

  /// Byte offset of the input pixel under a kernel position.
  Value getInputPixel(Value image, Value y, Value x, Value row, Value column);
  /// `emit` where channels do not meet.
  SmallVector<Value>
  emitNeighbours(Value image, ArrayRef<std::pair<Value, Value>> positions,
                 Value channel);
  Value loadWeights(Value row, Value column, Value channel);
  Value emitChannelByChannel(Value image, Value y, Value x, Value channel);
  Value emitOneChannel(Value image, Value y, Value x, Value channel);
  /// Loops over the kernel's positions in row-major order.
  Value overWindow(Value sum, function_ref<Value(Value, Value, Value)> body);
  Value multiplyAdd(Value code, Value weight, Value sum);
  /// The number that a stored weight stands for.
  /// `channel`: the (first) output channel.
  Value applyAffine(Value weight, Value channel);
  /// The constant zeros of all output channels, padded to 16.
  Value getZeros();
  /// A stored number (unsigned) or a real, in the type of the sums.
  Value widen(Value stored);

  LayerNest &nest;
  KernelBuilder &b;
  ProductShape shape;
  const PackedImage &input;
  Value weights;
  AffineAttr weightAffine;
  Value zeros; ///< if they differ from channel to channel
  Type sumType;
  /// Of a unit of channels, if they are held: one a kernel position.
  SmallVector<Value> window;
  std::optional<TapPairs> pairs; ///< in place of `window`
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_DIRECTPRODUCT_H
