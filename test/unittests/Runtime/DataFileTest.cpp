//===- DataFileTest.cpp - Readers of arrays -------------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files are made here byte by byte, read, cut off at every length and changed
// in every bit: the readers must give the right elements or one error.
//
//===----------------------------------------------------------------------===//

extern "C" {
#include "../../../lib/Runtime/Main/DataFile.h"
#include "../../../lib/Runtime/Main/NpyFile.h"
#include "../../../lib/Runtime/Main/ZipArchive.h"
}
#include "dorefa/Runtime/dorefa_model.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

/// numpy.savez_compressed with x = int16 [[0, 1, 2], [3, 4, 5]].
const uint8_t compressedArchive[] = {80, 75, 3, 4, 20, 0, 0, 0, 8, 0, 0, 0, 33,
    0, 26, 78, 152, 126, 82, 0, 0, 0, 140, 0, 0, 0, 5, 0, 20, 0, 120, 46, 110,
    112, 121, 1, 0, 16, 0, 140, 0, 0, 0, 0, 0, 0, 0, 82, 0, 0, 0, 0, 0, 0, 0,
    155, 236, 23, 234, 27, 16, 201, 200, 80, 198, 80, 173, 158, 146, 90, 156,
    92, 164, 110, 165, 160, 110, 147, 105, 164, 174, 163, 160, 158, 150, 95,
    84, 82, 148, 152, 23, 159, 95, 148, 146, 10, 18, 119, 75, 204, 41, 78, 5,
    138, 23, 103, 36, 22, 164, 2, 249, 26, 70, 58, 10, 198, 154, 58, 10, 181,
    10, 100, 3, 46, 6, 6, 70, 6, 38, 6, 102, 6, 22, 6, 86, 6, 0, 80, 75, 1, 2,
    20, 3, 20, 0, 0, 0, 8, 0, 0, 0, 33, 0, 26, 78, 152, 126, 82, 0, 0, 0, 140,
    0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 1, 0, 0, 0, 0, 120, 46,
    110, 112, 121, 80, 75, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 51, 0, 0, 0, 137, 0,
    0, 0, 0, 0};

/// The arrays of a file's bytes, or the error.
class Arrays {
public:
  explicit Arrays(const std::string &file) : file(file.begin(), file.end()) {
    ByteView view = {this->file.data(), this->file.size()};
    ok = readArrays(view, &list, &failure);
  }
  ~Arrays() { freeArrays(&list); }
  Arrays(const Arrays &) = delete;

  const Array &operator[](size_t i) const { return list.arrays[i]; }
  std::string error() const { return ok ? "" : failure.text; }

  /// The elements of the first array as `elementType`.
  template <typename T>
  std::vector<T> as(int32_t elementType, float scale = 1) {
    if (!ok || list.count == 0)
      return {};
    std::vector<T> result(list.arrays[0].count);
    ok = convertArray(&list.arrays[0], elementType, scale,
                      reinterpret_cast<uint8_t *>(result.data()), &failure);
    return ok ? result : std::vector<T>();
  }

  std::vector<uint8_t> file;
  ArrayList list = {};
  Failure failure = {};
  bool ok;
};

template <typename T> std::string raw(std::vector<T> values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T));
}

std::string npy(const std::string &header, const std::string &data,
                char version = 1) {
  std::string text = header + "\n";
  std::string result = "\x93NUMPY";
  result += version;
  result += '\0';
  result += static_cast<char>(text.size());
  result += std::string(version == 1 ? 1 : 3, '\0');
  return result + text + data;
}

std::string npyOf(const std::string &type, const std::string &shape,
                  const std::string &data) {
  return npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': " +
                 shape + ", }",
             data);
}

std::string zipOf(std::vector<std::pair<std::string, std::string>> members) {
  std::vector<ZipEntry> entries;
  for (auto &[name, data] : members) {
    auto *bytes = reinterpret_cast<const uint8_t *>(data.data());
    entries.push_back({name.c_str(), {{bytes, data.size()}, {bytes, 0}}});
  }
  char *text = nullptr;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  EXPECT_TRUE(writeZip(file, entries.data(), entries.size()));
  fclose(file);
  std::string result(text, size);
  free(text);
  return result;
}

std::string idxOf(char type, std::vector<unsigned char> shape,
                  const std::string &data) {
  std::string result = {0, 0, type, char(shape.size())};
  for (unsigned char extent : shape)
    result += {0, 0, 0, char(extent)};
  return result + data;
}

const std::vector<float> two = {1.5f, -2};

TEST(NpyFileTest, TypesAndVersions) {
  EXPECT_EQ(Arrays(npyOf("<f4", "(2,)", raw(two))).as<float>(DOREFA_FLOAT32),
            two);
  EXPECT_EQ(Arrays(npyOf("<f8", "(2,)", raw<double>({1.5, -2})))
                .as<float>(DOREFA_FLOAT32), two);
  EXPECT_EQ(Arrays(npyOf(">f4", "(1,)", {0x3f, char(0xc0), 0, 0}))
                .as<float>(DOREFA_FLOAT32), std::vector<float>{1.5f});
  std::string half = raw<uint16_t>({0x3e00, 0x8001, 0x7c00});
  EXPECT_EQ(Arrays(npyOf("<f2", "(3,)", half)).as<float>(DOREFA_FLOAT32),
            (std::vector<float>{1.5f, -0x1p-24f, INFINITY}));
  EXPECT_EQ(Arrays(npyOf("|b1", "(2,)", {0, 7})).as<float>(DOREFA_FLOAT32),
            (std::vector<float>{0, 1}));
  EXPECT_EQ(Arrays(npyOf("|u1", "(2,)", {0, char(200)}))
                .as<float>(DOREFA_FLOAT32, 0.5f),
            (std::vector<float>{0, 100}));
  EXPECT_EQ(Arrays(npyOf("<i8", "()", raw<int64_t>({-7})))
                .as<int8_t>(DOREFA_INT8), std::vector<int8_t>{-7});
  for (char version : {2, 3})
    EXPECT_EQ(Arrays(npy("{'descr': '<f4', 'fortran_order': False, "
                         "'shape': (2,), }", raw(two), version))
                  .as<float>(DOREFA_FLOAT32), two);
}

TEST(NpyFileTest, ColumnMajor) {
  Arrays arrays(npy("{\"shape\": (2, 3), \"fortran_order\": True, "
                    "\"descr\": \"<i2\"}", raw<int16_t>({1, 4, 2, 5, 3, 6})));
  EXPECT_EQ(arrays.as<int16_t>(DOREFA_INT16),
            (std::vector<int16_t>{1, 2, 3, 4, 5, 6}));
}

TEST(NpyFileTest, Malformed) {
  auto error = [](const std::string &header, const std::string &data = "") {
    return Arrays(npy(header, data)).error();
  };
  EXPECT_NE(error("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                  raw(two)).find("truncated"), std::string::npos);
  // A shape whose product overflows.
  EXPECT_NE(Arrays(npyOf("<f4", "(4294967296, 4294967296, 4)", raw(two)))
                .error(), "");
  EXPECT_NE(Arrays(npyOf("<f4", "(99999999999999999999,)", raw(two))).error(),
            "");
  EXPECT_NE(Arrays(npyOf("<f4", "(-1,)", raw(two))).error(), "");
  EXPECT_NE(Arrays(npyOf("<f4", "(0,)", raw(two))).error(), "");
  EXPECT_NE(Arrays(npyOf("<f4", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)",
                         raw(two))).error(), "");
  EXPECT_NE(Arrays(npyOf("<c8", "(1,)", raw(two))).error(), "");
  EXPECT_NE(Arrays(npyOf("<U1", "(1,)", raw(two))).error(), "");
  EXPECT_NE(error("{'descr': [('a', '<f4')], 'fortran_order': False, "
                  "'shape': (2,), }", raw(two)), "");
  EXPECT_NE(error("{'descr': '<f4', 'shape': (2,), }", raw(two)), "");
  EXPECT_NE(error("{'descr': '<f4'"), "");
  EXPECT_NE(error("os.system('x')"), "");
}

TEST(ConversionTest, ValuesMustFit) {
  auto converted = [](const std::string &file, int32_t type) {
    Arrays arrays(file);
    arrays.as<int64_t>(type);
    return arrays.ok;
  };
  EXPECT_TRUE(converted(npyOf("<i4", "(1,)", raw<int32_t>({-128})),
                        DOREFA_INT8));
  EXPECT_FALSE(converted(npyOf("<i4", "(1,)", raw<int32_t>({-129})),
                         DOREFA_INT8));
  EXPECT_FALSE(converted(npyOf("<i4", "(1,)", raw<int32_t>({-1})),
                         DOREFA_UINT8));
  EXPECT_FALSE(converted(npyOf("<u8", "(1,)", raw<uint64_t>({1ull << 63})),
                         DOREFA_INT64));
  EXPECT_TRUE(converted(npyOf("<i8", "(1,)", raw<int64_t>({INT64_MIN})),
                        DOREFA_INT64));
  EXPECT_TRUE(converted(npyOf("<f4", "(1,)", raw<float>({3})), DOREFA_INT32));
  EXPECT_FALSE(converted(npyOf("<f4", "(1,)", raw<float>({3.5f})),
                         DOREFA_INT32));
  EXPECT_FALSE(converted(npyOf("<f4", "(1,)", raw<float>({NAN})),
                         DOREFA_INT32));
  EXPECT_FALSE(converted(npyOf("<f8", "(1,)", raw<double>({1e300})),
                         DOREFA_FLOAT32));
  EXPECT_TRUE(converted(npyOf("<f8", "(1,)", raw<double>({0.1})),
                        DOREFA_FLOAT32));
  EXPECT_TRUE(converted(npyOf("<f8", "(1,)", raw<double>({INFINITY})),
                        DOREFA_FLOAT32));
  EXPECT_FALSE(converted(npyOf("<i4", "(1,)", raw<int32_t>({16777217})),
                         DOREFA_FLOAT32));
  EXPECT_FALSE(converted(npyOf("|u1", "(1,)", "\2"), DOREFA_BOOL));
}

TEST(ZipArchiveTest, StoredAndCompressed) {
  Arrays stored(zipOf({{"a.npy", npyOf("<f4", "(2,)", raw(two))},
                       {"b", npyOf("|i1", "(1,)", "\5")}}));
  ASSERT_EQ(stored.error(), "");
  ASSERT_EQ(stored.list.count, 2u);
  EXPECT_STREQ(stored[0].name, "a");
  EXPECT_STREQ(stored[1].name, "b");
  EXPECT_EQ(stored.as<float>(DOREFA_FLOAT32), two);
  Arrays compressed(raw(std::vector<uint8_t>(
      compressedArchive, compressedArchive + sizeof(compressedArchive))));
  ASSERT_EQ(compressed.error(), "");
  EXPECT_STREQ(compressed[0].name, "x");
  EXPECT_EQ(compressed.as<int32_t>(DOREFA_INT32),
            (std::vector<int32_t>{0, 1, 2, 3, 4, 5}));
}

TEST(IdxFileTest, ImagesAndLabels) {
  Arrays images(idxOf(8, {2, 1, 2}, {1, 2, 3, char(255)}));
  ASSERT_EQ(images.error(), "");
  EXPECT_EQ(images[0].rank, 3);
  EXPECT_EQ(images.as<uint8_t>(DOREFA_UINT8),
            (std::vector<uint8_t>{1, 2, 3, 255}));
  EXPECT_EQ(Arrays(idxOf(0x0b, {1}, {char(0xff), char(0xfe)}))
                .as<int32_t>(DOREFA_INT32), std::vector<int32_t>{-2});
  EXPECT_NE(Arrays(idxOf(8, {2, 2}, "abc")).error(), "");
  EXPECT_NE(Arrays(idxOf(8, {2}, "abc")).error(), "");
  EXPECT_NE(Arrays(idxOf(10, {2}, "ab")).error(), "");
}

TEST(TensorProtoTest, RawAndTyped) {
  // dims 2 (packed), data_type 1, name "t", raw_data
  std::string start = std::string("\x0a\x01\x02\x10\x01", 5);
  Arrays rawData(start + "\x42\x01t\x4a\x08" + raw(two));
  EXPECT_EQ(rawData.error(), "");
  EXPECT_STREQ(rawData[0].name, "t");
  EXPECT_EQ(rawData.as<float>(DOREFA_FLOAT32), two);
  EXPECT_EQ(Arrays(start + "\x22\x08" + raw(two)).as<float>(DOREFA_FLOAT32),
            two);
  EXPECT_EQ(Arrays(start + "\x25" + raw<float>({1.5f}) + "\x25" +
                   raw<float>({-2})).as<float>(DOREFA_FLOAT32), two);
  // int64_data, not packed, -1 in ten bytes
  EXPECT_EQ(Arrays(std::string("\x08\x01\x10\x07\x38") +
                   std::string(9, '\xff') + "\x01")
                .as<int8_t>(DOREFA_INT8), std::vector<int8_t>{-1});
  EXPECT_NE(Arrays(start + "\x22\x04" + raw<float>({1})).error(), "");
  EXPECT_NE(Arrays(std::string("\x08\x01\x10\x08", 4)).error(), ""); // strings
  EXPECT_NE(Arrays(start + "\x70\x01").error(), ""); // external data
  EXPECT_NE(Arrays(std::string("\x08\x01")).error().find("not a tensor file"),
            std::string::npos); // no type, as in a model
  EXPECT_NE(Arrays("1,2,3\n").error(), "");
  EXPECT_NE(Arrays("").error(), "");
}

/// A file of each kind.
std::vector<std::string> sampleFiles() {
  return {
      npyOf("<f8", "(2, 2)", raw<double>({1, 2, 3, 4})),
      npy("{\"shape\": (2, 3), \"fortran_order\": True, \"descr\": \"<i2\"}",
          raw<int16_t>({1, 4, 2, 5, 3, 6}), 2),
      zipOf({{"a.npy", npyOf("<f4", "(2,)", raw(two))},
             {"b.npy", npyOf("<i8", "(1,)", raw<int64_t>({5}))}}),
      raw(std::vector<uint8_t>(compressedArchive,
                               compressedArchive + sizeof(compressedArchive))),
      idxOf(8, {2, 2}, "abcd"),
      idxOf(0x0d, {2}, raw(two)),
      std::string("\x0a\x01\x02\x10\x01\x42\x01t\x4a\x08", 10) + raw(two),
      std::string("\x0a\x01\x02\x10\x01\x22\x08", 7) + raw(two),
      std::string("\x08\x01\x10\x07\x38") + std::string(9, '\xff') + "\x01"};
}

/// Reads the file and converts what it holds: values, or an error.
void readAll(const std::string &file) {
  for (int32_t type : {DOREFA_FLOAT32, DOREFA_UINT8, DOREFA_INT64}) {
    Arrays arrays(file);
    arrays.as<double>(type);
    EXPECT_EQ(arrays.ok, arrays.failure.text[0] == 0);
  }
}

TEST(DataFileTest, SurvivesEveryChange) {
  for (const std::string &file : sampleFiles()) {
    EXPECT_EQ(Arrays(file).error(), "");
    for (size_t size = 0; size < file.size(); ++size)
      EXPECT_NE(Arrays(file.substr(0, size)).error(), "") << size;
    for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
      std::string changed = file;
      changed[bit / 8] ^= 1 << bit % 8;
      readAll(changed);
    }
  }
}

TEST(DataFileTest, SurvivesManyChanges) {
  constexpr unsigned seed = 20160620, changesOfEach = 500;
  std::mt19937 random(seed);
  const std::vector<std::string> files = sampleFiles();
  for (const std::string &file : files) {
    for (unsigned i = 0; i < changesOfEach; ++i) {
      std::string changed = file;
      for (unsigned count = 1 + random() % 4; count > 0; --count) {
        size_t at = random() % changed.size();
        size_t length = 1 + random() % 8;
        switch (random() % 5) {
        case 0: // all ones, as in sizes
          changed.replace(at, length, length, '\xff');
          break;
        case 1:
          changed.replace(at, length, length, '\0');
          break;
        case 2:
          changed.insert(at, changed.substr(random() % changed.size(), 32));
          break;
        case 3:
          changed.erase(at, length);
          break;
        case 4: // a part of a file of another kind
          changed.insert(at, files[random() % files.size()].substr(0, 64));
          break;
        }
        if (changed.empty())
          break;
      }
      readAll(changed);
    }
  }
}

TEST(NpyFileTest, WrittenHeaderIsRead) {
  const uint64_t shape[] = {2, 3};
  uint8_t header[NPY_HEADER_BYTES];
  uint64_t size = makeNpyHeader(DOREFA_UINT16, 2, shape, header);
  EXPECT_EQ(size % 64, 0u);
  Arrays arrays(std::string(reinterpret_cast<char *>(header), size) +
                raw<uint16_t>({1, 2, 3, 4, 5, 60000}));
  ASSERT_EQ(arrays.error(), "");
  EXPECT_EQ(arrays[0].rank, 2);
  EXPECT_EQ(arrays.as<uint16_t>(DOREFA_UINT16).back(), 60000);
}

} // namespace
