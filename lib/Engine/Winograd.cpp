//===- Winograd.cpp - transforms of minimal filtering ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each transform is one of a dimension, applied to columns and then to rows. The
// input's goes row by row of its result, which needs two rows of the patch: all
// 16 elements would not fit 16 registers.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

static Value add(KernelBuilder &b, Value lhs, Value rhs) {
  return arith::AddIOp::create(b, lhs, rhs);
}

static Value subtract(KernelBuilder &b, Value lhs, Value rhs) {
  return arith::SubIOp::create(b, lhs, rhs);
}

/// Row `row` of B^T times a column of d.
static Value emitInputRow(KernelBuilder &b, int64_t row,
                          function_ref<Value(int64_t)> d) {
  switch (row) {
  case 0:
    return subtract(b, d(0), d(2));
  case 1:
    return add(b, d(1), d(2));
  case 2:
    return subtract(b, d(2), d(1));
  default:
    return subtract(b, d(1), d(3));
  }
}

void winograd::emitInputTransform(KernelBuilder &b,
                                  function_ref<Value(int64_t, int64_t)> load,
                                  StoreFn store) {
  for (int64_t row = 0; row < patch; ++row) {
    SmallVector<Value> columns;
    for (int64_t column = 0; column < patch; ++column)
      columns.push_back(emitInputRow(
          b, row, [&](int64_t i) { return load(i, column); }));
    for (int64_t column = 0; column < patch; ++column)
      store(row * patch + column,
            emitInputRow(b, column, [&](int64_t i) { return columns[i]; }));
  }
}

/// 2 G times a column of g.
static SmallVector<Value> emitKernelColumn(KernelBuilder &b, Value first,
                                           Value second, Value third) {
  Value outer = add(b, first, third);
  return {add(b, first, first), add(b, outer, second),
          subtract(b, outer, second), add(b, third, third)};
}

void winograd::emitKernelTransform(KernelBuilder &b, ArrayRef<Value> rows,
                                   StoreFn store) {
  SmallVector<SmallVector<Value>> columns;
  for (int64_t column = 0; column < kernel; ++column)
    columns.push_back(emitKernelColumn(b, rows[column], rows[kernel + column],
                                       rows[2 * kernel + column]));
  for (int64_t row = 0; row < patch; ++row)
    for (auto [column, value] : llvm::enumerate(emitKernelColumn(
             b, columns[0][row], columns[1][row], columns[2][row])))
      store(row * patch + column, value);
}

/// A^T times a column of four.
static std::pair<Value, Value> emitSumColumn(KernelBuilder &b,
                                             ArrayRef<Value> m) {
  return {add(b, add(b, m[0], m[1]), m[2]),
          subtract(b, subtract(b, m[1], m[2]), m[3])};
}

SmallVector<Value> winograd::emitSumTransform(KernelBuilder &b,
                                              function_ref<Value(int64_t)> load) {
  SmallVector<Value> top, bottom;
  for (int64_t column = 0; column < patch; ++column) {
    SmallVector<Value> m;
    for (int64_t row = 0; row < patch; ++row)
      m.push_back(load(row * patch + column));
    auto [first, second] = emitSumColumn(b, m);
    top.push_back(first);
    bottom.push_back(second);
  }
  SmallVector<Value> result;
  for (ArrayRef<Value> row : {ArrayRef(top), ArrayRef(bottom)}) {
    auto [left, right] = emitSumColumn(b, row);
    result.append({left, right});
  }
  for (Value &sum : result)
    sum = arith::ShRSIOp::create(
        b, sum, b.splat(int64_t(2), cast<VectorType>(sum.getType())));
  return result;
}
