//===- InflateTest.cpp - Decompression of deflate streams -----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

extern "C" {
#include "../../../lib/Runtime/Main/Inflate.h"
}
#include "gtest/gtest.h"
#include <string>
#include <vector>

namespace {

/// "hello hello hello hello" with the fixed code.
const uint8_t fixedBlock[] = {203, 72, 205, 201, 201, 87, 200, 64, 39, 1};
/// "0 squared is 0. 1 squared is 1. " and so on to 39.
const uint8_t dynamicBlock[] = {93, 146, 49, 14, 67, 49, 8, 67, 175, 194, 9,
    162, 0, 9, 73, 142, 83, 169, 29, 58, 182, 85, 239, 95, 252, 39, 220, 49, 8,
    217, 207, 38, 93, 62, 175, 239, 237, 253, 184, 203, 243, 35, 189, 137, 214,
    183, 54, 177, 250, 30, 77, 188, 190, 79, 147, 65, 251, 209, 100, 214, 129,
    205, 38, 81, 7, 158, 27, 139, 36, 83, 99, 215, 65, 164, 201, 169, 131, 157,
    20, 218, 201, 166, 3, 148, 73, 13, 91, 4, 171, 35, 149, 212, 153, 47, 221,
    148, 145, 79, 18, 41, 67, 131, 90, 131, 115, 96, 139, 192, 109, 67, 139,
    208, 221, 224, 120, 56, 47, 58, 36, 250, 1, 122, 35, 250, 49, 176, 197, 85,
    239, 212, 50, 162, 159, 150, 142, 70, 244, 115, 37, 151, 17, 125, 128, 222,
    136, 62, 174, 45, 162, 95, 151, 22, 209, 175, 203, 145, 171, 7, 151, 19,
    253, 1, 189, 19, 253, 65, 70, 231, 238, 59, 170, 112, 46, 191, 163, 49,
    231, 246, 21, 197, 250, 228, 83, 34, 129, 7, 207, 112, 38, 167, 8, 234,
    184, 166, 239, 191, 155, 195, 151, 66, 232, 196, 223, 248, 1};
/// "stored".
const uint8_t storedBlock[] = {1, 6, 0, 249, 255, 115, 116, 111, 114, 101,
    100};

std::string squares() {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += std::to_string(i) + " squared is " + std::to_string(i * i) + ". ";
  return text;
}

bool inflate(std::vector<uint8_t> source, size_t size, std::string &text) {
  text.assign(size, 0);
  Failure failure;
  ByteView view = {source.data(), source.size()};
  return inflateBytes(view, reinterpret_cast<uint8_t *>(&text[0]), size,
                      &failure);
}

template <size_t size>
std::vector<uint8_t> bytes(const uint8_t (&data)[size]) {
  return std::vector<uint8_t>(data, data + size);
}

TEST(InflateTest, AllKindsOfBlocks) {
  std::string text;
  ASSERT_TRUE(inflate(bytes(fixedBlock), 23, text));
  EXPECT_EQ(text, "hello hello hello hello");
  ASSERT_TRUE(inflate(bytes(dynamicBlock), squares().size(), text));
  EXPECT_EQ(text, squares());
  ASSERT_TRUE(inflate(bytes(storedBlock), 6, text));
  EXPECT_EQ(text, "stored");
}

TEST(InflateTest, SizeMustAgree) {
  std::string text;
  EXPECT_FALSE(inflate(bytes(fixedBlock), 22, text));
  EXPECT_FALSE(inflate(bytes(fixedBlock), 24, text));
  EXPECT_FALSE(inflate(bytes(storedBlock), 5, text));
  EXPECT_FALSE(inflate({}, 0, text));
}

TEST(InflateTest, RefusesTruncatedStreams) {
  std::string text;
  std::vector<uint8_t> whole = bytes(dynamicBlock);
  for (size_t size = 0; size + 1 < whole.size(); ++size)
    EXPECT_FALSE(inflate({whole.begin(), whole.begin() + size},
                         squares().size(), text));
}

TEST(InflateTest, SurvivesFlippedBits) {
  std::string text;
  for (auto whole : {bytes(dynamicBlock), bytes(fixedBlock),
                     bytes(storedBlock)}) {
    for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::vector<uint8_t> flipped = whole;
      flipped[bit / 8] ^= 1 << bit % 8;
      inflate(flipped, squares().size(), text); // must return
    }
  }
}

} // namespace
