//===- WindowGeometry.cpp - extents of convolutions and pools ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The extent of a result is
//
//   (extent + pads - (dilation * (kernel - 1) + 1)) / stride + 1
//
// Verifiers and importer both ask here, with numbers from files, so all is
// checked before it is computed with.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/WindowGeometry.h"

using namespace mlir;
using namespace mlir::dorefa;

// Extents and pads beyond this are refused, so that sums and products of a few
// of them stay far from overflow.
static constexpr int64_t maxExtent = int64_t(1) << 31;

static bool isExtent(int64_t value, int64_t least) {
  return value >= least && value <= maxExtent;
}

FailureOr<int64_t> mlir::dorefa::getOutputExtent(int64_t input, int64_t window,
                                                 int64_t stride,
                                                 int64_t padBegin,
                                                 int64_t padEnd,
                                                 int64_t dilation) {
  if (!isExtent(input, 1) || !isExtent(window, 1) || !isExtent(stride, 1) ||
      !isExtent(padBegin, 0) || !isExtent(padEnd, 0) || !isExtent(dilation, 1))
    return failure();
  int64_t reach = dilation * (window - 1) + 1;
  int64_t padded = input + padBegin + padEnd;
  if (padded < reach)
    return failure();
  return (padded - reach) / stride + 1;
}

/// Appends the spatial extents of a result to `shape`.
static LogicalResult appendSpatial(ArrayRef<int64_t> input,
                                   ArrayRef<int64_t> kernel,
                                   ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> pads,
                                   ArrayRef<int64_t> dilations,
                                   SmallVector<int64_t> &shape) {
  size_t rank = kernel.size();
  if (input.size() != rank || strides.size() != rank ||
      dilations.size() != rank || pads.size() != 2 * rank)
    return failure();
  for (size_t i = 0; i < rank; ++i) {
    FailureOr<int64_t> extent = getOutputExtent(
        input[i], kernel[i], strides[i], pads[i], pads[rank + i], dilations[i]);
    if (failed(extent))
      return failure();
    shape.push_back(*extent);
  }
  return success();
}

FailureOr<SmallVector<int64_t>>
mlir::dorefa::getConvShape(ArrayRef<int64_t> input, ArrayRef<int64_t> weight,
                           ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                           ArrayRef<int64_t> dilations, int64_t groups) {
  if (input.size() < 2 || weight.size() != input.size() || groups < 1 ||
      weight[0] % groups != 0 || weight[1] < 1 ||
      input[1] % groups != 0 || input[1] / groups != weight[1])
    return failure();
  SmallVector<int64_t> shape{input[0], weight[0]};
  if (failed(appendSpatial(input.drop_front(2), weight.drop_front(2), strides,
                           pads, dilations, shape)))
    return failure();
  return shape;
}

FailureOr<SmallVector<int64_t>>
mlir::dorefa::getPoolShape(ArrayRef<int64_t> input, ArrayRef<int64_t> kernel,
                           ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                           ArrayRef<int64_t> dilations) {
  if (input.size() < 2)
    return failure();
  SmallVector<int64_t> shape{input[0], input[1]};
  if (failed(appendSpatial(input.drop_front(2), kernel, strides, pads,
                           dilations, shape)))
    return failure();
  return shape;
}
