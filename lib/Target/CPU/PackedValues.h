//===- PackedValues.h - packed forms of values and constants ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The packed forms of values and of constants that packed layers read.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_TARGET_CPU_PACKEDVALUES_H
#define DOREFA_LIB_TARGET_CPU_PACKEDVALUES_H

#include "LayoutPlan.h"

namespace mlir::dorefa {

/// The forms of a function's values: those that packed layers write, and those
/// that `dorefa.pack` and `dorefa.unpack` make of them on demand.
class PackedValues {
public:
  explicit PackedValues(const LayoutPlan &plan) : plan(plan) {}

  /// The value in the planned layout that serves who asked for `wanted`.
  Value getPacked(Value value, LayoutAttr wanted);
  /// The value in row-major order.
  Value getRowMajor(Value value);
  /// Says that `form` is `value` in a layout.
  void setPacked(Value value, LayoutAttr layout, Value form) {
    forms[{value, layout}] = form;
  }

private:
  const LayoutPlan &plan;
  /// By the value of before and its layout, which is null for row-major order.
  DenseMap<std::pair<Value, Attribute>, Value> forms;
};

/// The packed type of a tensor of codes or reals.
RankedTensorType getPackedType(RankedTensorType type, Attribute layout);

/// The weights of a product as its engine reads them.
Value packWeights(OpBuilder &builder, Value weights,
                  const PackedProduct &product);

/// A constant of C or C x T elements as one of C' or T x C' elements, C' being
/// what units of 16 channels read; null if it is not constant.
Value packParameter(OpBuilder &builder, Value parameter, int64_t channels);

/// A parameter of one integer a channel.
Value createParameter(OpBuilder &builder, Location loc,
                      ArrayRef<int64_t> values, Type element);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_TARGET_CPU_PACKEDVALUES_H
