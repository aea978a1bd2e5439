//===- PackedBuffers.h - borders and bytes of packed tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Packed tensors as bytes: extents with the border, its fill, and views of a
// buffer of bytes as elements.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_PACKEDBUFFERS_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_PACKEDBUFFERS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa::loops {

/// The extents of a packed activation as an image; missing spatial dimensions
/// have extent 1.
struct PackedExtents {
  explicit PackedExtents(RankedTensorType type);

  int64_t images, channels;
  int64_t height = 1, width = 1, paddedHeight = 1, paddedWidth = 1;
  int64_t top = 0, left = 0;
  int64_t pixelBytes;

  int64_t getImagePixels() const { return paddedHeight * paddedWidth; }
};

/// Writes the border of a packed activation: its fill in the tensor's channels,
/// 0 in padded ones. Where layers leave padded channels alone (they write
/// units of 16 channels), all pixels are cleared before.
void emitBorderFill(ImplicitLocOpBuilder &builder, Value buffer,
                    RankedTensorType type);

/// Writes `bytes` over and over; `count`, the bytes of the buffer to write, is
/// a multiple of them.
void emitRepeatedBytes(ImplicitLocOpBuilder &builder, Value buffer,
                       int64_t count, ArrayRef<int8_t> bytes);

/// Clears a buffer of bytes.
void emitClear(ImplicitLocOpBuilder &builder, Value buffer);

/// A buffer of bytes as elements of another type, from byte `offset` on.
Value getElementView(ImplicitLocOpBuilder &builder, Value buffer, Type element,
                     int64_t offset = 0, int64_t count = -1);

/// `bytes` as a sum of powers of two up to 64, the largest first: the sizes of
/// the vectors that cover as many bytes.
SmallVector<int64_t> getChunks(int64_t bytes);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PACKEDBUFFERS_H
