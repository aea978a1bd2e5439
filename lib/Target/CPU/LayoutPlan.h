//===- LayoutPlan.h - who reads what in which layout ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each layer asks for its inputs in the layout of its engine, and for residuals
// one element a channel. Requests for one value that differ in their border
// only become one layout with the larger border. The layer that makes the value
// then writes each of its layouts.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_LAYOUTPLAN_H
#define DOREFA_LIB_TARGET_CPU_LAYOUTPLAN_H

#include "StoredNumbers.h"

namespace mlir::dorefa {

/// What one product of a layer becomes.
struct PackedProduct {
  ProductShape shape;
  LayoutAttr inputLayout;
  DigitsAttr weightLayout; ///< null without weights
  bool signedWeights = false, tiled = false;
  int64_t inputBlock = 0; ///< of the engine (Engine::getInputBlock)
  StoredNumbers numbers;
};

class LayoutPlan {
public:
  explicit LayoutPlan(const TargetFeatures &target) : target(target) {}

  /// Plans the layers of a function, which come in its order.
  LogicalResult plan(ArrayRef<LayerOp> layers);

  /// Whether a layer reads and writes packed tensors. Others, and all other
  /// ops, work on row-major ones.
  bool isPacked(Operation *op) const { return packedLayers.contains(op); }
  ArrayRef<PackedProduct> getProducts(LayerOp layer) const;

  /// The layouts in which a value is read.
  ArrayRef<LayoutAttr> getLayouts(Value value) const;
  /// The one of them that serves a reader who asked for `wanted`.
  LayoutAttr find(Value value, LayoutAttr wanted) const;
  /// The layout with one element a channel, or null.
  LayoutAttr findElements(Value value) const;
  /// What is read of `from` is read of `to` from now on.
  void replace(Value from, Value to);

private:
  bool mustBePacked(LayerOp layer) const;
  LogicalResult planProducts(LayerOp layer);
  FailureOr<StoredNumbers> getNumbers(LayerOp layer, unsigned index,
                                      const PackedProduct &product,
                                      bool exactWeights) const;
  /// Sees to readers of row-major tensors, and to results that nobody reads.
  LogicalResult planResults(LayerOp layer);
  void request(Value value, LayoutAttr layout);

  const TargetFeatures &target;
  DenseSet<Operation *> packedLayers;
  DenseMap<Operation *, SmallVector<PackedProduct, 1>> products;
  DenseMap<Value, SmallVector<LayoutAttr>> requests;
};

/// One element a channel.
LayoutAttr getElementsLayout(RankedTensorType type, ArrayRef<int64_t> border,
                             int64_t fill);

/// The same without a border.
LayoutAttr getElementsLayout(RankedTensorType type);

/// The layout in which a packed layer reads a residual, or the input of its
/// pool.
LayoutAttr getResidualLayout(LayerOp layer, Value residual);

/// Whether a layer can write results in such a layout; else they are packed from
/// single elements.
bool canWrite(LayerOp layer, LayoutKind kind);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_LAYOUTPLAN_H
