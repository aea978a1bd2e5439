//===- PackPixels.cpp - packing pixel by pixel ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Elements are copied by strides, planes, table offsets and table numbers
// written word by word.
//
//===----------------------------------------------------------------------===//

#include "PackPixels.h"
#include "PackedBuffers.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

namespace {
/// Extents and strides of a tensor N x C x spatial in the order image, pixels,
/// channels.
struct ChannelsLast {
  explicit ChannelsLast(ArrayRef<int64_t> shape) {
    extents.push_back(shape[0]);
    llvm::append_range(extents, shape.drop_front(2));
    extents.push_back(shape[1]);
  }
  /// Of the row-major tensor.
  SmallVector<int64_t> getPlainStrides(ArrayRef<int64_t> shape) const {
    SmallVector<int64_t> own = getRowMajorStrides(shape);
    SmallVector<int64_t> strides{own[0]};
    llvm::append_range(strides, ArrayRef(own).drop_front(2));
    strides.push_back(own[1]);
    return strides;
  }
  /// Of its packed form, in units of which a channel takes `channelUnits` and a
  /// pixel `pixelUnits`.
  SmallVector<int64_t> getPackedStrides(const PackedExtents &packed,
                                        int64_t pixelUnits,
                                        int64_t channelUnits) const {
    SmallVector<int64_t> strides{packed.getImagePixels() * pixelUnits};
    size_t rank = extents.size() - 2;
    if (rank > 1)
      strides.push_back(packed.paddedWidth * pixelUnits);
    if (rank > 0)
      strides.push_back(pixelUnits);
    strides.push_back(channelUnits);
    return strides;
  }

  SmallVector<int64_t> extents;
};
} // namespace

static int64_t getFirstPixel(const PackedExtents &packed) {
  return packed.top * packed.paddedWidth + packed.left;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static Type getElementType(LayoutAttr layout) {
  if (CodeAttr code = layout.getCode())
    return code.getStorageType();
  return Float32Type::get(layout.getContext());
}

/// The code that is stored as 0; 0 for reals.
static int64_t getLeastCode(LayoutAttr layout) {
  return layout.getCode() ? layout.getCode().getMin() : 0;
}

/// Copies elements, adding `offset` to codes.
static void emitElementCopy(ImplicitLocOpBuilder &builder,
                            ArrayRef<int64_t> extents, const Access &from,
                            const Access &to, int64_t offset) {
  Type element = cast<MemRefType>(from.buffer.getType()).getElementType();
  auto body = [&](ValueRange positions, ArrayRef<bool>, int64_t lanes) {
    if (lanes == 1) {
      Value value = memref::LoadOp::create(builder, from.buffer, positions[0]);
      memref::StoreOp::create(builder, addOffset(builder, value, offset),
                              to.buffer, positions[1]);
      return;
    }
    Value value =
        vector::LoadOp::create(builder, VectorType::get({lanes}, element),
                               from.buffer, positions[0]);
    vector::StoreOp::create(builder, addOffset(builder, value, offset),
                            to.buffer, positions[1]);
  };
  emitStridedLoops(builder, extents, {from, to},
                   512 / element.getIntOrFloatBitWidth(), body);
}

/// The elements of a packed tensor without its border.
static Access getElementAccess(ImplicitLocOpBuilder &builder, Value buffer,
                               LayoutAttr layout, const PackedExtents &packed,
                               const ChannelsLast &order) {
  Type element = getElementType(layout);
  int64_t pixel = packed.pixelBytes / (element.getIntOrFloatBitWidth() / 8);
  return Access{getElementView(builder, buffer, element),
                order.getPackedStrides(packed, pixel, 1),
                getFirstPixel(packed) * pixel};
}

void loops::emitElementUnpack(ImplicitLocOpBuilder &builder, Value from,
                              Value to, RankedTensorType type) {
  auto layout = cast<LayoutAttr>(type.getEncoding());
  PackedExtents packed(type);
  ChannelsLast order(type.getShape());
  emitElementCopy(builder, order.extents,
                  getElementAccess(builder, from, layout, packed, order),
                  Access{to, order.getPlainStrides(type.getShape())},
                  getLeastCode(layout));
}

//===----------------------------------------------------------------------===//
// Few channels
//===----------------------------------------------------------------------===//

/// The lanes of `planes` (up to four vectors, null for zeros) side by side.
static Value interleave(ImplicitLocOpBuilder &builder,
                        ArrayRef<Value> planes) {
  int64_t count = planes.size();
  auto type = cast<VectorType>(planes[0].getType());
  int64_t lanes = type.getNumElements(), total = lanes * count;
  Value result;
  for (auto [number, plane] : llvm::enumerate(planes)) {
    if (!plane)
      continue;
    SmallVector<int64_t> spread(total, 0), merge(total);
    for (int64_t lane = 0; lane < total; ++lane) {
      bool isOwn = lane % count == static_cast<int64_t>(number);
      spread[lane] = isOwn ? lane / count : lanes;
      merge[lane] = isOwn ? total + lane : lane;
    }
    // Lanes of other planes are 0 at first.
    Value zero = getConstant(builder, type, 0);
    Value wide = vector::ShuffleOp::create(builder, plane, zero, spread);
    result = result ? Value(vector::ShuffleOp::create(builder, result, wide,
                                                      merge))
                    : wide;
  }
  return result;
}

/// Packs an image of at most four channels, a row of pixels at a time: one load
/// a channel, one store for all.
static void emitInterleavedPack(ImplicitLocOpBuilder &builder, Value from,
                                Value to, ArrayRef<int64_t> shape,
                                const PackedExtents &packed,
                                LayoutAttr layout) {
  int64_t planes = packed.height * packed.width;
  int64_t lanes = 1;
  while (lanes * 2 <= std::min<int64_t>(packed.width, 16))
    lanes *= 2;
  Type element = getElementType(layout);
  auto type = VectorType::get({lanes}, element);
  int64_t offset = -getLeastCode(layout);
  int64_t channels = layout.getChannels();
  emitFor(builder, packed.images, 1, [&](Value image) {
    emitFor(builder, packed.height, 1, [&](Value row) {
      emitFor(builder, packed.width, lanes, [&](Value column) {
        if (packed.width % lanes != 0)
          column = arith::MinUIOp::create(
              builder, column, getIndex(builder, packed.width - lanes));
        SmallVector<Value> vectors(channels);
        for (int64_t channel = 0; channel < shape[1]; ++channel)
          vectors[channel] = addOffset(
              builder,
              vector::LoadOp::create(
                  builder, type, from,
                  getPosition(builder, channel * planes, {image, row, column},
                              {shape[1] * planes, packed.width, 1})),
              offset);
        Value position = getPosition(
            builder, getFirstPixel(packed) * channels, {image, row, column},
            {packed.getImagePixels() * channels, packed.paddedWidth * channels,
             channels});
        vector::StoreOp::create(builder, interleave(builder, vectors), to,
                                position);
      });
    });
  });
}

//===----------------------------------------------------------------------===//
// Words of channels
//===----------------------------------------------------------------------===//

namespace {
/// Writes planes, table offsets or table numbers, one channel after the other
/// into a word.
class WordPacker {
public:
  WordPacker(ImplicitLocOpBuilder &builder, LayoutAttr layout, Value from,
             int64_t channelStride, Value to)
      : b(builder), layout(layout), from(from), channelStride(channelStride),
        to(to), bits(layout.getCode().getBits()) {}

  /// Packs `count` channels: `source` is the element of the first, `target` the
  /// byte where their words begin.
  void emit(Value source, Value target, int64_t count);

  /// Bytes of the words of layout.getWordChannels() channels.
  int64_t getWordBytes() const {
    return layout.getPixelBytes() * layout.getWordChannels() /
           layout.getChannels();
  }

private:
  /// One word a plane, or one of all bits from bit `first` on.
  SmallVector<Value> emitPlanes(Value source, int64_t count);
  Value emitWord(Value source, int64_t count, IntegerType word, int64_t first);
  Value loadNumber(Value source, Value channel, IntegerType word);
  void store(Value word, Value target, int64_t offset);
  Value constant(IntegerType word, int64_t value) {
    return arith::ConstantOp::create(b, b.getIntegerAttr(word, value));
  }
  SmallVector<Value>
  overChannels(int64_t count, ValueRange zeros,
               function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    return emitCarryingFor(b, getIndex(b, 0), getIndex(b, count), zeros, body);
  }

  ImplicitLocOpBuilder &b;
  LayoutAttr layout;
  Value from;
  int64_t channelStride;
  Value to;
  int64_t bits;
};
} // namespace

Value WordPacker::loadNumber(Value source, Value channel, IntegerType word) {
  Value stored = memref::LoadOp::create(
      b, from, getPosition(b, 0, {source, channel}, {1, channelStride}));
  stored = addOffset(b, stored, -layout.getCode().getMin());
  return arith::ExtUIOp::create(b, word, stored);
}

void WordPacker::store(Value word, Value target, int64_t offset) {
  int64_t bytes = word.getType().getIntOrFloatBitWidth() / 8;
  Value vector = vector::BitCastOp::create(
      b, VectorType::get({bytes}, b.getI8Type()),
      vector::BroadcastOp::create(b, VectorType::get({1}, word.getType()),
                                  word));
  vector::StoreOp::create(b, vector, to, getPosition(b, offset, target, {1}));
}

Value WordPacker::emitWord(Value source, int64_t count, IntegerType word,
                           int64_t first) {
  auto next = [&](Value channel, ValueRange words) -> SmallVector<Value> {
    Value number = loadNumber(source, channel, word);
    Value place = arith::MulIOp::create(
        b, arith::IndexCastOp::create(b, word, channel), constant(word, bits));
    if (first != 0)
      place = arith::AddIOp::create(b, place, constant(word, first));
    Value shifted = arith::ShLIOp::create(b, number, place);
    return {arith::OrIOp::create(b, words[0], shifted)};
  };
  return overChannels(count, constant(word, 0), next).front();
}

SmallVector<Value> WordPacker::emitPlanes(Value source, int64_t count) {
  IntegerType word = b.getI64Type();
  auto next = [&](Value channel, ValueRange words) -> SmallVector<Value> {
    Value number = loadNumber(source, channel, word);
    Value place = arith::IndexCastOp::create(b, word, channel);
    SmallVector<Value> result;
    for (int64_t plane = 0; plane < bits; ++plane) {
      Value bit = arith::AndIOp::create(
          b, arith::ShRUIOp::create(b, number, constant(word, plane)),
          constant(word, 1));
      Value shifted = arith::ShLIOp::create(b, bit, place);
      result.push_back(arith::OrIOp::create(b, words[plane], shifted));
    }
    return result;
  };
  return overChannels(count, SmallVector<Value>(bits, constant(word, 0)), next);
}

void WordPacker::emit(Value source, Value target, int64_t count) {
  switch (layout.getKind()) {
  case LayoutKind::Elements:
    llvm_unreachable("elements are copied");
  case LayoutKind::Lookup:
    store(emitWord(source, count, b.getI16Type(), /*first=*/4), target, 0);
    return;
  case LayoutKind::Planes:
    for (auto [plane, word] : llvm::enumerate(emitPlanes(source, count)))
      store(word, target, 8 * plane);
    return;
  case LayoutKind::Lookup64:
    for (int64_t first = 0, word = 0; first < count;
         first += 48 / bits, ++word) {
      Value begin = getPosition(b, first * channelStride, source, {1});
      store(emitWord(begin, std::min(count - first, 48 / bits), b.getI64Type(),
                     /*first=*/0),
            target, 8 * word);
    }
    return;
  }
}

/// One walk over the words that are full, one over the last of each pixel.
static void emitWordPack(ImplicitLocOpBuilder &builder, Value from, Value to,
                         ArrayRef<int64_t> shape, LayoutAttr layout,
                         const PackedExtents &packed,
                         const ChannelsLast &order) {
  SmallVector<int64_t> plain = order.getPlainStrides(shape);
  WordPacker packer(builder, layout, from, plain.back(), to);
  SmallVector<int64_t> bytes = order.getPackedStrides(
      packed, packed.pixelBytes, packer.getWordBytes());
  int64_t wordChannels = layout.getWordChannels();
  SmallVector<int64_t> steps = plain, extents = order.extents;
  steps.back() *= wordChannels;
  int64_t firstByte = getFirstPixel(packed) * packed.pixelBytes;
  auto emitWords = [&](int64_t first, int64_t count, int64_t channels) {
    extents.back() = count;
    emitStridedLoops(
        builder, extents,
        {Access{from, steps, first * steps.back()},
         Access{to, bytes, firstByte + first * bytes.back()}},
        /*maxLanes=*/1, [&](ValueRange positions, ArrayRef<bool>, int64_t) {
          packer.emit(positions[0], positions[1], channels);
        });
  };
  int64_t full = shape[1] / wordChannels, rest = shape[1] % wordChannels;
  emitWords(0, full, wordChannels);
  if (rest > 0)
    emitWords(full, 1, rest);
}

//===----------------------------------------------------------------------===//
// Any layout
//===----------------------------------------------------------------------===//

void loops::emitPixelPack(ImplicitLocOpBuilder &builder, Value from, Value to,
                          RankedTensorType type) {
  auto layout = cast<LayoutAttr>(type.getEncoding());
  ArrayRef<int64_t> shape = type.getShape();
  PackedExtents packed(type);
  bool areElements = layout.getKind() == LayoutKind::Elements;
  bool areInterleaved =
      areElements && layout.getChannels() <= 4 && packed.width > 1;
  if (shape[1] != layout.getChannels() && !areInterleaved)
    emitClear(builder, to);
  emitBorderFill(builder, to, type);
  ChannelsLast order(shape);
  if (areInterleaved)
    emitInterleavedPack(builder, from,
                        getElementView(builder, to, getElementType(layout)),
                        shape, packed, layout);
  else if (areElements)
    emitElementCopy(builder, order.extents,
                    Access{from, order.getPlainStrides(shape)},
                    getElementAccess(builder, to, layout, packed, order),
                    -getLeastCode(layout));
  else
    emitWordPack(builder, from, to, shape, layout, packed, order);
}
