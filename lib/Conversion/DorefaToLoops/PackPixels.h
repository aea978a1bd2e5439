//===- PackPixels.h - packing pixel by pixel ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Packing by a `#dorefa.layout`, many channels of a pixel at a time: how the
// inputs of a network reach its first layer, so its time counts.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_PACKPIXELS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_PACKPIXELS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa::loops {

/// Packs a row-major tensor of as many elements as `type` has, which has a
/// layout; writes border and padded channels, too.
void emitPixelPack(ImplicitLocOpBuilder &builder, Value from, Value to,
                   RankedTensorType type);

/// Brings a tensor whose layout is of elements into row-major order.
void emitElementUnpack(ImplicitLocOpBuilder &builder, Value from, Value to,
                       RankedTensorType type);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PACKPIXELS_H
