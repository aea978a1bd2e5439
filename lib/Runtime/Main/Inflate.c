//===- Inflate.c - Decompression of deflate streams ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RFC 1951. A canonical Huffman code is kept as the number of codes of each
// length and the symbols in order of their codes; decoding goes bit by bit.
//
//===----------------------------------------------------------------------===//

#include "Inflate.h"
#include <string.h>

#define MAX_CODE_BITS 15
#define MAX_SYMBOLS 288

typedef struct Huffman {
  uint16_t counts[MAX_CODE_BITS + 1]; ///< codes of each length
  uint16_t symbols[MAX_SYMBOLS];      ///< in order of code
} Huffman;

typedef struct Stream {
  ByteView source;
  uint64_t position; ///< next byte of the source
  uint32_t bits;     ///< bits read but not used, the next one lowest
  unsigned numBits;
  uint8_t *target;
  uint64_t targetSize;
  uint64_t written;
  bool truncated; ///< bits beyond the end were asked for
} Stream;

static unsigned takeBits(Stream *stream, unsigned count) {
  while (stream->numBits < count) {
    uint32_t byte = 0;
    if (stream->position < stream->source.size)
      byte = stream->source.data[stream->position++];
    else
      stream->truncated = true;
    stream->bits |= byte << stream->numBits;
    stream->numBits += 8;
  }
  unsigned value = stream->bits & ((1u << count) - 1);
  stream->bits >>= count;
  stream->numBits -= count;
  return value;
}

/// Builds the code from the length of each symbol's code, 0 for none. False if
/// there are more codes than fit, or fewer unless there is at most one.
static bool buildHuffman(Huffman *huffman, const uint8_t *lengths,
                         unsigned count) {
  memset(huffman->counts, 0, sizeof(huffman->counts));
  for (unsigned i = 0; i < count; ++i)
    ++huffman->counts[lengths[i]];
  huffman->counts[0] = 0;
  int free = 1;
  unsigned used = 0;
  uint16_t next[MAX_CODE_BITS + 1];
  for (unsigned length = 1; length <= MAX_CODE_BITS; ++length) {
    next[length] = (uint16_t)used;
    used += huffman->counts[length];
    free = 2 * free - huffman->counts[length];
    if (free < 0)
      return false;
  }
  for (unsigned i = 0; i < count; ++i)
    if (lengths[i])
      huffman->symbols[next[lengths[i]]++] = (uint16_t)i;
  return free == 0 || used <= 1;
}

/// The next symbol, or -1 if no code matches.
static int takeSymbol(Stream *stream, const Huffman *huffman) {
  int code = 0, first = 0, index = 0;
  for (unsigned length = 1; length <= MAX_CODE_BITS; ++length) {
    code |= (int)takeBits(stream, 1);
    int count = huffman->counts[length];
    if (code - first < count)
      return huffman->symbols[index + code - first];
    index += count;
    first = 2 * (first + count);
    code *= 2;
  }
  return -1;
}

static bool inflateStored(Stream *stream) {
  stream->bits = 0;
  stream->numBits = 0;
  if (stream->source.size - stream->position < 4)
    return false;
  const uint8_t *header = stream->source.data + stream->position;
  uint64_t length = loadLittle(header, 2);
  stream->position += 4;
  if (length != (loadLittle(header + 2, 2) ^ 0xffff) ||
      length > stream->source.size - stream->position ||
      length > stream->targetSize - stream->written)
    return false;
  memcpy(stream->target + stream->written,
         stream->source.data + stream->position, (size_t)length);
  stream->position += length;
  stream->written += length;
  return true;
}

static bool copyBack(Stream *stream, unsigned length, unsigned distance) {
  if (distance > stream->written ||
      length > stream->targetSize - stream->written)
    return false;
  uint8_t *to = stream->target + stream->written;
  for (unsigned i = 0; i < length; ++i)
    to[i] = to[(int64_t)i - (int64_t)distance];
  stream->written += length;
  return true;
}

static bool inflateCoded(Stream *stream, const Huffman *literals,
                         const Huffman *distances) {
  static const uint16_t lengthBase[29] = {
      3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
      31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t lengthExtra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                          1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                          4, 4, 4, 4, 5, 5, 5, 5, 0};
  static const uint16_t distanceBase[30] = {
      1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
      33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
      1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  while (!stream->truncated) {
    int symbol = takeSymbol(stream, literals);
    if (symbol < 0 || symbol > 285)
      return false;
    if (symbol == 256)
      return true;
    if (symbol < 256) {
      if (stream->written == stream->targetSize)
        return false;
      stream->target[stream->written++] = (uint8_t)symbol;
      continue;
    }
    unsigned length = lengthBase[symbol - 257] +
                      takeBits(stream, lengthExtra[symbol - 257]);
    int code = takeSymbol(stream, distances);
    if (code < 0 || code > 29)
      return false;
    unsigned extra = code < 4 ? 0 : (unsigned)code / 2 - 1;
    if (!copyBack(stream, length, distanceBase[code] + takeBits(stream, extra)))
      return false;
  }
  return false;
}

static bool inflateFixed(Stream *stream) {
  uint8_t lengths[MAX_SYMBOLS];
  for (unsigned i = 0; i < MAX_SYMBOLS; ++i)
    lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  Huffman literals, distances;
  buildHuffman(&literals, lengths, MAX_SYMBOLS);
  memset(lengths, 5, 32);
  buildHuffman(&distances, lengths, 32);
  return inflateCoded(stream, &literals, &distances);
}

/// Reads `count` code lengths, which are themselves coded.
static bool takeLengths(Stream *stream, const Huffman *code, uint8_t *lengths,
                        unsigned count) {
  for (unsigned i = 0; i < count;) {
    int symbol = takeSymbol(stream, code);
    if (symbol < 0 || stream->truncated)
      return false;
    if (symbol < 16) {
      lengths[i++] = (uint8_t)symbol;
      continue;
    }
    if (symbol == 16 && i == 0)
      return false;
    uint8_t value = symbol == 16 ? lengths[i - 1] : 0;
    unsigned repeat = symbol == 16   ? 3 + takeBits(stream, 2)
                      : symbol == 17 ? 3 + takeBits(stream, 3)
                                     : 11 + takeBits(stream, 7);
    if (repeat > count - i)
      return false;
    memset(lengths + i, value, repeat);
    i += repeat;
  }
  return true;
}

static bool inflateDynamic(Stream *stream) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
  unsigned numLiterals = takeBits(stream, 5) + 257;
  unsigned numDistances = takeBits(stream, 5) + 1;
  unsigned numLengths = takeBits(stream, 4) + 4;
  if (numLiterals > 286 || numDistances > 30)
    return false;
  uint8_t lengths[286 + 30] = {0};
  for (unsigned i = 0; i < numLengths; ++i)
    lengths[order[i]] = (uint8_t)takeBits(stream, 3);
  Huffman literals, distances;
  if (!buildHuffman(&literals, lengths, 19) ||
      !takeLengths(stream, &literals, lengths, numLiterals + numDistances) ||
      lengths[256] == 0 || !buildHuffman(&literals, lengths, numLiterals) ||
      !buildHuffman(&distances, lengths + numLiterals, numDistances))
    return false;
  return inflateCoded(stream, &literals, &distances);
}

bool inflateBytes(ByteView source, uint8_t *target, uint64_t targetSize,
                  Failure *failure) {
  Stream stream = {.source = source, .target = target,
                   .targetSize = targetSize};
  bool isLast = false, ok = true;
  while (ok && !isLast) {
    isLast = takeBits(&stream, 1);
    unsigned type = takeBits(&stream, 2);
    ok = type == 0   ? inflateStored(&stream)
         : type == 1 ? inflateFixed(&stream)
         : type == 2 ? inflateDynamic(&stream)
                     : false;
    ok &= !stream.truncated;
  }
  if (!ok || stream.written != targetSize)
    return fail(failure, "corrupt compressed data");
  return true;
}
