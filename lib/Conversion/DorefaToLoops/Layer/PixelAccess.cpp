//===- PixelAccess.cpp - channels of a packed pixel ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Loads and stores of 16 or more channels of a pixel, in each layout. Codes are
// stored as `code - min`, and channels beyond the tensor's as 0. How the bits
// get together:
//
//   elements  one lane a channel, as they are
//   lookup    four codes of a 32-bit word shifted together, times 16
//   planes    one comparison a plane, whose mask is the plane's bits
//   lookup64  eight codes of a 64-bit word shifted together, then side by side
//
//===----------------------------------------------------------------------===//

#include "PixelAccess.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::dorefa;

PackedImage::PackedImage(Value buffer, RankedTensorType type)
    : buffer(buffer), layout(cast<LayoutAttr>(type.getEncoding())),
      channels(type.getDimSize(1)) {
  ArrayRef<int64_t> spatial = type.getShape().drop_front(2);
  SmallVector<int64_t> padded = layout.getPaddedSpatial(type.getShape());
  ArrayRef<int64_t> border = layout.getBorder();
  int64_t rank = spatial.size();
  if (rank > 0) {
    width = spatial[rank - 1];
    paddedWidth = padded[rank - 1];
    left = border.empty() ? 0 : border[rank - 1];
  }
  if (rank > 1) {
    height = spatial[0];
    paddedHeight = padded[0];
    top = border.empty() ? 0 : border[0];
  }
}

Value PackedImage::getPixelOffset(KernelBuilder &b, Value image, Value y,
                                  Value x) const {
  Value row = b.mul(b.add(y, top), paddedWidth);
  return b.add(b.mul(b.add(row, b.add(x, left)), getPixelBytes()),
               b.mul(image, getImageBytes()));
}

Value PackedImage::getChannelOffset(KernelBuilder &b, Value channel) const {
  switch (layout.getKind()) {
  case LayoutKind::Elements:
    return b.mul(channel, getPixelBytes() / layout.getChannels());
  case LayoutKind::Lookup:
    return b.createOrFold<arith::ShRUIOp>(channel, b.index(1));
  case LayoutKind::Lookup64:
    // Blocks of 64 channels are accessed as a whole.
    return b.mul(b.createOrFold<arith::ShRUIOp>(channel, b.index(6)),
                 getPixelBytes() * 64 / layout.getChannels());
  case LayoutKind::Planes: {
    Value word = b.createOrFold<arith::ShRUIOp>(channel, b.index(6));
    Value inWord = b.createOrFold<arith::AndIOp>(channel, b.index(63));
    return b.add(b.mul(word, 8 * layout.getCode().getBits()),
                 b.createOrFold<arith::ShRUIOp>(inWord, b.index(3)));
  }
  }
  llvm_unreachable("covered switch");
}

Value PackedImage::loadUnit(KernelBuilder &b, Value pixel, Value channel,
                            bool raw, int64_t unitLanes, int64_t lanes) const {
  Type element = layout.getCode() ? Type(layout.getCode().getStorageType())
                                  : Type(b.getF32Type());
  lanes = std::min(lanes, layout.getChannels());
  Value unit = b.loadVector(buffer, b.add(pixel, getChannelOffset(b, channel)),
                            b.vectorOf(lanes, element));
  if (lanes < unitLanes) {
    SmallVector<int64_t> repeat;
    for (int64_t lane = 0; lane < unitLanes; ++lane)
      repeat.push_back(std::min(lane, lanes - 1));
    unit = vector::ShuffleOp::create(b, unit, unit, repeat);
  }
  if (!raw && layout.getCode() && layout.getCode().getMin() != 0)
    unit = arith::AddIOp::create(
        b, unit,
        b.splat(layout.getCode().getMin(), cast<VectorType>(unit.getType())));
  return unit;
}

Value PackedImage::clearPadding(KernelBuilder &b, Value stored,
                                Value channel) const {
  auto type = cast<VectorType>(stored.getType());
  if (channels % type.getNumElements() == 0)
    return stored;
  // Lanes up to the last channel; all of them in earlier units.
  Value rest = arith::SubIOp::create(b, b.index(channels), channel);
  Value inside = vector::CreateMaskOp::create(b, type.clone(b.getI1Type()),
                                              ValueRange{rest});
  return arith::SelectOp::create(b, inside, stored,
                                 b.splat(int64_t(0), type));
}

/// Four codes of `bits` bits, one a byte, as table offsets: 16 times the
/// number whose digits they are.
static Value packOffsets(KernelBuilder &b, Value codes, int64_t bits) {
  int64_t quadLanes = cast<VectorType>(codes.getType()).getNumElements() / 4;
  VectorType words = b.words(quadLanes);
  auto shiftRight = [&](Value value, int64_t by) {
    return arith::ShRUIOp::create(b, value, b.splat(by, words));
  };
  Value quads = b.bitcast(codes, words);
  // Bytes 0 and 1 side by side in byte 0, bytes 2 and 3 in byte 2.
  Value pairs = arith::OrIOp::create(b, quads, shiftRight(quads, 8 - bits));
  int64_t low = (1 << 2 * bits) - 1;
  Value first = arith::AndIOp::create(b, pairs, b.splat(low, words));
  Value second = arith::AndIOp::create(b, shiftRight(pairs, 16 - 2 * bits),
                                       b.splat(low << 2 * bits, words));
  Value number = arith::OrIOp::create(b, first, second);
  Value offsets =
      arith::ShLIOp::create(b, number, b.splat(int64_t(4), words));
  return arith::TruncIOp::create(
      b, b.vectorOf(quadLanes, b.getI16Type()), offsets);
}

/// 64 codes, one a byte, as words of 48 bits. The bytes of each 64-bit lane
/// move together, two neighbouring groups of bits at a time; then 16-bit lanes
/// are put side by side.
static Value packTableNumbers(KernelBuilder &b, Value codes, int64_t bits) {
  VectorType words = b.vectorOf(8, b.getI64Type());
  Value packed = b.bitcast(codes, words);
  int64_t group = 8;
  for (int64_t width = bits; group < 64; width *= 2, group *= 2) {
    uint64_t mask = 0;
    for (int64_t at = 0; at < 64; at += 2 * group)
      mask |= ((uint64_t(1) << 2 * width) - 1) << at;
    Value moved = arith::ShRUIOp::create(
        b, packed, b.splat(group - width, words));
    packed = arith::AndIOp::create(b, arith::OrIOp::create(b, packed, moved),
                                   b.splat(static_cast<int64_t>(mask), words));
  }
  // Each lane holds 8 * bits bits; a word takes 48 / (8 * bits) lanes.
  Type part = b.getIntegerType(8 * bits);
  Value parts = arith::TruncIOp::create(b, b.vectorOf(8, part), packed);
  int64_t perWord = 6 / bits, slots = 8 / bits;
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < 8; lane += perWord)
    for (int64_t slot = 0; slot < slots; ++slot)
      order.push_back(slot < perWord && lane + slot < 8 ? lane + slot : 8);
  return vector::ShuffleOp::create(
      b, parts, b.splat(int64_t(0), b.vectorOf(8, part)), order);
}

void PackedImage::storeUnit(KernelBuilder &b, Value unit, Value pixel,
                            Value channel, int64_t lanes) const {
  auto type = cast<VectorType>(unit.getType());
  CodeAttr code = layout.getCode();
  if (code && code.getMin() != 0)
    unit = arith::SubIOp::create(b, unit, b.splat(code.getMin(), type));
  unit = clearPadding(b, unit, channel);
  Value offset = b.add(pixel, getChannelOffset(b, channel));
  lanes = std::min(lanes, layout.getChannels());
  switch (layout.getKind()) {
  case LayoutKind::Elements:
    b.storeVector(b.slice(unit, 0, lanes), buffer, offset);
    return;
  case LayoutKind::Lookup:
    b.storeVector(b.slice(packOffsets(b, unit, code.getBits()), 0, lanes / 4),
                  buffer, offset);
    return;
  case LayoutKind::Lookup64:
    b.storeVector(packTableNumbers(b, unit, code.getBits()), buffer, offset);
    return;
  case LayoutKind::Planes:
    for (int64_t plane = 0; plane < int64_t(code.getBits()); ++plane) {
      Value bit = arith::AndIOp::create(b, unit, b.splat(1 << plane, type));
      Value set = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bit,
                                        b.splat(int64_t(0), type));
      b.storeVector(b.bitcast(set, b.bytes(type.getNumElements() / 8)), buffer,
                    b.add(offset, 8 * plane));
    }
    return;
  }
}

void PackedImage::clearChannels(KernelBuilder &b, Value pixel,
                                int64_t written) const {
  int64_t rest = layout.getChannels() - written;
  if (rest <= 0)
    return;
  auto clear = [&](int64_t offset, int64_t size) {
    b.storeVector(b.splat(int64_t(0), b.bytes(size)), buffer,
                  b.add(pixel, offset));
  };
  switch (layout.getKind()) {
  case LayoutKind::Elements: {
    int64_t bytes = getPixelBytes() / layout.getChannels();
    clear(written * bytes, rest * bytes);
    return;
  }
  case LayoutKind::Lookup:
    clear(written / 2, rest / 2);
    return;
  case LayoutKind::Lookup64:
    llvm_unreachable("has no padded channels");
  case LayoutKind::Planes: {
    int64_t bits = layout.getCode().getBits(), start = written % 64 / 8;
    for (int64_t plane = 0; plane < bits; ++plane)
      clear((written / 64 * bits + plane) * 8 + start, 8 - start);
    return;
  }
  }
}
