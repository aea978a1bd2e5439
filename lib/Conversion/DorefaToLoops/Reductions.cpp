//===- Reductions.cpp - loops of reductions along dimensions ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sums of reals have 64 lanes: element i is added to lane i mod 64, and at the
// end the upper half of the lanes is added to the lower until one is left. The
// lanes lie in scratch memory.
//
//===----------------------------------------------------------------------===//

#include "OperandReader.h"
#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "PackedBuffers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

static constexpr int64_t numLanes = 64;

int64_t loops::getReductionScratch() { return numLanes * 4; }

static Value load(ImplicitLocOpBuilder &b, Value buffer, Value position) {
  return memref::LoadOp::create(b, buffer, position);
}

/// The sum of `element(indices)` over `extents`, in lanes.
static Value emitLaneSum(ImplicitLocOpBuilder &b, Value lanes,
                         ArrayRef<int64_t> extents,
                         function_ref<Value(ValueRange)> element) {
  auto vectorOf = [&](int64_t count) {
    return VectorType::get({count}, b.getF32Type());
  };
  Value first = getIndex(b, 0);
  vector::StoreOp::create(b, getConstant(b, vectorOf(numLanes), 0), lanes,
                          first);
  SmallVector<int64_t> strides = getRowMajorStrides(extents);
  emitNest(b, extents, [&](ValueRange indices) {
    Value number = getPosition(b, 0, indices, strides);
    Value lane = arith::AndIOp::create(b, number, getIndex(b, numLanes - 1));
    Value sum =
        arith::AddFOp::create(b, load(b, lanes, lane), element(indices));
    memref::StoreOp::create(b, sum, lanes, lane);
  });
  for (int64_t half = numLanes / 2; half > 0; half /= 2) {
    Value low = vector::LoadOp::create(b, vectorOf(half), lanes, first);
    Value high = vector::LoadOp::create(b, vectorOf(half), lanes,
                                        getIndex(b, half));
    vector::StoreOp::create(b, arith::AddFOp::create(b, low, high), lanes,
                            first);
  }
  return load(b, lanes, first);
}

/// The maximum or minimum of `element(indices)` over `extents`.
static Value emitExtremum(ImplicitLocOpBuilder &b, Value lanes,
                          ArrayRef<int64_t> extents, bool isMax,
                          function_ref<Value(ValueRange)> element) {
  double worst = std::numeric_limits<double>::infinity();
  Value first = getIndex(b, 0);
  memref::StoreOp::create(
      b, getConstant(b, b.getF32Type(), isMax ? -worst : worst), lanes, first);
  emitNest(b, extents, [&](ValueRange indices) {
    Value best = load(b, lanes, first), value = element(indices);
    if (isMax)
      best = arith::MaximumFOp::create(b, best, value);
    else
      best = arith::MinimumFOp::create(b, best, value);
    memref::StoreOp::create(b, best, lanes, first);
  });
  return load(b, lanes, first);
}

/// The exact sum of integers, as a real.
static Value emitIntegerSum(ImplicitLocOpBuilder &b, Value sums,
                            ArrayRef<int64_t> extents,
                            function_ref<Value(ValueRange)> element) {
  Value first = getIndex(b, 0);
  memref::StoreOp::create(b, getConstant(b, b.getI64Type(), 0), sums, first);
  emitNest(b, extents, [&](ValueRange indices) {
    Value sum =
        arith::AddIOp::create(b, load(b, sums, first), element(indices));
    memref::StoreOp::create(b, sum, sums, first);
  });
  return arith::SIToFPOp::create(b, b.getF32Type(), load(b, sums, first));
}

LogicalResult StepEmitter::emitReduce(ReduceOp op) {
  ArrayRef<int64_t> shape = getShape(op.getInput());
  SmallVector<int64_t> kept(shape), reduced(shape.size(), 1);
  for (int64_t axis : op.getAxes()) {
    reduced[axis] = shape[axis];
    kept[axis] = 1;
  }
  OperandReader reader(builder, op, op.getInput(),
                       [&](Value tensor) { return getFlat(tensor); });
  Value result = getFlat(op.getResult());
  Value lanes = getElementView(builder, scratch, builder.getF32Type());
  SmallVector<int64_t> strides = getRowMajorStrides(kept);
  emitNest(builder, kept, [&](ValueRange outer) {
    // Along each dimension one of both indices is 0.
    auto join = [&](ValueRange inner) {
      SmallVector<Value> indices;
      for (size_t dim = 0; dim < shape.size(); ++dim)
        indices.push_back(kept[dim] != 1 ? outer[dim] : inner[dim]);
      return indices;
    };
    Value value;
    bool isMax = op.getKind() == ReduceKind::Max;
    auto real = [&](ValueRange inner) { return reader.readReal(join(inner)); };
    if (isMax || op.getKind() == ReduceKind::Min) {
      value = emitExtremum(builder, lanes, reduced, isMax, real);
    } else if (reader.isCoded()) {
      value = emitIntegerSum(
          builder, getElementView(builder, scratch, builder.getI64Type()),
          reduced,
          [&](ValueRange inner) { return reader.readInteger(join(inner)); });
      SmallVector<Value> zeros(shape.size(), getIndex(builder, 0));
      value = arith::MulFOp::create(builder, value,
                                    reader.readScale(join(zeros)));
    } else {
      value = emitLaneSum(builder, lanes, reduced, real);
    }
    if (op.getKind() == ReduceKind::Mean)
      value = arith::DivFOp::create(
          builder, value,
          getConstant(builder, builder.getF32Type(),
                      static_cast<float>(llvm::product_of(reduced))));
    memref::StoreOp::create(builder, value, result,
                            getPosition(builder, 0, outer, strides));
  });
  return success();
}

LogicalResult StepEmitter::emitSoftmax(SoftmaxOp op) {
  ArrayRef<int64_t> shape = getShape(op.getInput());
  int64_t axis = op.getAxis();
  SmallVector<int64_t> outerExtents(shape);
  outerExtents[axis] = 1;
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  Value input = getFlat(op.getInput()), result = getFlat(op.getResult());
  Value lanes = getElementView(builder, scratch, builder.getF32Type());
  Type real = builder.getF32Type();
  func::FuncOp exp = constants.getScalarFunction(
      "dorefa_expf", builder.getFunctionType(real, real));
  emitNest(builder, outerExtents, [&](ValueRange outer) {
    Value base = getPosition(builder, 0, outer, strides);
    auto at = [&](ValueRange inner) {
      return getPosition(builder, 0, {base, inner[0]}, {1, strides[axis]});
    };
    ArrayRef<int64_t> row = shape.slice(axis, 1);
    Value largest = emitExtremum(
        builder, lanes, row, /*isMax=*/true,
        [&](ValueRange inner) { return load(builder, input, at(inner)); });
    Value sum =
        emitLaneSum(builder, lanes, row, [&](ValueRange inner) -> Value {
          Value shifted = arith::SubFOp::create(
              builder, load(builder, input, at(inner)), largest);
          Value power =
              func::CallOp::create(builder, exp, shifted).getResult(0);
          memref::StoreOp::create(builder, power, result, at(inner));
          return power;
        });
    emitNest(builder, row, [&](ValueRange inner) {
      Value share = arith::DivFOp::create(
          builder, load(builder, result, at(inner)), sum);
      memref::StoreOp::create(builder, share, result, at(inner));
    });
  });
  return success();
}

LogicalResult StepEmitter::emitArgMax(ArgMaxOp op) {
  using Predicate = arith::CmpFPredicate;
  ArrayRef<int64_t> shape = getShape(op.getInput());
  int64_t axis = op.getAxis();
  SmallVector<int64_t> outerExtents(shape);
  outerExtents[axis] = 1;
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  SmallVector<int64_t> resultStrides = getRowMajorStrides(outerExtents);
  Value input = getFlat(op.getInput()), result = getFlat(op.getResult());
  auto compare = [&](Predicate how, Value lhs, Value rhs) {
    return arith::CmpFOp::create(builder, how, lhs, rhs);
  };
  emitNest(builder, outerExtents, [&](ValueRange outer) {
    Value base = getPosition(builder, 0, outer, strides);
    auto next = [&](Value index, ValueRange best) -> SmallVector<Value> {
      Value value = load(builder, input,
                         getPosition(builder, 0, {base, index},
                                     {1, strides[axis]}));
      // NaN is the largest.
      Value isNaN = compare(Predicate::UNO, value, value);
      Value isBetter = compare(
          op.getSelectLast() ? Predicate::OGE : Predicate::OGT, value, best[0]);
      if (!op.getSelectLast())
        isNaN = arith::AndIOp::create(
            builder, isNaN, compare(Predicate::ORD, best[0], best[0]));
      Value takes = arith::OrIOp::create(builder, isBetter, isNaN);
      return {arith::SelectOp::create(builder, takes, value, best[0]),
              arith::SelectOp::create(builder, takes, index, best[1])};
    };
    Value start = getIndex(builder, 0);
    SmallVector<Value> best = emitCarryingFor(
        builder, getIndex(builder, 1), getIndex(builder, shape[axis]),
        {load(builder, input, base), start}, next);
    Value index =
        arith::IndexCastOp::create(builder, builder.getI64Type(), best[1]);
    memref::StoreOp::create(builder, index, result,
                            getPosition(builder, 0, outer, resultStrides));
  });
  return success();
}
