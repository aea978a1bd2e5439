//===- LayerClusters.h - which ops of the graph become one layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A cluster is a set of ops that one layer computes: some contractions and the
// elementwise ops behind them, all over the same elements in row-major order.
// Reshapes keep that order and so belong to any cluster. Clusters grow greedily
// in program order:
//
// - a contraction begins a cluster;
// - an elementwise op joins the cluster of an operand, of the last one if there
//   are several, unless another operand depends on that cluster;
// - what only that op reads is merged: elementwise clusters always, a second
//   contraction of codes if the layer has but one (the branch of a residual
//   block), so that no real or accumulator goes through memory;
// - growth ends at quantizers: a dequantize is never part of the cluster of its
//   codes, but of each of its readers.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCLUSTERS_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCLUSTERS_H

#include "LayerProduct.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::dorefa {

struct LayerCluster {
  /// The shape over which the layer's epilogue runs.
  SmallVector<int64_t> shape;
  SmallVector<LayerProduct, 2> products;
  /// In program order, contractions included.
  SmallVector<Operation *> ops;
};

class LayerClusters {
public:
  /// Why a contraction is not part of a layer.
  using Refusals = llvm::MapVector<Operation *, std::string>;

  explicit LayerClusters(Block &block);

  LayerCluster *getClusterOf(Operation *op) const {
    return clusterOf.lookup(op);
  }
  /// The clusters that have ops, in the order of their first one.
  SmallVector<LayerCluster *> getClusters() const;
  const Refusals &getRefusals() const { return refusals; }

private:
  void placeElementwise(Operation *op);
  void placeReshape(ReshapeOp op);
  void placeDequantize(DequantizeOp op);
  LayerCluster *startCluster(Operation *op, ArrayRef<int64_t> shape);
  void join(Operation *op, LayerCluster *cluster);
  bool canMerge(LayerCluster *from, LayerCluster *into, Operation *reader);
  void merge(LayerCluster *from, LayerCluster *into);
  /// Whether computing `value` needs a result of `cluster`.
  bool dependsOn(Value value, LayerCluster *cluster);

  std::vector<std::unique_ptr<LayerCluster>> clusters;
  llvm::DenseMap<Operation *, LayerCluster *> clusterOf;
  llvm::DenseMap<Operation *, int64_t> orderOf;
  Refusals refusals;
};

/// Whether `op` computes each element of its result from the same element of
/// its tensors, in a way that an epilogue can express.
bool isElementwise(Operation *op);

/// Whether a layer over `shape` can compute the elementwise `op`: whether what
/// has one row a channel in it fits the layer's channels.
bool fitsLayer(Operation *op, ArrayRef<int64_t> shape);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERCLUSTERS_H
