//===- Copies.cpp - loops of ops that move elements by strides ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Repeating, permuting, slicing, joining and padding are walks through two
// buffers with strides of their own.
//
//===----------------------------------------------------------------------===//

#include "StepEmitters.h"
#include "StridedLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// Copies a box of elements from one buffer to another.
static void emitCopy(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> extents,
                     const Access &from, const Access &to) {
  Type element = cast<MemRefType>(from.buffer.getType()).getElementType();
  auto body = [&](ValueRange positions, ArrayRef<bool> isUniform,
                  int64_t lanes) {
    auto type = VectorType::get({lanes}, element);
    Value value;
    if (lanes == 1 || isUniform[0])
      value = memref::LoadOp::create(builder, from.buffer, positions[0]);
    else
      value = vector::LoadOp::create(builder, type, from.buffer, positions[0]);
    if (lanes == 1) {
      memref::StoreOp::create(builder, value, to.buffer, positions[1]);
      return;
    }
    if (isUniform[0])
      value = vector::BroadcastOp::create(builder, type, value);
    vector::StoreOp::create(builder, value, to.buffer, positions[1]);
  };
  emitStridedLoops(builder, extents, {from, to},
                   512 / element.getIntOrFloatBitWidth(), body);
}

LogicalResult StepEmitter::emitCopies() {
  Operation *op = step.root;
  Value result = op->getResult(0);
  ArrayRef<int64_t> shape = getShape(result);
  Access to{getFlat(result), getRowMajorStrides(shape)};
  auto read = [&](Value tensor, SmallVector<int64_t> strides,
                  int64_t offset = 0) {
    return Access{getFlat(tensor), std::move(strides), offset};
  };

  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    ArrayRef<int64_t> source = getShape(broadcast.getInput());
    SmallVector<int64_t> own = getRowMajorStrides(source);
    SmallVector<int64_t> strides(shape.size(), 0);
    size_t missing = shape.size() - source.size();
    for (size_t i = 0; i < source.size(); ++i)
      strides[missing + i] = source[i] == 1 ? 0 : own[i];
    if (isPacked(result)) // a copy of all bytes
      emitCopy(builder, {getBufferBytes(getTensorType(result))},
               read(broadcast.getInput(), {1}), Access{to.buffer, {1}});
    else
      emitCopy(builder, shape, read(broadcast.getInput(), strides), to);
    return success();
  }
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    SmallVector<int64_t> own =
        getRowMajorStrides(getShape(transpose.getInput()));
    SmallVector<int64_t> strides;
    for (int64_t dim : transpose.getPermutation())
      strides.push_back(own[dim]);
    emitCopy(builder, shape, read(transpose.getInput(), strides), to);
    return success();
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    SmallVector<int64_t> strides =
        getRowMajorStrides(getShape(slice.getInput()));
    int64_t offset = 0;
    for (auto [stride, start, step] :
         llvm::zip(strides, slice.getOffsets(), slice.getSteps())) {
      offset += start * stride;
      stride *= step;
    }
    emitCopy(builder, shape, read(slice.getInput(), strides, offset), to);
    return success();
  }
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    for (Value input : concat.getInputs()) {
      ArrayRef<int64_t> extents = getShape(input);
      emitCopy(builder, extents, read(input, getRowMajorStrides(extents)), to);
      to.offset += extents[concat.getAxis()] * to.strides[concat.getAxis()];
    }
    return success();
  }
  // The pad value everywhere, then the input over it: the walks stay simple,
  // and pads are small.
  auto pad = cast<PadOp>(op);
  SmallVector<int64_t> still(shape.size(), 0);
  emitCopy(builder, shape, read(pad.getValue(), still), to);
  for (auto [stride, low] : llvm::zip(to.strides, pad.getLow()))
    to.offset += low * stride;
  ArrayRef<int64_t> extents = getShape(pad.getInput());
  emitCopy(builder, extents, read(pad.getInput(), getRowMajorStrides(extents)),
           to);
  return success();
}
