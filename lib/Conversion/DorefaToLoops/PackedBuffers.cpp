//===- PackedBuffers.cpp - borders and bytes of packed tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The border of an image is first the rows above and the left border of the
// first row, then between two rows the right border of one and the left border
// of the next, which are neighbours, and at last the rest:
//
//     f f f f f f
//     f x x x x f
//     f x x x x f
//     f f f f f f
//
//===----------------------------------------------------------------------===//

#include "PackedBuffers.h"
#include "StridedLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

PackedExtents::PackedExtents(RankedTensorType type) {
  auto layout = cast<LayoutAttr>(type.getEncoding());
  ArrayRef<int64_t> shape = type.getShape();
  ArrayRef<int64_t> border = layout.getBorder();
  SmallVector<int64_t> padded = layout.getPaddedSpatial(shape);
  images = shape[0];
  channels = shape[1];
  pixelBytes = layout.getPixelBytes();
  size_t rank = padded.size();
  if (rank > 0) {
    width = shape.back();
    paddedWidth = padded.back();
    left = border.empty() ? 0 : border[rank - 1];
  }
  if (rank > 1) {
    height = shape[2];
    paddedHeight = padded[0];
    top = border.empty() ? 0 : border[0];
  }
}

Value loops::getElementView(ImplicitLocOpBuilder &builder, Value buffer,
                            Type element, int64_t offset, int64_t count) {
  auto type = cast<MemRefType>(buffer.getType());
  if (count < 0)
    count = (type.getNumElements() - offset) * 8 /
            element.getIntOrFloatBitWidth();
  if (element == type.getElementType() && offset == 0)
    return buffer;
  return memref::ViewOp::create(builder, MemRefType::get({count}, element),
                                buffer, getIndex(builder, offset),
                                ValueRange{});
}

SmallVector<int64_t> loops::getChunks(int64_t bytes) {
  SmallVector<int64_t> chunks(bytes / 64, 64);
  for (int64_t size = 32; size > 0; size /= 2)
    if (bytes & size)
      chunks.push_back(size);
  return chunks;
}

static Value getBytesConstant(ImplicitLocOpBuilder &builder,
                              ArrayRef<int8_t> bytes) {
  auto type = VectorType::get({static_cast<int64_t>(bytes.size())},
                              builder.getI8Type());
  return arith::ConstantOp::create(builder,
                                   DenseElementsAttr::get(type, bytes));
}

/// Writes `count` bytes of one value from `start` on.
static void emitBytes(ImplicitLocOpBuilder &builder, Value buffer, Value start,
                      int64_t count, int8_t value) {
  int64_t lanes = 1;
  while (lanes * 2 <= std::min<int64_t>(count, 64))
    lanes *= 2;
  Value bytes =
      getBytesConstant(builder, SmallVector<int8_t>(lanes, value));
  emitFor(builder, count, lanes, [&](Value index) {
    if (count % lanes != 0)
      index = arith::MinUIOp::create(builder, index,
                                     getIndex(builder, count - lanes));
    Value position = arith::AddIOp::create(builder, start, index);
    vector::StoreOp::create(builder, bytes, buffer, position);
  });
}

void loops::emitRepeatedBytes(ImplicitLocOpBuilder &builder, Value buffer,
                              int64_t count, ArrayRef<int8_t> bytes) {
  Value vector = getBytesConstant(builder, bytes);
  emitFor(builder, count, bytes.size(), [&](Value index) {
    vector::StoreOp::create(builder, vector, buffer, index);
  });
}

void loops::emitClear(ImplicitLocOpBuilder &builder, Value buffer) {
  int64_t count = cast<MemRefType>(buffer.getType()).getNumElements();
  if (count > 0)
    emitBytes(builder, buffer, getIndex(builder, 0), count, 0);
}

/// The bytes of a border pixel.
static SmallVector<int8_t> getFillPixel(LayoutAttr layout, int64_t channels) {
  SmallVector<int8_t> bytes(layout.getPixelBytes(), 0);
  int64_t bits = layout.getCode() ? layout.getCode().getBits() : 0;
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t bit = 0; bit < bits; ++bit) {
      int64_t address = layout.getBitInPixel(channel, bit);
      if (layout.getFill() >> bit & 1)
        bytes[address / 8] |= static_cast<int8_t>(1 << address % 8);
    }
  return bytes;
}

/// Whether a layer that writes units of 16 channels leaves some out.
static bool hasUnwrittenChannels(LayoutAttr layout, int64_t channels) {
  return llvm::alignTo(channels, 16) <
         static_cast<uint64_t>(layout.getChannels());
}

void loops::emitBorderFill(ImplicitLocOpBuilder &builder, Value buffer,
                           RankedTensorType type) {
  auto layout = dyn_cast_or_null<LayoutAttr>(type.getEncoding());
  if (!layout || type.getNumElements() == 0)
    return;
  PackedExtents extents(type);
  if (hasUnwrittenChannels(layout, extents.channels))
    emitClear(builder, buffer);

  SmallVector<int8_t> pixel = getFillPixel(layout, extents.channels);
  auto emitPixels = [&](Value first, int64_t count) {
    if (count == 0)
      return;
    Value start = arith::MulIOp::create(builder, first,
                                        getIndex(builder, extents.pixelBytes));
    if (llvm::all_equal(pixel)) {
      emitBytes(builder, buffer, start, count * extents.pixelBytes, pixel[0]);
      return;
    }
    emitFor(builder, count, 1, [&](Value index) {
      Value base = getPosition(builder, 0, {start, index},
                               {1, extents.pixelBytes});
      int64_t offset = 0;
      for (int64_t chunk : getChunks(extents.pixelBytes)) {
        Value bytes = getBytesConstant(
            builder, ArrayRef<int8_t>(pixel).slice(offset, chunk));
        vector::StoreOp::create(builder, bytes, buffer,
                                getPosition(builder, offset, base, {1}));
        offset += chunk;
      }
    });
  };

  int64_t right = extents.paddedWidth - extents.left - extents.width;
  int64_t firstRow = extents.top * extents.paddedWidth;
  int64_t rowEnd = extents.left + extents.width;
  int64_t lastRow = firstRow + (extents.height - 1) * extents.paddedWidth;
  emitFor(builder, extents.images, 1, [&](Value image) {
    int64_t pixels = extents.getImagePixels();
    emitPixels(getPosition(builder, 0, image, {pixels}),
               firstRow + extents.left);
    if (right + extents.left > 0)
      emitFor(builder, extents.height - 1, 1, [&](Value row) {
        emitPixels(getPosition(builder, firstRow + rowEnd, {image, row},
                               {pixels, extents.paddedWidth}),
                   right + extents.left);
      });
    emitPixels(getPosition(builder, lastRow + rowEnd, image, {pixels}),
               pixels - lastRow - rowEnd);
  });
}
