//===- LayerBuilder.h - one cluster as one layer ----------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The step from a cluster of graph ops to a `dorefa.layer`, apart from the
// choice of clusters.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERBUILDER_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERBUILDER_H

#include "LayerClusters.h"

namespace mlir::dorefa {

/// Builds the layer of `cluster` in front of the cluster's last op and replaces
/// the values that ops outside read. The ops of the cluster stay, unused; ops
/// that read results may stand in front of the layer.
LayerOp buildLayer(LayerCluster &cluster);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_LAYERBUILDER_H
