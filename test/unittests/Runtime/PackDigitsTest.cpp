//===- PackDigitsTest.cpp - Packing of codes by digits --------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random layouts against the formula of artifact.h.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <random>
#include <vector>

namespace {

struct Digit {
  int64_t dim, divisor, modulus, stride;
};

struct Layout {
  int64_t bits, offset;
  std::vector<int64_t> shape;
  std::vector<Digit> digits;
  std::vector<int64_t> planes;

  std::vector<int64_t> words() const {
    std::vector<int64_t> result = {bits, int64_t(shape.size()),
                                   int64_t(digits.size()), offset};
    result.insert(result.end(), shape.begin(), shape.end());
    for (const Digit &digit : digits)
      result.insert(result.end(),
                    {digit.dim, digit.divisor, digit.modulus, digit.stride});
    result.insert(result.end(), planes.begin(), planes.end());
    return result;
  }

  int64_t count() const {
    int64_t result = 1;
    for (int64_t extent : shape)
      result *= extent;
    return result;
  }

  /// One past the highest bit of the destination.
  int64_t highest() const {
    int64_t result = offset + 1;
    for (const Digit &digit : digits)
      result += (digit.modulus - 1) * digit.stride;
    return result + *std::max_element(planes.begin(), planes.end());
  }
};

bool bitAt(const std::vector<uint8_t> &bytes, int64_t i) {
  return bytes[i / 8] >> (i % 8) & 1;
}

std::vector<uint8_t> packByFormula(const Layout &layout,
                                   const std::vector<uint8_t> &source) {
  std::vector<uint8_t> result(layout.highest() / 8 + 1);
  for (int64_t i = 0; i < layout.count(); ++i) {
    std::vector<int64_t> index(layout.shape.size());
    int64_t rest = i;
    for (size_t dim = index.size(); dim-- > 0; rest /= layout.shape[dim])
      index[dim] = rest % layout.shape[dim];
    for (int64_t b = 0; b < layout.bits; ++b) {
      int64_t address = layout.offset + layout.planes[b];
      for (const Digit &digit : layout.digits)
        address +=
            index[digit.dim] / digit.divisor % digit.modulus * digit.stride;
      if (bitAt(source, i * layout.bits + b))
        result[address / 8] |= 1 << address % 8;
    }
  }
  return result;
}

void checkLayout(const Layout &layout, std::mt19937 &random) {
  std::vector<uint8_t> source((layout.count() * layout.bits + 7) / 8);
  for (uint8_t &byte : source)
    byte = random();
  std::vector<uint8_t> packed(layout.highest() / 8 + 1);
  dorefa_pack_digits(packed.data(), source.data(), layout.words().data());
  EXPECT_EQ(packed, packByFormula(layout, source));
}

TEST(PackDigitsTest, RandomLayouts) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    // Every dimension in a factor that runs fast and one that runs slowly; the
    // digits in random order from the lowest stride up.
    Layout layout;
    layout.bits = 1 + random() % 8;
    layout.offset = random() % 70;
    std::vector<Digit> digits;
    for (int64_t dim = 0, rank = random() % 5; dim < rank; ++dim) {
      int64_t fast = 1 + random() % 6, slow = 1 + random() % 5;
      layout.shape.push_back(fast * slow);
      digits.push_back({dim, 1, fast, 0});
      digits.push_back({dim, fast, slow, 0});
    }
    std::shuffle(digits.begin(), digits.end(), random);
    bool planesApart = random() % 2;
    int64_t stride = planesApart ? 1 : layout.bits;
    for (Digit &digit : digits) {
      digit.stride = stride;
      stride *= digit.modulus;
    }
    for (int64_t b = 0; b < layout.bits; ++b)
      layout.planes.push_back(planesApart ? b * stride : b);
    layout.digits = digits;
    checkLayout(layout, random);
  }
}

TEST(PackDigitsTest, SeveralBlocksOfAddresses) {
  std::mt19937 random(2);
  // A row longer than the table, and many inner codes: joined and scattered.
  for (int64_t bits : {1, 2, 4, 8}) {
    std::vector<int64_t> planes;
    for (int64_t b = 0; b < bits; ++b)
      planes.push_back(b);
    checkLayout({bits, 3, {5, 3000}, {{0, 1, 5, 3000 * bits},
                                      {1, 1, 3000, bits}}, planes}, random);
    checkLayout({bits, 0, {7, 64, 3, 3},
                 {{1, 1, 64, bits}, {3, 1, 3, 64 * bits},
                  {2, 1, 3, 192 * bits}, {0, 1, 7, 576 * bits}},
                 planes}, random);
  }
}

TEST(PackDigitsTest, KeepsPadValues) {
  // One code of 3 bits at bit 2; the bits around it are pad values.
  const int64_t layout[] = {3, 0, 0, 2, 0, 1, 2};
  uint8_t source = 0x05, destination = 0x63;
  dorefa_pack_digits(&destination, &source, layout);
  EXPECT_EQ(destination, 0x63 | 0x05 << 2);
}

} // namespace
