//===- LayerToLoops.h - loops of a packed layer ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How loops are made of one packed layer, apart from where its buffers lie: the
// caller plans memory and hands over one buffer a tensor.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_LAYERTOLOOPS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_LAYERTOLOOPS_H

#include "dorefa/Conversion/DorefaToLoops/WorkItems.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Target/CPU/TargetFeatures.h"

namespace mlir::dorefa {

/// The buffers of a layer's operands and results, in their order: packed
/// tensors as `memref<bytes x i8>`, others row-major in their element type.
struct LayerBuffers {
  SmallVector<Value> inputs, weights, parameters, residuals, outputs;
  /// Temporary memory of getLayerScratchBytes, aligned to 64 bytes.
  Value scratch;
  /// How many images a call computes, where that is known at run time alone: the
  /// tensors have a leading extent of 1 then, and the same tensor of the next
  /// image lies so many bytes behind; the buffers of these tensors are bytes.
  Value images;
  SmallVector<int64_t> inputStrides, residualStrides, outputStrides;
  /// The bytes of emitLayerRings, of each image then, if there are some.
  Value rings;
  int64_t ringStride = 0;
};

/// Whether the loops of a packed layer may compute a number of images that is
/// known at run time alone.
bool isForManyImages(LayerOp layer);

/// Bytes of temporary memory that the loops of a packed layer need; `forImages`:
/// for a number of images that is known at run time alone.
int64_t getLayerScratchBytes(LayerOp layer, const TargetFeatures &target,
                             bool forImages = false);

/// Bytes of what engines make of one image's inputs before the loops for a number
/// of images that is known at run time alone; 0 if they read inputs as they are.
int64_t getLayerRingBytes(LayerOp layer, const TargetFeatures &target);
/// Fills these of one image: `buffers.rings`. Of the others the inputs are needed.
LogicalResult emitLayerRings(LayerOp layer, const LayerBuffers &buffers,
                             const TargetFeatures &target, OpBuilder &builder);

/// Writes the bytes of a packed layer's results that its loops do not write:
/// padded channels. Of the buffers those of results are needed.
LogicalResult emitLayerPadding(LayerOp layer, const LayerBuffers &buffers,
                               const TargetFeatures &target,
                               OpBuilder &builder);

/// Emits the loops of a packed layer at the builder's insertion point, which
/// is inside a function of the module that gets the layer's constant tables.
/// Temporary memory belongs to the call that does a range of `items`.
LogicalResult emitLayer(LayerOp layer, const LayerBuffers &buffers,
                        const TargetFeatures &target, WorkItems &items,
                        OpBuilder &builder);

} // namespace mlir::dorefa

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_LAYERTOLOOPS_H
