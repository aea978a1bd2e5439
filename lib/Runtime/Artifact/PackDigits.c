//===- PackDigits.c - Codes into a packed layout ----------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A code's address is a sum of one number for each dimension. So the trailing
// dimensions are taken together as an inner index, the addresses of a block of
// inner indices are tabulated, and the table is used for every outer index:
// one load, one add and one "or" for each bit, and the divisions are rare.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include <stddef.h>

/// Entries in the table of addresses, which lies on the stack.
#define BLOCK 1024
/// Inner dimensions are collected until they have this many codes.
#define ENOUGH 512

/// The parts of the array of i64 that artifact.h describes.
typedef struct Layout {
  int64_t bits;
  int64_t rank;
  int64_t numDigits;
  int64_t offset;
  const int64_t *extents;
  const int64_t *digits;
  const int64_t *planes;
} Layout;

static Layout readLayout(const int64_t *words) {
  Layout layout = {words[0], words[1], words[2], words[3], words + 4, 0, 0};
  layout.digits = layout.extents + layout.rank;
  layout.planes = layout.digits + 4 * layout.numDigits;
  return layout;
}

/// What the digits of dimension `dim` add for `index`.
static int64_t addressOfDim(const Layout *layout, int64_t dim, int64_t index) {
  int64_t address = 0;
  for (int64_t d = 0; d < layout->numDigits; ++d) {
    const int64_t *digit = layout->digits + 4 * d;
    if (digit[0] == dim)
      address += index / digit[1] % digit[2] * digit[3];
  }
  return address;
}

/// What dimensions [first, last) add for their joint row-major index.
static int64_t addressOfDims(const Layout *layout, int64_t first, int64_t last,
                             int64_t index) {
  int64_t address = 0;
  for (int64_t dim = last - 1; dim >= first; --dim) {
    address += addressOfDim(layout, dim, index % layout->extents[dim]);
    index /= layout->extents[dim];
  }
  return address;
}

static void orBit(uint8_t *destination, uint64_t address, unsigned bit) {
  destination[address >> 3] |= (uint8_t)(bit << (address & 7));
}

/// 1-bit codes from source bit `position` on.
static void scatterBits(uint8_t *destination, const uint8_t *source,
                        uint64_t position, const int64_t *addresses,
                        int64_t base, int64_t count) {
  for (int64_t i = 0; i < count; ++i, ++position)
    orBit(destination, (uint64_t)(base + addresses[i]),
          (source[position >> 3] >> (position & 7)) & 1u);
}

/// The `bits` source bits from `position` on, at most 32.
static uint32_t readCode(const uint8_t *source, uint64_t position,
                         unsigned bits) {
  uint64_t code = 0;
  unsigned shift = (unsigned)(position & 7);
  for (unsigned have = 0; have < shift + bits; have += 8)
    code |= (uint64_t)source[(position + have) >> 3] << have;
  return (uint32_t)((code >> shift) & ((UINT64_C(1) << bits) - 1));
}

/// Codes whose bits stay side by side.
static void scatterCodes(uint8_t *destination, const uint8_t *source,
                         uint64_t position, unsigned bits,
                         const int64_t *addresses, int64_t base,
                         int64_t count) {
  for (int64_t i = 0; i < count; ++i, position += bits) {
    uint64_t address = (uint64_t)(base + addresses[i]);
    unsigned shift = (unsigned)(address & 7);
    uint64_t code = (uint64_t)readCode(source, position, bits) << shift;
    for (uint8_t *byte = destination + (address >> 3); code; ++byte, code >>= 8)
      *byte |= (uint8_t)code;
  }
}

/// Codes whose bits go to different planes.
static void scatterPlanes(uint8_t *destination, const uint8_t *source,
                          uint64_t position, unsigned bits,
                          const int64_t *planes, const int64_t *addresses,
                          int64_t base, int64_t count) {
  for (int64_t i = 0; i < count; ++i, position += bits) {
    uint32_t code = readCode(source, position, bits);
    for (unsigned b = 0; b < bits; ++b)
      orBit(destination, (uint64_t)(base + addresses[i] + planes[b]),
            (code >> b) & 1u);
  }
}

/// Where each 8 codes of the table stay side by side they are one wide code:
/// keeps every eighth entry and returns 8, else 1.
static int64_t joinNeighbours(int64_t *addresses, int64_t count,
                              unsigned bits) {
  if (count % 8 != 0 || bits > 4)
    return 1;
  for (int64_t i = 0; i < count; ++i)
    if (addresses[i] != addresses[i & ~(int64_t)7] + (i & 7) * bits)
      return 1;
  for (int64_t i = 0; i < count / 8; ++i)
    addresses[i] = addresses[8 * i];
  return 8;
}

void dorefa_pack_digits(uint8_t *destination, const uint8_t *source,
                        const int64_t *words) {
  Layout layout = readLayout(words);
  unsigned bits = (unsigned)layout.bits;
  int together = 1;
  for (int64_t b = 1; b < layout.bits; ++b)
    together &= layout.planes[b] == layout.planes[0] + b;

  int64_t firstInner = layout.rank, innerCount = 1, outerCount = 1;
  while (firstInner > 0 && innerCount < ENOUGH)
    innerCount *= layout.extents[--firstInner];
  for (int64_t dim = 0; dim < firstInner; ++dim)
    outerCount *= layout.extents[dim];

  int64_t addresses[BLOCK];
  for (int64_t start = 0; start < innerCount; start += BLOCK) {
    int64_t count = innerCount - start < BLOCK ? innerCount - start : BLOCK;
    for (int64_t i = 0; i < count; ++i)
      addresses[i] =
          addressOfDims(&layout, firstInner, layout.rank, start + i);
    int64_t joined = together ? joinNeighbours(addresses, count, bits) : 1;
    unsigned wideBits = bits * (unsigned)joined;

    for (int64_t outer = 0; outer < outerCount; ++outer) {
      int64_t base =
          layout.offset + addressOfDims(&layout, 0, firstInner, outer);
      uint64_t position = (uint64_t)(outer * innerCount + start) * bits;
      if (wideBits == 1)
        scatterBits(destination, source, position, addresses,
                    base + layout.planes[0], count);
      else if (together)
        scatterCodes(destination, source, position, wideBits, addresses,
                     base + layout.planes[0], count / joined);
      else
        scatterPlanes(destination, source, position, bits, layout.planes,
                      addresses, base, count);
    }
  }
}
