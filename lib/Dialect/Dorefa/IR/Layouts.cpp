//===- Layouts.cpp - where packed codes lie ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sizes of packed tensors, and each layout as digits. These are the one
// description from which the generic pack and the runtime work, so they must
// agree with what the engines' kernels read:
//
//   elements  channel c of a pixel from byte c*size on, size 1, 2 or 4
//   planes    channel c in bit c%64 of word (c/64)*bits + plane
//   lookup    channel c in the 16-bit word c/4, from bit 4 + (c%4)*bits on
//   lookup64  channel c = 64*b + i in block b of words of 48 bits, i*bits bits
//             further on
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 LayoutKind kind, CodeAttr code,
                                 int64_t channels, ArrayRef<int64_t> border,
                                 int64_t fill) {
  if (channels < 1)
    return emitError() << "expected at least one channel, but got " << channels;
  if (border.size() % 2 != 0 ||
      llvm::any_of(border, [](int64_t width) { return width < 0; }))
    return emitError() << "expected two borders of at least 0 a spatial "
                          "dimension, but got " << border;
  if (kind != LayoutKind::Elements && !code)
    return emitError() << "expected reals to lie as elements";
  if (kind == LayoutKind::Planes && (channels % 64 != 0 || code.getBits() > 8))
    return emitError() << "expected planes of at most 8 bits and a multiple of "
                          "64 channels, but got "
                       << code << " and " << channels;
  if (kind == LayoutKind::Lookup && (channels % 4 != 0 || code.getBits() > 2))
    return emitError()
           << "expected table offsets of 1 or 2 bits and a multiple "
              "of 4 channels, but got "
           << code << " and " << channels;
  if (kind == LayoutKind::Lookup64 &&
      (channels % 64 != 0 || code.getBits() > 2))
    return emitError()
           << "expected table numbers of 1 or 2 bits and a multiple "
              "of 64 channels, but got "
           << code << " and " << channels;
  int64_t most = code ? code.getMax() - code.getMin() : 0;
  if (fill < 0 || fill > most)
    return emitError() << "expected a fill from 0 to " << most << ", but got "
                       << fill;
  return success();
}

/// Channels of all pixels, border included, or the largest number there is.
static uint64_t countElements(LayoutAttr layout, ArrayRef<int64_t> shape) {
  uint64_t count =
      llvm::SaturatingMultiply<uint64_t>(shape[0], layout.getChannels());
  for (size_t i = 0, rank = shape.size() - 2; i < rank; ++i) {
    uint64_t extent = shape[2 + i];
    if (!layout.getBorder().empty())
      for (int64_t width : {layout.getBorder()[i], layout.getBorder()[rank + i]})
        extent = llvm::SaturatingAdd<uint64_t>(extent, width);
    count = llvm::SaturatingMultiply(count, extent);
  }
  return count;
}

LogicalResult
LayoutAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                           function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() < 2 || shape.size() > 4 || llvm::is_contained(shape, 0) ||
      ShapedType::isDynamicShape(shape))
    return emitError() << "expected images, channels and at most two spatial "
                          "dimensions, but got shape [" << shape << "]";
  if (shape[1] > getChannels())
    return emitError() << "expected a layout of at least " << shape[1]
                       << " channels, but got " << getChannels();
  if (getKind() == LayoutKind::Lookup64 && shape[1] != getChannels())
    return emitError() << "expected " << getChannels()
                       << " channels without padding, but got " << shape[1];
  size_t borders = 2 * (shape.size() - 2);
  if (!getBorder().empty() && getBorder().size() != borders)
    return emitError() << "expected " << borders << " borders, but got ["
                       << getBorder() << "]";
  if (countElements(*this, shape) > uint64_t(1) << 40)
    return emitError() << "expected at most 2^40 elements with the border ["
                       << getBorder() << "]";
  Type expected = Float32Type::get(getContext());
  if (getCode())
    expected = getCode().getStorageType();
  if (elementType != expected)
    return emitError() << "expected elements of type " << expected
                       << ", but got " << elementType;
  return success();
}

/// Bits of one channel where it stands alone.
static int64_t getElementBits(LayoutAttr layout) {
  return layout.getCode() ? layout.getCode().getStorageType().getWidth() : 32;
}

/// Channels of a word of `lookup64`, and its words for 64 channels.
static int64_t getTableWordChannels(LayoutAttr layout) {
  return 48 / layout.getCode().getBits();
}
static int64_t getTableWords(LayoutAttr layout) {
  return llvm::divideCeil(64, getTableWordChannels(layout));
}

int64_t LayoutAttr::getWordChannels() const {
  switch (getKind()) {
  case LayoutKind::Elements:
    return 1;
  case LayoutKind::Planes:
  case LayoutKind::Lookup64:
    return 64;
  case LayoutKind::Lookup:
    return 4;
  }
  llvm_unreachable("covered switch");
}

int64_t LayoutAttr::getPixelBytes() const {
  int64_t channels = getChannels();
  switch (getKind()) {
  case LayoutKind::Elements:
    return channels * getElementBits(*this) / 8;
  case LayoutKind::Planes:
    return channels / 8 * getCode().getBits();
  case LayoutKind::Lookup:
    return channels / 2;
  case LayoutKind::Lookup64:
    return channels / 64 * getTableWords(*this) * 8;
  }
  llvm_unreachable("covered switch");
}

int64_t LayoutAttr::getBitInPixel(int64_t channel, int64_t bit) const {
  switch (getKind()) {
  case LayoutKind::Elements:
    return channel * getElementBits(*this) + bit;
  case LayoutKind::Planes:
    return (channel / 64 * getCode().getBits() + bit) * 64 + channel % 64;
  case LayoutKind::Lookup:
    return channel / 4 * 16 + 4 + channel % 4 * getCode().getBits() + bit;
  case LayoutKind::Lookup64: {
    int64_t perWord = getTableWordChannels(*this), inBlock = channel % 64;
    int64_t word = channel / 64 * getTableWords(*this) + inBlock / perWord;
    return word * 64 + inBlock % perWord * getCode().getBits() + bit;
  }
  }
  llvm_unreachable("covered switch");
}

SmallVector<int64_t>
LayoutAttr::getPaddedSpatial(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> extents(shape.drop_front(2));
  size_t rank = extents.size();
  for (size_t i = 0; i < rank && getBorder().size() == 2 * rank; ++i)
    extents[i] += getBorder()[i] + getBorder()[rank + i];
  return extents;
}

int64_t LayoutAttr::getBytes(ArrayRef<int64_t> shape) const {
  int64_t bytes = shape[0] * getPixelBytes();
  for (int64_t extent : getPaddedSpatial(shape))
    bytes *= extent;
  return llvm::alignTo(bytes, 64);
}

SmallVector<int64_t>
LayoutAttr::getDigitsShape(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> digitsShape(shape);
  if (getKind() == LayoutKind::Lookup64) {
    digitsShape[1] = shape[1] / 64;
    digitsShape.insert(digitsShape.begin() + 2, 64);
  }
  return digitsShape;
}

DigitsAttr LayoutAttr::getDigits(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> digits;
  int64_t firstSpatial = getDigitsShape(shape).size() - shape.size() + 2;
  auto append = [&](int64_t dim, int64_t divisor, int64_t modulus,
                    int64_t stride) {
    if (modulus > 1)
      digits.append({dim, divisor, modulus, stride});
  };
  // Pixels, from the innermost spatial dimension outwards.
  SmallVector<int64_t> extents = getPaddedSpatial(shape);
  int64_t rank = extents.size(), offset = 0, stride = getPixelBytes() * 8;
  for (int64_t i = rank - 1; i >= 0; --i) {
    append(firstSpatial + i, 1, shape[2 + i], stride);
    if (!getBorder().empty())
      offset += getBorder()[i] * stride;
    stride *= extents[i];
  }
  append(0, 1, shape[0], stride);
  int64_t bits = getCode() ? getCode().getBits() : 32;
  int64_t channels = shape[1], plane = 1;
  switch (getKind()) {
  case LayoutKind::Elements:
    append(1, 1, channels, getElementBits(*this));
    break;
  case LayoutKind::Planes:
    append(1, 1, std::min<int64_t>(channels, 64), 1);
    append(1, 64, llvm::divideCeil(channels, 64), 64 * bits);
    plane = 64;
    break;
  case LayoutKind::Lookup:
    offset += 4;
    append(1, 1, std::min<int64_t>(channels, 4), bits);
    append(1, 4, llvm::divideCeil(channels, 4), 16);
    break;
  case LayoutKind::Lookup64: {
    int64_t perWord = getTableWordChannels(*this), words = getTableWords(*this);
    append(1, 1, channels / 64, words * 64);
    append(2, perWord, words, 64);
    append(2, 1, perWord, bits);
    break;
  }
  }
  return DigitsAttr::get(getContext(), getBytes(shape), bits, offset, plane,
                         digits);
}

LogicalResult WinogradAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, int64_t plane, int64_t bits,
    bool, int64_t start, int64_t offset) {
  if (plane < 64 || plane % 64 != 0 || (bits != 8 && bits != 16))
    return emitError() << "expected planes of a multiple of 64 bytes, of integers "
                          "of 8 or 16 bits, but got "
                       << plane << " and " << bits;
  if (start < 0 || (start > 0 && (start % 64 != 0 || plane % start != 0 ||
                                  bits != 8)) ||
      (start == 0 && offset != 0) || offset < 0 || offset > 255)
    return emitError() << "expected sums that divide planes of bytes and offsets "
                          "of bytes, but got "
                       << start << " bytes of " << plane << " and " << offset;
  return success();
}

LogicalResult DigitsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t bytes, int64_t bits, int64_t offset,
                                 int64_t plane, ArrayRef<int64_t> digits,
                                 ArrayRef<int64_t> fill,
                                 WinogradAttr winograd) {
  if (bytes < 1 || bits < 1 || bits > 32 || offset < 0 || plane < 1)
    return emitError()
           << "expected a size, a width from 1 to 32, an offset and "
              "a distance of planes";
  bool areBytes = llvm::all_of(
      fill, [](int64_t byte) { return byte >= 0 && byte <= 255; });
  if (!areBytes || (!fill.empty() && 64 % fill.size() != 0))
    return emitError()
           << "expected a fill of 1, 2, 4, ... or 64 bytes, but got [" << fill
           << "]";
  if (winograd) {
    int64_t plane = winograd.getPlane();
    // Nine numbers are added up.
    int64_t mostBits = winograd.getBits() / 2;
    if (bytes % plane != 0 || bytes / plane % 16 != 0 || bits > mostBits)
      return emitError() << "expected blocks of 16 planes of numbers of at most "
                         << mostBits << " bits, but got " << winograd << " of "
                         << bits << " bits in " << bytes << " bytes";
  }
  if (digits.size() % 4 != 0)
    return emitError()
           << "expected dimension, divisor, modulus and stride a digit";
  int64_t last = offset, end = 0;
  bool overflows = llvm::MulOverflow(bytes, int64_t(8), end);
  auto goOn = [&](int64_t count, int64_t distance) {
    int64_t length = 0;
    overflows |= llvm::MulOverflow(count, distance, length) ||
                 llvm::AddOverflow(last, length, last);
  };
  goOn(bits - 1, plane);
  for (size_t i = 0; i < digits.size(); i += 4) {
    if (digits[i] < 0 || digits[i + 1] < 1 || digits[i + 2] < 1 ||
        digits[i + 3] < 0)
      return emitError() << "malformed digit " << digits.slice(i, 4);
    goOn(digits[i + 2] - 1, digits[i + 3]);
  }
  if (overflows)
    return emitError() << "bits beyond 2^63";
  if (last >= end)
    return emitError() << "bit " << last << " lies outside of " << bytes
                       << " bytes";
  return success();
}

/// More than any processor has registers for.
static constexpr int64_t mostInTile = 1024;

LogicalResult
ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                     EngineKind engine, int64_t vectors, int64_t pixels,
                     int64_t passes) {
  if (vectors < 1 || pixels < 1 || passes < 1)
    return emitError() << "expected at least one vector, pixel and pass, but "
                          "got "
                       << vectors << ", " << pixels << " and " << passes;
  if (std::max({vectors, pixels, passes}) > mostInTile)
    return emitError() << "expected at most " << mostInTile
                       << " vectors, pixels and passes, but got " << vectors
                       << ", " << pixels << " and " << passes;
  return success();
}
