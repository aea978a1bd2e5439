//===- Winograd.h - transforms of minimal filtering ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Four sums of a 3 x 3 window, a square of 2 x 2 output pixels, take 16 products
// of each input channel in place of 36 by F(2x2, 3x3) (Lavin and Gray, Fast
// Algorithms for Convolutional Neural Networks, arXiv 1509.09308, section 4.1):
//
//   Y = A^T [sum over channels of (G g G^T) * (B^T d B)] A
//
//         1  0 -1  0          1    0    0          1  1  1  0
//   B^T = 0  1  1  0    G =  1/2  1/2  1/2   A^T = 0  1 -1 -1
//         0 -1  1  0         1/2 -1/2  1/2
//         0  1  0 -1          0    0    1
//
// where d is the 4 x 4 patch of input under the square, g the kernel and * goes
// element by element. In place of G stands 2 G, which has integers only: all of
// this is exact, and 4 Y comes out. Operands have 8 or 16 bits, sums 32; what
// overflows in between is of no matter as long as the operands, and 4 Y, fit in
// the end, for integers of n bits are right modulo 2^n.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_WINOGRAD_H
#define DOREFA_ENGINE_WINOGRAD_H

#include "dorefa/Engine/KernelBuilder.h"

namespace mlir::dorefa::winograd {

/// Extents of a square of output pixels, of a kernel and of a patch of input; and
/// how many pixels and positions these have, in row-major order.
constexpr int64_t square = 2, kernel = 3, patch = 4;
constexpr int64_t pixels = square * square, positions = patch * patch;
/// The position whose element of B^T d B is a sum without differences.
constexpr int64_t positivePosition = 5;

/// Stores a vector at a place of the transformed patch.
using StoreFn = function_ref<void(int64_t position, Value vector)>;

/// B^T d B: `load(row, column)` gives d. An element may be loaded more than once,
/// also behind stores.
void emitInputTransform(KernelBuilder &b,
                        function_ref<Value(int64_t, int64_t)> load,
                        StoreFn store);

/// 4 G g G^T, from the rows of g.
void emitKernelTransform(KernelBuilder &b, ArrayRef<Value> kernel,
                         StoreFn store);

/// Y in row-major order, from `load(position)`, which gives 4 times the products'
/// sums in lanes of 32 bits.
SmallVector<Value> emitSumTransform(KernelBuilder &b,
                                    function_ref<Value(int64_t)> load);

} // namespace mlir::dorefa::winograd

#endif // DOREFA_ENGINE_WINOGRAD_H
