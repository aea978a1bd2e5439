//===- ContractionKernels.cpp - sums of products on arrays ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each sum runs over the taps and channels in the declared order; neighbouring
// sums are computed side by side, so the inner loops are plain rows that the
// C++ compiler vectorizes without changing the order inside any sum.
//
//===----------------------------------------------------------------------===//

#include "ContractionKernels.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

// A second version of each row loop for CPUs with AVX2 and FMA instructions,
// chosen at start-up. The results are the same bits: an fma is exact before its
// rounding in hardware and in the C library alike. The resolvers of such
// versions run before the address sanitizer is ready.
#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__)
#define DOREFA_ROW_LOOP                                                        \
  __attribute__((target_clones("arch=haswell", "default")))
#else
#define DOREFA_ROW_LOOP
#endif

DOREFA_ROW_LOOP
static void addRow(float *sums, const float *x, int64_t stride, float w,
                   int64_t count) {
  if (stride == 1)
    for (int64_t i = 0; i < count; ++i)
      sums[i] = __builtin_fmaf(x[i], w, sums[i]);
  else
    for (int64_t i = 0; i < count; ++i)
      sums[i] = __builtin_fmaf(x[i * stride], w, sums[i]);
}

DOREFA_ROW_LOOP
static void addRow(int32_t *sums, const int32_t *x, int64_t stride, int32_t w,
                   int64_t count) {
  if (stride == 1)
    for (int64_t i = 0; i < count; ++i)
      sums[i] += x[i] * w;
  else
    for (int64_t i = 0; i < count; ++i)
      sums[i] += x[i * stride] * w;
}

static void addRow(int64_t *sums, const int64_t *x, int64_t stride, int64_t w,
                   int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    sums[i] += x[i * stride] * w;
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// The two spatial values of one or two dimensions, or of none.
static std::array<int64_t, 2> padToTwo(ArrayRef<int64_t> values,
                                       int64_t filler) {
  std::array<int64_t, 2> two = {filler, filler};
  for (size_t i = 0; i < values.size(); ++i)
    two[2 - values.size() + i] = values[i];
  return two;
}

Convolution::Convolution(ArrayRef<int64_t> inputShape,
                         ArrayRef<int64_t> weightShape,
                         ArrayRef<int64_t> resultShape, ConvAttr geometry)
    : images(inputShape[0]), inputChannels(inputShape[1]),
      outputChannels(weightShape[0]), groups(geometry.getGroups()),
      input(padToTwo(inputShape.drop_front(2), 1)),
      output(padToTwo(resultShape.drop_front(2), 1)),
      kernel(padToTwo(weightShape.drop_front(2), 1)),
      stride(padToTwo(geometry.getStrides(), 1)),
      pad(padToTwo(geometry.getPads().take_front(inputShape.size() - 2), 0)),
      dilation(padToTwo(geometry.getDilations(), 1)) {}

std::pair<int64_t, int64_t> Convolution::getInside(unsigned d,
                                                   int64_t tap) const {
  // 0 <= position * stride + offset < input
  int64_t offset = tap * dilation[d] - pad[d];
  int64_t first = offset < 0 ? llvm::divideCeil(-offset, stride[d]) : 0;
  int64_t last = input[d] - 1 - offset;
  if (last < 0)
    return {0, 0};
  return {first, std::min(last / stride[d] + 1, output[d])};
}

/// Adds input channel `channel` times one weight to the plane `sums`.
template <typename T>
static void addTap(const Convolution &shape, const T *channel, T weight,
                   int64_t row, int64_t column, T *sums) {
  auto [firstRow, endRow] = shape.getInside(0, row);
  auto [firstColumn, endColumn] = shape.getInside(1, column);
  if (firstColumn >= endColumn)
    return;
  int64_t inputColumn = firstColumn * shape.stride[1] +
                        column * shape.dilation[1] - shape.pad[1];
  for (int64_t i = firstRow; i < endRow; ++i) {
    int64_t inputRow =
        i * shape.stride[0] + row * shape.dilation[0] - shape.pad[0];
    addRow(sums + i * shape.output[1] + firstColumn,
           channel + inputRow * shape.input[1] + inputColumn, shape.stride[1],
           weight, endColumn - firstColumn);
  }
}

template <typename T>
static void convolve(const Convolution &shape, const T *x, const T *w,
                     T *sums) {
  int64_t groupInputs = shape.inputChannels / shape.groups;
  int64_t groupOutputs = shape.outputChannels / shape.groups;
  int64_t numTaps = shape.kernel[0] * shape.kernel[1];
  int64_t inputPlane = shape.input[0] * shape.input[1];
  int64_t outputPlane = shape.output[0] * shape.output[1];
  for (int64_t image = 0; image < shape.images; ++image)
    for (int64_t output = 0; output < shape.outputChannels; ++output) {
      int64_t firstInput = output / groupOutputs * groupInputs;
      const T *group =
          x + (image * shape.inputChannels + firstInput) * inputPlane;
      const T *weights = w + output * groupInputs * numTaps;
      T *plane = sums + (image * shape.outputChannels + output) * outputPlane;
      auto add = [&](int64_t tap, int64_t input) {
        addTap(shape, group + input * inputPlane,
               weights[input * numTaps + tap], tap / shape.kernel[1],
               tap % shape.kernel[1], plane);
      };
      if (shape.channelsFirst) {
        for (int64_t input = 0; input < groupInputs; ++input)
          for (int64_t tap = 0; tap < numTaps; ++tap)
            add(tap, input);
        continue;
      }
      for (int64_t tap = 0; tap < numTaps; ++tap)
        for (int64_t input = 0; input < groupInputs; ++input)
          add(tap, input);
    }
}

template <typename T>
static void multiply(const MatrixProduct &shape, const T *x, const T *w,
                     T *sums) {
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t term = 0; term < shape.terms; ++term)
      addRow(sums + row * shape.columns, w + term * shape.columns, 1,
             x[row * shape.terms + term], shape.columns);
}

void interpreter::contract(const Convolution &shape, const float *x,
                           const float *w, float *sums) {
  convolve(shape, x, w, sums);
}

void interpreter::contract(const MatrixProduct &shape, const float *x,
                           const float *w, float *sums) {
  multiply(shape, x, w, sums);
}

//===----------------------------------------------------------------------===//
// Exact sums
//===----------------------------------------------------------------------===//

/// The largest magnitude, at least 1.
static uint64_t getMagnitude(ArrayRef<int64_t> values) {
  uint64_t magnitude = 1;
  for (int64_t value : values)
    magnitude = std::max(magnitude, static_cast<uint64_t>(std::abs(value)));
  return magnitude;
}

static bool fitsIn(unsigned bits, ArrayRef<int64_t> x, ArrayRef<int64_t> w,
                   int64_t numTerms) {
  bool overflow = false;
  uint64_t product =
      llvm::SaturatingMultiply(getMagnitude(x), getMagnitude(w), &overflow);
  if (overflow)
    return false;
  uint64_t sum = llvm::SaturatingMultiply(
      product, static_cast<uint64_t>(std::max<int64_t>(numTerms, 1)),
      &overflow);
  return !overflow && sum < uint64_t(1) << bits;
}

bool interpreter::isSumExact(ArrayRef<int64_t> x, ArrayRef<int64_t> w,
                             int64_t numTerms) {
  return fitsIn(63, x, w, numTerms);
}

/// Computes with `T`, which holds every partial sum.
template <typename T, typename Compute>
static std::vector<int64_t> computeWith(ArrayRef<int64_t> x,
                                        ArrayRef<int64_t> w, int64_t numSums,
                                        Compute compute) {
  std::vector<T> xs(x.begin(), x.end()), ws(w.begin(), w.end());
  std::vector<T> sums(numSums);
  compute(xs.data(), ws.data(), sums.data());
  return std::vector<int64_t>(sums.begin(), sums.end());
}

std::vector<int64_t> interpreter::contractExactly(const Convolution &shape,
                                                  ArrayRef<int64_t> x,
                                                  ArrayRef<int64_t> w,
                                                  int64_t numSums) {
  auto compute = [&](auto *xs, auto *ws, auto *sums) {
    convolve(shape, xs, ws, sums);
  };
  if (fitsIn(31, x, w, shape.getNumTerms()))
    return computeWith<int32_t>(x, w, numSums, compute);
  return computeWith<int64_t>(x, w, numSums, compute);
}

std::vector<int64_t> interpreter::contractExactly(const MatrixProduct &shape,
                                                  ArrayRef<int64_t> x,
                                                  ArrayRef<int64_t> w,
                                                  int64_t numSums) {
  auto compute = [&](auto *xs, auto *ws, auto *sums) {
    multiply(shape, xs, ws, sums);
  };
  if (fitsIn(31, x, w, shape.terms))
    return computeWith<int32_t>(x, w, numSums, compute);
  return computeWith<int64_t>(x, w, numSums, compute);
}
