//===- LayerPacker.h - one layer on packed tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One layer's part of PackLayers, once the plan for all layers is made.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_LAYERPACKER_H
#define DOREFA_LIB_TARGET_CPU_LAYERPACKER_H

#include "PackedValues.h"
#include "ProductCorrection.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::dorefa {

/// Rewrites one layer on the forms of its operands that the plan asks for. The
/// layer of before stays, so that its results name what the plan says of them;
/// what does not read packed tensors gets the new results at once.
class LayerPacker {
public:
  LayerPacker(LayerOp layer, LayoutPlan &plan, PackedValues &values);

  LogicalResult pack();

private:
  /// A result of before, and the layout of a new one (null: row-major).
  struct Result {
    Value origin;
    LayoutAttr layout;
  };

  LogicalResult addOperands();
  void addProduct(unsigned index, const PackedProduct &product);
  void addResults();
  LayerOp createLayer();
  /// Adds the arguments; those of before are mapped to theirs.
  void addArguments(LayerOp packed, IRMapping &mapping);
  void emitEpilogue(LayerOp packed);
  void setResults(LayerOp packed);

  LayerOp layer;
  LayoutPlan &plan;
  PackedValues &values;
  ImplicitLocOpBuilder builder;
  SmallVector<int64_t> sums; ///< the shape of the products' sums
  PackedOperands operands;
  SmallVector<Attribute> products;
  SmallVector<ProductCorrection> corrections;
  SmallVector<Result> results;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_LAYERPACKER_H
