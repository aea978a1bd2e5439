//===- EpilogueBuilder.h - a cluster's ops on scalars -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The epilogue of a layer is the declared chain of ops on scalars: each tensor
// op of the cluster becomes the same op on its element. Constants become values
// in the epilogue, parameters of the channels, or, where they vary along other
// dimensions, residuals. Booleans enter and leave as codes of one bit, so that
// layouts and loops of layers know reals and codes only.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEBUILDER_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEBUILDER_H

#include "LayerClusters.h"

namespace mlir::dorefa {

bool isBoolean(Type type);

/// Codes of one bit for the booleans of a tensor.
RankedTensorType getBitType(Type type);

/// The tensor in another shape; itself if it has that shape.
Value reshapeTo(OpBuilder &builder, Value tensor, ArrayRef<int64_t> shape);

/// Builds the epilogue of one cluster. Its arguments are the accumulators of
/// the products, then the parameters, then the residuals.
class EpilogueBuilder {
public:
  /// Constants and residuals of the layer are made by `outside`.
  EpilogueBuilder(LayerCluster &cluster, OpBuilder &outside)
      : cluster(cluster), outside(outside), block(region.emplaceBlock()),
        inside(outside.getContext()) {
    inside.setInsertionPointToStart(&block);
    for (LayerProduct &product : cluster.products)
      block.addArgument(product.accumulator, product.contraction->getLoc());
  }

  /// Product number `index` of the cluster: the real that its sum stands for.
  void emitProduct(unsigned index);
  /// Another op of the cluster, behind all that it reads.
  void emit(Operation *op);
  /// The scalar of a value that was emitted; null for others.
  Value lookup(Value tensor) const { return scalars.lookup(tensor); }

  OpBuilder &getBuilder() { return inside; }
  /// The epilogue until the layer exists.
  Region &getRegion() { return region; }
  ArrayRef<Value> getParameters() const { return parameters; }
  ArrayRef<Value> getResiduals() const { return residuals; }

private:
  Value emitScalarOp(Operation *op);
  Value emitThresholds(QuantizeThresholdsOp op);
  Value emitBatchNorm(BatchNormOp op);
  Value emitDequantize(DequantizeOp op);

  /// The scalar of a tensor of the graph.
  Value getScalar(Value tensor, Location loc);
  /// The scalar of a constant over the layer's positions.
  Value getConstant(DenseElementsAttr elements, Location loc);
  /// The scalar of a constant along dimension `axis` of a tensor of `shape`.
  Value getConstantAlong(DenseElementsAttr elements, ArrayRef<int64_t> shape,
                         int64_t axis, Location loc);
  Value getResidual(Value tensor, Location loc);
  Value getBoolean(Value scalar, Type declared, Location loc);
  Value storeBooleans(Value booleans, Location loc);
  Value getParameter(DenseElementsAttr elements, Type argument, Location loc);

  LayerCluster &cluster;
  OpBuilder &outside;
  Region region;
  Block &block;
  OpBuilder inside;
  DenseMap<Value, Value> scalars;
  DenseMap<Attribute, Value> constants;
  SmallVector<Value> parameters, residuals;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEBUILDER_H
