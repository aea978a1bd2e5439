//===- Matmul.cpp - loops of matrix products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Matrix products outside of layers. Of reals: neighbouring columns are lanes,
// each a chain of fused multiply-adds in the order of k that the op defines. Of
// codes: the sum in 64 bits, which cannot overflow, then the two scales as
// `dorefa.matmul` says.
//
//===----------------------------------------------------------------------===//

#include "OperandReader.h"
#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// Strides of an operand whose leading dimensions may be repeated.
static SmallVector<int64_t> getBatchStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  for (size_t i = 0; i + 2 < shape.size(); ++i)
    if (shape[i] == 1)
      strides[i] = 0;
  return strides;
}

/// A vector of neighbouring results at a time, each in the order of k.
static void emitRealMatmul(ImplicitLocOpBuilder &builder, MatmulOp op,
                           Value lhs, Value rhs, Value result,
                           WorkItems &items) {
  ArrayRef<int64_t> shape = getShape(op.getResult());
  size_t rank = shape.size();
  int64_t depth = getShape(op.getLhs()).back();
  SmallVector<int64_t> left = getBatchStrides(getShape(op.getLhs())),
                       right = getBatchStrides(getShape(op.getRhs()));
  int64_t leftStep = left[rank - 1], rightStep = right[rank - 2];
  left[rank - 1] = 0;
  right[rank - 2] = 0;
  auto body = [&](ValueRange positions, ArrayRef<bool>, int64_t lanes) {
    Type real = builder.getF32Type();
    Type type = lanes == 1 ? real : VectorType::get({lanes}, real);
    auto next = [&](Value k, ValueRange sum) -> SmallVector<Value> {
      Value x = memref::LoadOp::create(
          builder, lhs,
          getPosition(builder, 0, {positions[0], k}, {1, leftStep}));
      Value position =
          getPosition(builder, 0, {positions[1], k}, {1, rightStep});
      Value w;
      if (lanes == 1) {
        w = memref::LoadOp::create(builder, rhs, position);
      } else {
        x = vector::BroadcastOp::create(builder, type, x);
        w = vector::LoadOp::create(builder, cast<VectorType>(type), rhs,
                                   position);
      }
      return {math::FmaOp::create(builder, x, w, sum[0])};
    };
    Value sum = emitCarryingFor(builder, getIndex(builder, 0),
                                getIndex(builder, depth),
                                getConstant(builder, type, 0), next)[0];
    if (lanes == 1)
      memref::StoreOp::create(builder, sum, result, positions[2]);
    else
      vector::StoreOp::create(builder, sum, result, positions[2]);
  };
  emitStridedLoops(builder, shape,
                   {Access{lhs, left}, Access{rhs, right},
                    Access{result, getRowMajorStrides(shape)}},
                   16, body, &items);
}

LogicalResult StepEmitter::emitMatmul(MatmulOp op) {
  auto flat = [&](Value tensor) { return getFlat(tensor); };
  OperandReader lhs(builder, op, op.getLhs(), flat);
  OperandReader rhs(builder, op, op.getRhs(), flat);
  Value result = getFlat(op.getResult());
  if (!lhs.isCoded()) {
    emitRealMatmul(builder, op, getFlat(op.getLhs()), getFlat(op.getRhs()),
                   result, items);
    return success();
  }
  ArrayRef<int64_t> shape = getShape(op.getResult());
  size_t rank = shape.size();
  overResults(shape, [&](ValueRange at) {
    Value zero = getIndex(builder, 0);
    auto getIndices = [&](Value operand, size_t contracted, Value k) {
      SmallVector<Value> indices(at);
      for (size_t i = 0; i + 2 < rank; ++i)
        if (getShape(operand)[i] == 1)
          indices[i] = zero;
      indices[contracted] = k;
      return indices;
    };
    auto next = [&](Value k, ValueRange sum) -> SmallVector<Value> {
      Value x = lhs.readInteger(getIndices(op.getLhs(), rank - 1, k));
      Value w = rhs.readInteger(getIndices(op.getRhs(), rank - 2, k));
      return {arith::AddIOp::create(builder, sum[0],
                                    arith::MulIOp::create(builder, x, w))};
    };
    Value sum = emitCarryingFor(
        builder, zero, getIndex(builder, getShape(op.getLhs()).back()),
        getConstant(builder, builder.getI64Type(), 0), next)[0];
    Value scale = arith::MulFOp::create(
        builder, lhs.readScale(getIndices(op.getLhs(), rank - 1, zero)),
        rhs.readScale(getIndices(op.getRhs(), rank - 2, zero)));
    Value real = arith::SIToFPOp::create(builder, builder.getF32Type(), sum);
    memref::StoreOp::create(
        builder, arith::MulFOp::create(builder, real, scale), result,
        getPosition(builder, 0, at, getRowMajorStrides(shape)));
  });
  return success();
}
