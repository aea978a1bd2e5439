//===- Pack.cpp - loops of packing and unpacking ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Constants are packed by the artifact's runtime from their stored form, which
// has no gaps. What is packed in a run is written pixel by pixel: elements by
// strides, planes and table offsets word by word. What is not in row-major
// order and not in elements is read bit by bit.
//
//===----------------------------------------------------------------------===//

#include "PackedBuffers.h"
#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// Extents and strides of a tensor N x C x spatial in the order image, pixels,
/// channels.
namespace {
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

static Type getElementType(LayoutAttr layout) {
  if (CodeAttr code = layout.getCode())
    return code.getStorageType();
  return Float32Type::get(layout.getContext());
}

/// value + offset, for codes.
static Value addOffset(ImplicitLocOpBuilder &builder, Value value,
                       int64_t offset) {
  if (offset == 0)
    return value;
  return arith::AddIOp::create(
      builder, value,
      getConstant(builder, value.getType(), static_cast<double>(offset)));
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
                                const PackedExtents &packed, LayoutAttr layout) {
  int64_t planes = packed.height * packed.width;
  int64_t lanes = 1;
  while (lanes * 2 <= std::min<int64_t>(packed.width, 16))
    lanes *= 2;
  Type element = getElementType(layout);
  auto type = VectorType::get({lanes}, element);
  int64_t offset = layout.getCode() ? -layout.getCode().getMin() : 0;
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
/// Writes planes or table offsets, one channel after the other into a word.
class WordPacker {
public:
  WordPacker(ImplicitLocOpBuilder &builder, LayoutAttr layout, Value from,
             int64_t channelStride, Value to)
      : b(builder), layout(layout), from(from), channelStride(channelStride),
        to(to), bits(layout.getCode().getBits()) {}

  /// Packs `count` channels: `source` is the element of the first, `target` the
  /// byte where their word begins.
  void emit(Value source, Value target, int64_t count);

  int64_t getWordBytes() const { return isPlanes() ? 8 * bits : 2; }

private:
  bool isPlanes() const { return layout.getKind() == LayoutKind::Planes; }

  ImplicitLocOpBuilder &b;
  LayoutAttr layout;
  Value from;
  int64_t channelStride;
  Value to;
  int64_t bits;
};
} // namespace

void WordPacker::emit(Value source, Value target, int64_t count) {
  IntegerType word = isPlanes() ? b.getI64Type() : b.getI16Type();
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(b, b.getIntegerAttr(word, value));
  };
  int64_t numWords = isPlanes() ? bits : 1;
  SmallVector<Value> zeros(numWords, constant(0));
  auto next = [&](Value channel, ValueRange words) -> SmallVector<Value> {
    Value stored = memref::LoadOp::create(
        b, from, getPosition(b, 0, {source, channel}, {1, channelStride}));
    stored = addOffset(b, stored, -layout.getCode().getMin());
    Value number = arith::ExtUIOp::create(b, word, stored);
    Value place = arith::IndexCastOp::create(b, word, channel);
    SmallVector<Value> result;
    if (!isPlanes()) {
      place = arith::AddIOp::create(
          b, arith::MulIOp::create(b, place, constant(bits)), constant(4));
      Value shifted = arith::ShLIOp::create(b, number, place);
      return {arith::OrIOp::create(b, words[0], shifted)};
    }
    for (int64_t plane = 0; plane < bits; ++plane) {
      Value bit = arith::AndIOp::create(
          b, arith::ShRUIOp::create(b, number, constant(plane)), constant(1));
      Value shifted = arith::ShLIOp::create(b, bit, place);
      result.push_back(arith::OrIOp::create(b, words[plane], shifted));
    }
    return result;
  };
  SmallVector<Value> words = emitCarryingFor(
      b, getIndex(b, 0), getIndex(b, count), zeros, next);
  for (auto [plane, value] : llvm::enumerate(words)) {
    int64_t bytes = word.getWidth() / 8;
    Value vector = vector::BitCastOp::create(
        b, VectorType::get({bytes}, b.getI8Type()),
        vector::BroadcastOp::create(b, VectorType::get({1}, word), value));
    vector::StoreOp::create(
        b, vector, to, getPosition(b, bytes * plane, target, {1}));
  }
}

//===----------------------------------------------------------------------===//
// Any digits
//===----------------------------------------------------------------------===//

/// The address in bits that `indices` add up to.
static Value getBitAddress(ImplicitLocOpBuilder &b, DigitsAttr digits,
                           ValueRange indices) {
  Value address = getIndex(b, digits.getOffset());
  ArrayRef<int64_t> list = digits.getDigits();
  for (size_t i = 0; i < list.size(); i += 4) {
    Value index = indices[list[i]];
    if (list[i + 1] != 1)
      index = arith::DivUIOp::create(b, index, getIndex(b, list[i + 1]));
    index = arith::RemUIOp::create(b, index, getIndex(b, list[i + 2]));
    address = getPosition(b, 0, {address, index}, {1, list[i + 3]});
  }
  return address;
}

/// Byte and shift of bit `plane` from `address` on.
static std::pair<Value, Value> getBit(ImplicitLocOpBuilder &b, Value address,
                                      int64_t distance) {
  Value bit = getPosition(b, distance, address, {1});
  Value byte = arith::ShRUIOp::create(b, bit, getIndex(b, 3));
  Value shift = arith::IndexCastOp::create(
      b, b.getI8Type(), arith::AndIOp::create(b, bit, getIndex(b, 7)));
  return {byte, shift};
}

/// Writes the elements of `from`, bit by bit, into a cleared buffer.
static void emitDigitsPack(ImplicitLocOpBuilder &b, Value from, Value to,
                           ArrayRef<int64_t> shape, DigitsAttr digits,
                           CodeAttr code) {
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  emitNest(b, shape, [&](ValueRange indices) {
    Value stored = memref::LoadOp::create(
        b, from, getPosition(b, 0, indices, strides));
    if (isa<FloatType>(stored.getType()))
      stored = arith::BitcastOp::create(b, b.getI32Type(), stored);
    else if (code)
      stored = addOffset(b, stored, -code.getMin());
    Value address = getBitAddress(b, digits, indices);
    Type type = stored.getType();
    for (int64_t plane = 0;
         plane < std::min<int64_t>(digits.getBits(), type.getIntOrFloatBitWidth());
         ++plane) {
      auto [byte, shift] = getBit(b, address, plane * digits.getPlane());
      Value bit = arith::ShRUIOp::create(
          b, stored, getConstant(b, type, static_cast<double>(plane)));
      if (!type.isInteger(8))
        bit = arith::TruncIOp::create(b, b.getI8Type(), bit);
      bit = arith::AndIOp::create(b, bit, getConstant(b, b.getI8Type(), 1));
      Value old = memref::LoadOp::create(b, to, byte);
      Value merged = arith::OrIOp::create(
          b, old, arith::ShLIOp::create(b, bit, shift));
      memref::StoreOp::create(b, merged, to, byte);
    }
  });
}

/// Reads elements bit by bit.
static void emitDigitsUnpack(ImplicitLocOpBuilder &b, Value from, Value to,
                             ArrayRef<int64_t> shape, DigitsAttr digits,
                             CodeAttr code) {
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  Type element = cast<MemRefType>(to.getType()).getElementType();
  Type integer = b.getIntegerType(element.getIntOrFloatBitWidth());
  emitNest(b, shape, [&](ValueRange indices) {
    Value address = getBitAddress(b, digits, indices);
    Value number = getConstant(b, integer, 0);
    for (int64_t plane = 0; plane < digits.getBits(); ++plane) {
      auto [byte, shift] = getBit(b, address, plane * digits.getPlane());
      Value bit = arith::AndIOp::create(
          b,
          arith::ShRUIOp::create(b, memref::LoadOp::create(b, from, byte),
                                 shift),
          getConstant(b, b.getI8Type(), 1));
      if (!integer.isInteger(8))
        bit = arith::ExtUIOp::create(b, integer, bit);
      bit = arith::ShLIOp::create(
          b, bit, getConstant(b, integer, static_cast<double>(plane)));
      number = arith::OrIOp::create(b, number, bit);
    }
    Value value = number;
    if (isa<FloatType>(element))
      value = arith::BitcastOp::create(b, element, number);
    else if (code)
      value = addOffset(b, number, code.getMin());
    memref::StoreOp::create(b, value, to, getPosition(b, 0, indices, strides));
  });
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// The address of a buffer.
static Value getPointer(ImplicitLocOpBuilder &builder, Value buffer) {
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, buffer);
  Value integer =
      arith::IndexCastOp::create(builder, builder.getI64Type(), address);
  return LLVM::IntToPtrOp::create(
      builder, LLVM::LLVMPointerType::get(builder.getContext()), integer);
}

static DigitsAttr getDigits(RankedTensorType type) {
  if (auto layout = dyn_cast<LayoutAttr>(type.getEncoding()))
    return layout.getDigits(type.getShape());
  return cast<DigitsAttr>(type.getEncoding());
}

/// Packs a constant by dorefa_pack_digits of the artifact's runtime.
static void emitConstantPack(ImplicitLocOpBuilder &builder,
                             ConstantPool &constants, ElementsAttr elements,
                             CodeAttr code, Value to, DigitsAttr digits,
                             ArrayRef<int64_t> shape) {
  memref::GlobalOp source =
      code ? constants.getBitPacked(builder.getLoc(), elements, code)
           : constants.getElements(builder.getLoc(), elements);
  int64_t bits = code ? code.getBits() : 32;
  SmallVector<int64_t> words = {
      bits, static_cast<int64_t>(shape.size()),
      static_cast<int64_t>(digits.getDigits().size() / 4), digits.getOffset()};
  llvm::append_range(words, shape);
  llvm::append_range(words, digits.getDigits());
  for (int64_t bit = 0; bit < bits; ++bit)
    words.push_back(bit * digits.getPlane());
  memref::GlobalOp descriptor = constants.getWords(builder.getLoc(), words);
  auto getGlobal = [&](memref::GlobalOp global) -> Value {
    return memref::GetGlobalOp::create(builder, global.getType(),
                                       global.getSymName());
  };
  LLVM::LLVMFuncOp callee =
      constants.getPointerFunction("dorefa_pack_digits", 3);
  LLVM::CallOp::create(
      builder, callee,
      ValueRange{getPointer(builder, to),
                 getPointer(builder, getGlobal(source)),
                 getPointer(builder, getGlobal(descriptor))});
}

LogicalResult StepEmitter::emitPack(PackOp op) {
  RankedTensorType from = getTensorType(op.getInput()),
                   type = getTensorType(op.getResult());
  // Digits count the input's dimensions, which may be more than the result's.
  ArrayRef<int64_t> shape = from.getShape();
  CodeAttr code = getCode(from);
  Value to = getBuffer(op.getResult());
  if (isPacked(op.getInput()))
    return op.emitOpError("unsupported: packing from another layout");

  ElementsAttr elements;
  if (step.isPrepare &&
      matchPattern(getStorage(op.getInput()), m_Constant(&elements)) &&
      (code || from.getElementType().isF32())) {
    emitBorderFill(builder, to, type);
    emitConstantPack(builder, constants, elements, code, to, getDigits(type),
                     shape);
    return success();
  }

  Value source = getFlat(op.getInput());
  LayoutAttr layout = getLayout(op.getResult());
  if (!layout) {
    emitClear(builder, to);
    emitDigitsPack(builder, source, to, shape, getDigits(type), code);
    return success();
  }
  PackedExtents packed(type);
  int64_t channels = shape[1];
  bool isInterleaved = layout.getKind() == LayoutKind::Elements &&
                       layout.getChannels() <= 4 && packed.width > 1;
  if (channels != layout.getChannels() && !isInterleaved)
    emitClear(builder, to);
  emitBorderFill(builder, to, type);
  ChannelsLast order(shape);
  if (layout.getKind() == LayoutKind::Elements) {
    Type element = getElementType(layout);
    int64_t elementBytes = element.getIntOrFloatBitWidth() / 8;
    Value view = getElementView(builder, to, element);
    if (isInterleaved) {
      emitInterleavedPack(builder, source, view, shape, packed, layout);
      return success();
    }
    int64_t pixel = packed.pixelBytes / elementBytes;
    emitElementCopy(
        builder, order.extents, Access{source, order.getPlainStrides(shape)},
        Access{view, order.getPackedStrides(packed, pixel, 1),
               getFirstPixel(packed) * pixel},
        code ? -code.getMin() : 0);
    return success();
  }
  // One walk over the words that are full, one over the last of each pixel.
  SmallVector<int64_t> plain = order.getPlainStrides(shape);
  WordPacker packer(builder, layout, source, plain.back(), to);
  SmallVector<int64_t> bytes = order.getPackedStrides(
      packed, packed.pixelBytes, packer.getWordBytes());
  int64_t wordChannels = layout.getWordChannels();
  SmallVector<int64_t> extents = order.extents;
  auto emitWords = [&](int64_t first, int64_t count, int64_t channels) {
    extents.back() = count;
    SmallVector<int64_t> steps = plain;
    steps.back() *= wordChannels;
    emitStridedLoops(
        builder, extents,
        {Access{source, steps, first * steps.back()},
         Access{to, bytes,
                getFirstPixel(packed) * packed.pixelBytes +
                    first * bytes.back()}},
        /*maxLanes=*/1, [&](ValueRange positions, ArrayRef<bool>, int64_t) {
          packer.emit(positions[0], positions[1], channels);
        });
  };
  int64_t full = channels / wordChannels, rest = channels % wordChannels;
  emitWords(0, full, wordChannels);
  if (rest > 0)
    emitWords(full, 1, rest);
  return success();
}

LogicalResult StepEmitter::emitUnpack(UnpackOp op) {
  RankedTensorType from = getTensorType(op.getInput());
  ArrayRef<int64_t> shape = from.getShape();
  CodeAttr code = getCode(getTensorType(op.getResult()));
  Value source = getBuffer(op.getInput()), to = getFlat(op.getResult());
  LayoutAttr layout = getLayout(op.getInput());
  if (!layout || layout.getKind() != LayoutKind::Elements) {
    emitDigitsUnpack(builder, source, to, shape, getDigits(from), code);
    return success();
  }
  PackedExtents packed(from);
  ChannelsLast order(shape);
  Type element = getElementType(layout);
  int64_t pixel =
      packed.pixelBytes / (element.getIntOrFloatBitWidth() / 8);
  emitElementCopy(
      builder, order.extents,
      Access{getElementView(builder, source, element),
             order.getPackedStrides(packed, pixel, 1),
             getFirstPixel(packed) * pixel},
      Access{to, order.getPlainStrides(shape)}, code ? code.getMin() : 0);
  return success();
}
