//===- Gathers.cpp - loops of ops that move elements by index ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A gather is a copy of contiguous runs: for each outer index and each given
// index a run of `inner` elements, in vectors. Indices that are outside, which
// only the run time can tell, are clamped. A resize reads one element at a time
// by a constant table a dimension; dimensions that stay as they are have none.
//
//===----------------------------------------------------------------------===//

#include "StepEmitters.h"
#include "StridedLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

LogicalResult StepEmitter::emitGather(GatherOp op) {
  ArrayRef<int64_t> shape = getShape(op.getInput());
  int64_t axis = op.getAxis(), extent = shape[axis];
  int64_t outer = llvm::product_of(shape.take_front(axis));
  int64_t inner = llvm::product_of(shape.drop_front(axis + 1));
  int64_t count = getTensorType(op.getIndices()).getNumElements();
  Value from = getFlat(op.getInput()), to = getFlat(op.getResult());
  Value indices = getFlat(op.getIndices());
  Type element = cast<MemRefType>(from.getType()).getElementType();
  emitNest(builder, {outer, count}, [&](ValueRange at) {
    Value given = memref::LoadOp::create(builder, indices, at[1]);
    Value index =
        arith::IndexCastOp::create(builder, builder.getIndexType(), given);
    Value zero = getIndex(builder, 0);
    Value isNegative = arith::CmpIOp::create(
        builder, arith::CmpIPredicate::slt, index, zero);
    Value wrapped =
        arith::AddIOp::create(builder, index, getIndex(builder, extent));
    index = arith::SelectOp::create(builder, isNegative, wrapped, index);
    index = arith::MaxSIOp::create(builder, index, zero);
    index = arith::MinSIOp::create(builder, index,
                                   getIndex(builder, extent - 1));
    Value source = getPosition(builder, 0, {at[0], index},
                               {extent * inner, inner});
    Value target =
        getPosition(builder, 0, at, {count * inner, inner});
    auto body = [&](ValueRange positions, ArrayRef<bool>, int64_t lanes) {
      Value read = arith::AddIOp::create(builder, source, positions[0]);
      Value write = arith::AddIOp::create(builder, target, positions[1]);
      if (lanes == 1) {
        Value value = memref::LoadOp::create(builder, from, read);
        memref::StoreOp::create(builder, value, to, write);
        return;
      }
      Value value = vector::LoadOp::create(
          builder, VectorType::get({lanes}, element), from, read);
      vector::StoreOp::create(builder, value, to, write);
    };
    emitStridedLoops(builder, inner, {Access{from, {1}}, Access{to, {1}}},
                     512 / element.getIntOrFloatBitWidth(), body);
  });
  return success();
}

LogicalResult StepEmitter::emitResize(ResizeOp op) {
  ArrayRef<int64_t> shape = getShape(op.getResult());
  Value from = getFlat(op.getInput()), to = getFlat(op.getResult());
  // A table a dimension, but for those that stay as they are.
  SmallVector<Value> tables;
  for (auto [dim, table] : llvm::enumerate(op.getIndices())) {
    ArrayRef<int64_t> indices = cast<DenseI64ArrayAttr>(table).asArrayRef();
    if (llvm::equal(indices, llvm::seq<int64_t>(0, indices.size()))) {
      tables.push_back(Value());
      continue;
    }
    memref::GlobalOp global = constants.getWords(op.getLoc(), indices);
    tables.push_back(memref::GetGlobalOp::create(builder, global.getType(),
                                                 global.getSymName()));
  }
  SmallVector<int64_t> strides = getRowMajorStrides(getShape(op.getInput()));
  emitNest(builder, shape, [&](ValueRange at) {
    SmallVector<Value> source(at);
    for (auto [index, table] : llvm::zip(source, tables))
      if (table)
        index = arith::IndexCastOp::create(
            builder, builder.getIndexType(),
            Value(memref::LoadOp::create(builder, table, index)));
    Value value = memref::LoadOp::create(
        builder, from, getPosition(builder, 0, source, strides));
    memref::StoreOp::create(
        builder, value, to,
        getPosition(builder, 0, at, getRowMajorStrides(shape)));
  });
  return success();
}
