//===- DataSetTest.cpp - Data for a network and what comes out ------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

extern "C" {
#include "../../../lib/Runtime/Main/Accuracy.h"
#include "../../../lib/Runtime/Main/DataSet.h"
#include "../../../lib/Runtime/Main/Elements.h"
}
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace {

/// A tensor with a shape of its own.
struct Tensor {
  Tensor(const char *name, int32_t type, std::vector<int64_t> extents)
      : shape(extents) {
    uint64_t bytes = elementTypeBytes(type);
    for (int64_t extent : shape)
      bytes *= extent < 0 ? 1 : extent;
    facts = {name, type, int32_t(shape.size()), shape.data(), bytes};
  }
  std::vector<int64_t> shape;
  dorefa_tensor facts;
};

Array arrayOf(std::vector<uint64_t> shape) {
  Array array = {};
  array.kind = KIND_FLOAT;
  array.elementBytes = 4;
  array.rank = shape.size();
  array.count = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    array.count *= array.shape[i] = shape[i];
  return array;
}

/// The number of units, 0 if the shape is refused.
uint64_t unitsOf(std::vector<int64_t> declared, std::vector<uint64_t> given) {
  Tensor tensor("x", DOREFA_FLOAT32, declared);
  Array array = arrayOf(given);
  Failure failure;
  uint64_t units = 0;
  return countUnits(&tensor.facts, &array, &units, &failure) ? units : 0;
}

TEST(TensorShapeTest, FreeBatch) {
  EXPECT_EQ(unitsOf({-1, 1, 28, 28}, {5, 1, 28, 28}), 5u);
  EXPECT_EQ(unitsOf({-1, 1, 28, 28}, {5, 28, 28}), 5u);
  EXPECT_EQ(unitsOf({-1, 1, 28, 28}, {28, 28}), 1u);
  EXPECT_EQ(unitsOf({-1, 1, 28, 28}, {1, 28, 28, 1}), 1u);
  EXPECT_EQ(unitsOf({-1, 4}, {4}), 1u);
  EXPECT_EQ(unitsOf({-1, 4}, {4, 4}), 4u);
  EXPECT_EQ(unitsOf({-1, 1}, {7}), 7u);
  EXPECT_EQ(unitsOf({-1}, {7}), 7u);
  EXPECT_EQ(unitsOf({-1, 3, 8, 8}, {8, 8, 3}), 0u); // another order
  EXPECT_EQ(unitsOf({-1, 3, 8, 8}, {2, 3, 64}), 0u);
  EXPECT_EQ(unitsOf({-1, 4}, {}), 0u);
}

TEST(TensorShapeTest, FixedBatch) {
  EXPECT_EQ(unitsOf({2, 3}, {2, 3}), 1u);
  EXPECT_EQ(unitsOf({2, 3}, {6, 3}), 3u);
  EXPECT_EQ(unitsOf({2, 3}, {3, 3}), 0u);
  EXPECT_EQ(unitsOf({2, 3}, {3}), 0u);
  EXPECT_EQ(unitsOf({}, {}), 1u);
  EXPECT_EQ(unitsOf({}, {1}), 1u);
  EXPECT_EQ(unitsOf({5, 1}, {5}), 1u);
}

TEST(DataSetTest, InputsByName) {
  Tensor a("a", DOREFA_FLOAT32, {2, 3}), n("n", DOREFA_INT8, {2, 3});
  dorefa_tensor inputs[] = {a.facts, n.facts};
  dorefa_model model = {};
  model.num_inputs = 2;
  model.inputs = inputs;
  model.fixed_batch = 2;

  std::vector<float> values(12, 3.0f);
  Array arrays[] = {arrayOf({4, 3}), arrayOf({4, 3}), arrayOf({2, 3})};
  std::string names[] = {"n", "a", "n"};
  for (int i = 0; i < 3; ++i) {
    arrays[i].name = &names[i][0];
    arrays[i].data = {reinterpret_cast<uint8_t *>(values.data()),
                      arrays[i].count * 4};
  }
  ArrayList both = {nullptr, arrays, 2}, one = {nullptr, arrays, 1},
            unequal = {nullptr, arrays + 1, 2};
  DataSet data = {};
  Failure failure;
  ASSERT_TRUE(makeInputs(&model, &both, nullptr, &data, &failure));
  EXPECT_EQ(data.units, 2u);
  EXPECT_EQ(elementAsDouble(DOREFA_FLOAT32, data.buffers[0], 11), 3);
  EXPECT_EQ(elementAsInteger(DOREFA_INT8, data.buffers[1], 11), 3);
  freeData(&data);
  EXPECT_FALSE(makeInputs(&model, &one, nullptr, &data, &failure));
  EXPECT_NE(strstr(failure.text, "'a'"), nullptr);
  freeData(&data);
  EXPECT_FALSE(makeInputs(&model, &unequal, nullptr, &data, &failure));
  EXPECT_NE(strstr(failure.text, "2 and 1"), nullptr);
  freeData(&data);
}

TEST(DataSetTest, SharedInputs) {
  Tensor x("x", DOREFA_FLOAT32, {-1, 3}), s("s", DOREFA_FLOAT32, {2});
  dorefa_tensor inputs[] = {s.facts, x.facts};
  dorefa_model model = {};
  model.num_inputs = 2;
  model.inputs = inputs;

  std::vector<float> values(12, 3.0f);
  Array arrays[] = {arrayOf({4, 3}), arrayOf({2}), arrayOf({4})};
  std::string names[] = {"x", "s", "s"};
  for (int i = 0; i < 3; ++i) {
    arrays[i].name = &names[i][0];
    arrays[i].data = {reinterpret_cast<uint8_t *>(values.data()),
                      arrays[i].count * 4};
  }
  ArrayList right = {nullptr, arrays, 2};
  DataSet data = {};
  Failure failure;
  ASSERT_TRUE(makeInputs(&model, &right, nullptr, &data, &failure));
  EXPECT_EQ(data.units, 4u);
  EXPECT_EQ(elementAsDouble(DOREFA_FLOAT32, data.buffers[0], 1), 3);
  EXPECT_EQ(elementAsDouble(DOREFA_FLOAT32, data.buffers[1], 11), 3);
  freeData(&data);
  arrays[1] = arrays[2];
  EXPECT_FALSE(makeInputs(&model, &right, nullptr, &data, &failure));
  EXPECT_STREQ(failure.text, "input 's' has no batch, but got 2 of it");
  freeData(&data);
}

TEST(ElementsTest, LargestElement) {
  std::vector<float> scores = {NAN, -1, 4, 4, NAN};
  auto *data = reinterpret_cast<uint8_t *>(scores.data());
  EXPECT_EQ(largestElement(DOREFA_FLOAT32, data, 5), 2u);
  EXPECT_EQ(largestElement(DOREFA_FLOAT32, data, 1), 0u);
  std::vector<int16_t> numbers = {-3, -2, -2};
  data = reinterpret_cast<uint8_t *>(numbers.data());
  EXPECT_EQ(largestElement(DOREFA_INT16, data, 3), 1u);
}

TEST(AccuracyTest, ScoresAndClassNumbers) {
  Tensor scores("y", DOREFA_FLOAT32, {-1, 3}), classes("c", DOREFA_INT64, {-1});
  dorefa_model model = {};
  model.num_outputs = 1;
  model.outputs = &scores.facts;
  float values[] = {0, 2, 1, 5, 5, 4};
  uint8_t *buffer = reinterpret_cast<uint8_t *>(values);
  DataSet outputs = {2, 1, &buffer};
  int64_t labels[] = {1, 1};
  uint64_t correct = 0;
  Failure failure;
  ASSERT_TRUE(countCorrect(&model, &outputs, labels, 2, &correct, &failure));
  EXPECT_EQ(correct, 1u);

  int64_t found[] = {1, 7};
  buffer = reinterpret_cast<uint8_t *>(found);
  model.outputs = &classes.facts;
  ASSERT_TRUE(countCorrect(&model, &outputs, labels, 2, &correct, &failure));
  EXPECT_EQ(correct, 1u);
}

} // namespace
