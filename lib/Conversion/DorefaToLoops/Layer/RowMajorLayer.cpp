//===- RowMajorLayer.cpp - elementwise layers on row-major tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The tensors are N x C x pixels in memory. Lanes are neighbouring pixels of
// one channel, or channels where a channel has one pixel. The last vector is
// moved back to end with the row: what is computed twice has the same bits.
//
//===----------------------------------------------------------------------===//

#include "LayerLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;

/// The same elements without dimensions.
static Value flatten(KernelBuilder &b, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getRank() <= 1)
    return buffer;
  SmallVector<ReassociationIndices> all{
      llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()))};
  return memref::CollapseShapeOp::create(b, buffer, all);
}

/// Calls `body` with the first element of each vector of a row.
static void overVectors(KernelBuilder &b, int64_t extent, int64_t lanes,
                        function_ref<void(Value)> body) {
  b.loop(llvm::divideCeil(extent, lanes), [&](Value index) {
    Value first = b.mul(index, lanes);
    if (extent % lanes != 0)
      first = arith::MinUIOp::create(b, first, b.index(extent - lanes));
    body(first);
  });
}

LogicalResult mlir::dorefa::emitRowMajorLayer(LayerOp layer,
                                              const LayerBuffers &buffers,
                                              const TargetFeatures &target,
                                              WorkItems &items,
                                              KernelBuilder &b) {
  SmallVector<int64_t> shape = layer.getIterationShape();
  int64_t images = shape[0], channels = shape[1];
  int64_t pixels = llvm::product_of(ArrayRef<int64_t>(shape).drop_front(2));
  for (Value residual : layer.getResiduals())
    if (cast<RankedTensorType>(residual.getType()).getShape() !=
        ArrayRef<int64_t>(shape))
      return layer.emitError("expected residuals of the result's shape");
  bool lanesAreChannels = pixels == 1;
  int64_t row = lanesAreChannels ? channels : pixels;
  int64_t lanes = std::min(unitChannels, row);

  SmallVector<Value> residuals, outputs;
  for (Value buffer : buffers.residuals)
    residuals.push_back(flatten(b, buffer));
  for (Value buffer : buffers.outputs)
    outputs.push_back(flatten(b, buffer));
  EpilogueEmitter epilogue(layer, buffers, target, lanes, lanesAreChannels);
  auto emit = [&](Value offset) {
    SmallVector<Value> loaded;
    for (Value buffer : residuals) {
      Type element = cast<MemRefType>(buffer.getType()).getElementType();
      loaded.push_back(vector::LoadOp::create(b, b.vectorOf(lanes, element),
                                              buffer, offset));
    }
    SmallVector<Value> results = epilogue.emit(b, {}, loaded);
    for (auto [result, buffer] : llvm::zip(results, outputs))
      vector::StoreOp::create(b, result, buffer, offset);
  };
  auto emitRow = [&](ValueRange place, Value) {
    Value base = b.mul(place[0], channels * pixels);
    if (!lanesAreChannels) {
      epilogue.loadParameters(b, place[1]);
      base = b.add(base, b.mul(place[1], pixels));
    }
    overVectors(b, row, lanes, [&](Value first) {
      if (lanesAreChannels)
        epilogue.loadParameters(b, first);
      emit(b.add(base, first));
    });
  };
  items.emit(b, {images, lanesAreChannels ? 1 : channels}, emitRow);
  return success();
}
