//===- DirectLayout.h - operands of plain loops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the `direct` engine reads: whole bytes or reals, weights in the order in
// which the loop over the window passes them. It is apart from the other
// engines' layouts, as no Engine object stands for it.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_DIRECTLAYOUT_H
#define DOREFA_ENGINE_DIRECTLAYOUT_H

#include "dorefa/Dialect/Dorefa/Transforms/AccumulatorRange.h"
#include "dorefa/Engine/Engine.h"

namespace mlir::dorefa {

/// What holds one stored number, or a real for a null code.
Type getDirectElementType(Builder &builder, CodeAttr code);
int64_t getDirectElementBytes(CodeAttr code);

/// Layouts that plain loops read.
LayoutAttr getDirectInputLayout(MLIRContext *context,
                                const ProductShape &shape, int64_t fill);
DigitsAttr getDirectWeightLayout(MLIRContext *context,
                                 const ProductShape &shape);

/// Bounds of what a product's weights stand for, by their width: `weight` of the
/// stored number, or that if null.
IntegerRange getWeightRange(const ProductShape &shape, AffineAttr weight);

/// Bounds of a product's sums of codes as they are stored, by the widths of both.
IntegerRange getStoredSumRange(const ProductShape &shape, AffineAttr weight);

/// Whether plain loops add a product up in 16 bits: where channels are the lanes
/// and sums fit.
bool hasNarrowDirectSums(const ProductShape &shape, AffineAttr weight);

} // namespace mlir::dorefa

#endif // DOREFA_ENGINE_DIRECTLAYOUT_H
