//===- Epilogue.h - a layer's epilogue on vectors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One layer's epilogue for all loop nests, whether lanes are channels (packed
// results) or pixels (row-major ones): only how a parameter becomes a vector
// differs.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_EPILOGUE_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_EPILOGUE_H

#include "dorefa/Conversion/DorefaToLoops/LayerToLoops.h"
#include "dorefa/Engine/KernelBuilder.h"
#include "dorefa/Target/CPU/TargetFeatures.h"

namespace mlir::dorefa {

/// Evaluates the scalar epilogue of a packed layer on vectors of `lanes`
/// elements: channels of one pixel, or pixels of one channel. Each op becomes
/// the same op on vectors, so each lane has the scalar's bits.
class EpilogueEmitter {
public:
  EpilogueEmitter(LayerOp layer, const LayerBuffers &buffers,
                  const TargetFeatures &target, int64_t lanes,
                  bool lanesAreChannels)
      : layer(layer), buffers(buffers), target(target), lanes(lanes),
        lanesAreChannels(lanesAreChannels) {}

  /// Loads the parameters of the lanes' channels, from `channel` on, for the
  /// following calls of `emit`.
  void loadParameters(KernelBuilder &b, Value channel);

  /// The yielded vectors.
  SmallVector<Value> emit(KernelBuilder &b, ValueRange accumulators,
                          ValueRange residuals);

private:
  Value emitCount(KernelBuilder &b, CountThresholdsOp op, Value value,
                  ArrayRef<Value> thresholds) const;

  LayerOp layer;
  const LayerBuffers &buffers;
  const TargetFeatures &target;
  int64_t lanes;
  bool lanesAreChannels;
  /// One vector a parameter, or one a threshold.
  SmallVector<SmallVector<Value>> parameters;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_EPILOGUE_H
