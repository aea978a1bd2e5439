//===- ContractionKernelsTest.cpp - unit tests of sums of products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionKernels.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

namespace {
/// A convolution of random geometry and its operands.
struct RandomConvolution {
  SmallVector<int64_t> input, weight, result;
  ConvAttr geometry;

  RandomConvolution(std::mt19937 &random, MLIRContext &context) {
    auto pick = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>(low, high)(random);
    };
    int64_t groups = pick(1, 3), rank = pick(0, 2);
    input = {pick(1, 2), groups * pick(1, 3)};
    weight = {groups * pick(1, 3), input[1] / groups};
    result = {input[0], weight[0]};
    SmallVector<int64_t> strides, pads(2 * rank), dilations;
    for (int64_t d = 0; d < rank; ++d) {
      weight.push_back(pick(1, 3));
      strides.push_back(pick(1, 3));
      dilations.push_back(pick(1, 2));
      pads[d] = pick(0, 4);
      pads[rank + d] = pick(0, 4);
      input.push_back(pick(5, 9));
      result.push_back((input.back() + pads[d] + pads[rank + d] -
                        dilations[d] * (weight.back() - 1) - 1) /
                           strides[d] +
                       1);
    }
    geometry = ConvAttr::get(&context, strides, pads, dilations, groups);
  }
};

/// The definition, one sum at a time over explicitly padded positions.
template <typename T, typename Add>
std::vector<T> sumByDefinition(const RandomConvolution &conv,
                               ArrayRef<T> x, ArrayRef<T> w,
                               bool channelsFirst, Add add) {
  auto extent = [](ArrayRef<int64_t> shape, size_t d) {
    return shape.size() > d ? shape[d] : 1;
  };
  size_t rank = conv.input.size() - 2;
  auto at = [&](ArrayRef<int64_t> values, size_t d, int64_t otherwise) {
    return d < rank ? values[d] : otherwise;
  };
  int64_t groupInputs = conv.weight[1];
  int64_t groupOutputs = conv.weight[0] / conv.geometry.getGroups();
  int64_t height = extent(conv.input, 2), width = extent(conv.input, 3);
  int64_t rows = extent(conv.weight, 2), columns = extent(conv.weight, 3);
  std::vector<T> sums;
  for (int64_t n = 0; n < conv.result[0]; ++n)
    for (int64_t o = 0; o < conv.result[1]; ++o)
      for (int64_t i = 0; i < extent(conv.result, 2); ++i)
        for (int64_t j = 0; j < extent(conv.result, 3); ++j) {
          T sum = 0;
          auto addTerm = [&](int64_t r, int64_t s, int64_t c) {
            int64_t y = i * at(conv.geometry.getStrides(), 0, 1) -
                        at(conv.geometry.getPads(), 0, 0) +
                        r * at(conv.geometry.getDilations(), 0, 1);
            int64_t z = j * at(conv.geometry.getStrides(), 1, 1) -
                        at(conv.geometry.getPads(), 1, 0) +
                        s * at(conv.geometry.getDilations(), 1, 1);
            if (y < 0 || y >= height || z < 0 || z >= width)
              return;
            int64_t channel = o / groupOutputs * groupInputs + c;
            sum = add(x[((n * conv.input[1] + channel) * height + y) * width +
                        z],
                      w[((o * groupInputs + c) * rows + r) * columns + s],
                      sum);
          };
          for (int64_t outer = 0;
               outer < (channelsFirst ? groupInputs : 1); ++outer)
            for (int64_t r = 0; r < rows; ++r)
              for (int64_t s = 0; s < columns; ++s)
                for (int64_t inner = 0;
                     inner < (channelsFirst ? 1 : groupInputs); ++inner)
                  addTerm(r, s, outer + inner);
          sums.push_back(sum);
        }
  return sums;
}

TEST(Convolution, AgreesWithDefinition) {
  MLIRContext context;
  context.loadDialect<DorefaDialect>();
  std::mt19937 random(20261121);
  for (int run = 0; run < 200; ++run) {
    RandomConvolution conv(random, context);
    Convolution shape(conv.input, conv.weight, conv.result, conv.geometry);
    shape.channelsFirst = run % 2;
    int64_t numX = ShapedType::getNumElements(conv.input);
    int64_t numW = ShapedType::getNumElements(conv.weight);
    int64_t numSums = ShapedType::getNumElements(conv.result);

    // 32-bit sums for small integers, 64-bit ones for large ones.
    int64_t limit = run % 3 == 0 ? int64_t(1) << 28 : 100;
    std::uniform_int_distribution<int64_t> integer(-limit, limit);
    std::vector<int64_t> x(numX), w(numW);
    for (int64_t &value : x)
      value = integer(random);
    for (int64_t &value : w)
      value = integer(random);
    ASSERT_TRUE(isSumExact(x, w, shape.getNumTerms()));
    EXPECT_EQ(contractExactly(shape, x, w, numSums),
              sumByDefinition<int64_t>(
                  conv, x, w, shape.channelsFirst,
                  [](int64_t a, int64_t b, int64_t c) { return a * b + c; }))
        << "run " << run;

    std::uniform_real_distribution<float> real(-1.0f, 1.0f);
    std::vector<float> xs(numX), ws(numW), sums(numSums);
    for (float &value : xs)
      value = real(random);
    for (float &value : ws)
      value = real(random);
    contract(shape, xs.data(), ws.data(), sums.data());
    EXPECT_EQ(sums, sumByDefinition<float>(conv, xs, ws, shape.channelsFirst,
                                           [](float a, float b, float c) {
                                             return std::fma(a, b, c);
                                           }))
        << "run " << run;
  }
}

TEST(MatrixProduct, AgreesWithDefinition) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> real(-1.0f, 1.0f);
  for (MatrixProduct shape : {MatrixProduct{1, 300, 17}, MatrixProduct{5, 7, 1},
                              MatrixProduct{3, 0, 2}}) {
    std::vector<float> x(shape.rows * shape.terms);
    std::vector<float> w(shape.terms * shape.columns);
    for (float &value : x)
      value = real(random);
    for (float &value : w)
      value = real(random);
    std::vector<float> sums(shape.rows * shape.columns), expected(sums);
    contract(shape, x.data(), w.data(), sums.data());
    for (int64_t i = 0; i < shape.rows; ++i)
      for (int64_t j = 0; j < shape.columns; ++j)
        for (int64_t k = 0; k < shape.terms; ++k)
          expected[i * shape.columns + j] =
              std::fma(x[i * shape.terms + k], w[k * shape.columns + j],
                       expected[i * shape.columns + j]);
    EXPECT_EQ(sums, expected);
  }
}

TEST(ExactSums, Limits) {
  int64_t large = int64_t(1) << 31;
  EXPECT_TRUE(isSumExact({large}, {large}, 1));
  EXPECT_FALSE(isSumExact({large}, {large}, 2));
  EXPECT_FALSE(isSumExact({-large}, {2 * large}, 1));
  EXPECT_TRUE(isSumExact({}, {}, 0));
  // The largest sum that 31 bits hold, and one more.
  MatrixProduct shape{1, 1, 1};
  EXPECT_EQ(contractExactly(shape, {INT32_MAX}, {-1}, 1)[0], -INT32_MAX);
  EXPECT_EQ(contractExactly(shape, {large}, {1}, 1)[0], large);
}
} // namespace
