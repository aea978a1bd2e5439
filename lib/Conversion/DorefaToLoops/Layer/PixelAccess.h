//===- PixelAccess.h - channels of a packed pixel ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Epilogues work on units of 16 channels of one pixel, or of more where their
// lanes are narrow. This file knows how a unit is read from and written to each
// layout.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_PIXELACCESS_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_PIXELACCESS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Engine/KernelBuilder.h"

namespace mlir::dorefa {

/// Channels that an epilogue computes at a time, unless its lanes are narrow.
constexpr int64_t unitChannels = 16;

/// A packed tensor N x C x H x W; missing spatial dimensions have extent 1.
class PackedImage {
public:
  PackedImage(Value buffer, RankedTensorType type);

  Value buffer;
  LayoutAttr layout;
  int64_t channels;          ///< of the tensor, without padding
  int64_t top = 0, left = 0; ///< border
  int64_t height = 1, width = 1, paddedHeight = 1, paddedWidth = 1;
  /// Where images do not lie behind each other.
  std::optional<int64_t> imageStride;

  int64_t getPixelBytes() const { return layout.getPixelBytes(); }
  int64_t getRowBytes() const { return paddedWidth * getPixelBytes(); }
  /// Bytes from one image to the next.
  int64_t getImageBytes() const {
    return imageStride ? *imageStride : paddedHeight * getRowBytes();
  }
  /// Byte offset of pixel (y, x), which counts without the border.
  Value getPixelOffset(KernelBuilder &b, Value image, Value y, Value x) const;

  /// The codes (or reals) of `unitLanes` channels from `channel` on, of which the
  /// first `lanes` are there; the others are anything. With `raw` the stored
  /// unsigned numbers instead of the codes.
  Value loadUnit(KernelBuilder &b, Value pixel, Value channel, bool raw,
                 int64_t unitLanes, int64_t lanes) const;
  /// Writes the first `lanes` of a unit (fewer than all only as elements);
  /// lanes behind the tensor's last channel become 0.
  void storeUnit(KernelBuilder &b, Value unit, Value pixel, Value channel,
                 int64_t lanes) const;

  /// Writes 0 to the padded channels from `written` on (a multiple of 16, or
  /// any number of single elements).
  void clearChannels(KernelBuilder &b, Value pixel, int64_t written) const;

private:
  /// Byte offset inside the pixel of a channel that is a multiple of 16.
  Value getChannelOffset(KernelBuilder &b, Value channel) const;
  Value clearPadding(KernelBuilder &b, Value stored, Value channel) const;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_PIXELACCESS_H
