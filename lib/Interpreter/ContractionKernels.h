//===- ContractionKernels.h - sums of products on arrays --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Contractions on plain arrays, apart from tensors and their codes: in the
// declared order of fused multiply-adds for reals, exactly for integers.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_INTERPRETER_CONTRACTIONKERNELS_H
#define DOREFA_LIB_INTERPRETER_CONTRACTIONKERNELS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <array>
#include <vector>

namespace mlir::dorefa::interpreter {

/// A convolution with two spatial dimensions; fewer are preceded by some of
/// extent 1.
struct Convolution {
  int64_t images, inputChannels, outputChannels, groups;
  std::array<int64_t, 2> input, output, kernel, stride, pad, dilation;
  /// The input channel is the outermost summation loop, not the innermost.
  bool channelsFirst = false;

  Convolution(ArrayRef<int64_t> inputShape, ArrayRef<int64_t> weightShape,
              ArrayRef<int64_t> resultShape, ConvAttr geometry);

  /// Products in one sum at most.
  int64_t getNumTerms() const {
    return inputChannels / groups * kernel[0] * kernel[1];
  }
  /// The output positions, from the first to before the second, for which the
  /// kernel's position `tap` of spatial dimension `d` is inside the image.
  std::pair<int64_t, int64_t> getInside(unsigned d, int64_t tap) const;
};

/// A product of an M x K and a K x N matrix.
struct MatrixProduct {
  int64_t rows, terms, columns;
};

/// Reals: `acc = +0`, then `acc = fma(x, w, acc)` in the declared order. `sums`
/// is zero before.
void contract(const Convolution &shape, const float *x, const float *w,
              float *sums);
void contract(const MatrixProduct &shape, const float *x, const float *w,
              float *sums);

/// Whether no sum of so many products of these integers leaves 63 bits.
bool isSumExact(ArrayRef<int64_t> x, ArrayRef<int64_t> w, int64_t numTerms);

/// Integers: exact, given isSumExact.
std::vector<int64_t> contractExactly(const Convolution &shape,
                                     ArrayRef<int64_t> x, ArrayRef<int64_t> w,
                                     int64_t numSums);
std::vector<int64_t> contractExactly(const MatrixProduct &shape,
                                     ArrayRef<int64_t> x, ArrayRef<int64_t> w,
                                     int64_t numSums);

} // namespace mlir::dorefa::interpreter

#endif // DOREFA_LIB_INTERPRETER_CONTRACTIONKERNELS_H
