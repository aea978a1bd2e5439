//===- Elementwise.cpp - loops of elementwise ops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A step of elementwise ops is one loop nest over the shape of its root. An
// operand from outside is read where its strides say (0 along dimensions that
// it is repeated over); what is the same for all lanes of a vector stays a
// scalar until an op needs it as a vector, so that work on the parameters of a
// channel is done once and moves out of the inner loop.
//
//===----------------------------------------------------------------------===//

#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// The strides of `source`, aligned at the last dimension of `shape`.
static SmallVector<int64_t> getBroadcastStrides(ArrayRef<int64_t> source,
                                                ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 0);
  SmallVector<int64_t> own = getRowMajorStrides(source);
  size_t missing = shape.size() - source.size();
  for (size_t i = 0; i < source.size(); ++i)
    strides[missing + i] = source[i] == 1 ? 0 : own[i];
  return strides;
}

/// Strides of a parameter whose first dimension is the channel `axis`.
static SmallVector<int64_t> getChannelStrides(Value parameter, int64_t axis,
                                              size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  ArrayRef<int64_t> shape = getShape(parameter);
  if (!shape.empty() && shape[0] != 1)
    strides[axis] = getRowMajorStrides(shape)[0];
  return strides;
}

/// How the operand of an elementwise op is read by a nest over `shape`.
static SmallVector<int64_t> getOperandStrides(OpOperand &operand, Value source,
                                              ArrayRef<int64_t> shape) {
  Operation *op = operand.getOwner();
  bool isParameter = operand.getOperandNumber() > 0;
  if (auto dequantize = dyn_cast<DequantizeOp>(op); dequantize && isParameter)
    return getChannelStrides(source, dequantize.getAxis(), shape.size());
  if (auto quantize = dyn_cast<QuantizeThresholdsOp>(op);
      quantize && isParameter)
    return getChannelStrides(source, quantize.getAxis(), shape.size());
  if (isa<BatchNormOp>(op) && isParameter)
    return getChannelStrides(source, 1, shape.size());
  return getBroadcastStrides(getShape(source), shape);
}

namespace {
/// Emits the ops of a step for one vector of elements.
class LaneEmitter {
public:
  LaneEmitter(ImplicitLocOpBuilder &builder, ConstantPool &constants,
              int64_t lanes)
      : builder(builder), constants(constants), lanes(lanes) {}

  /// `op` on operands that are scalars (the same for all lanes) or vectors.
  FailureOr<Value> emit(Operation *op, ArrayRef<Value> operands);

  /// Element `position` of a buffer, or the vector from there on.
  Value load(Value buffer, Value position, bool isUniform, Type element);
  void store(Value value, Value buffer, Value position);
  Value widen(Value value);

private:
  Value emitBatchNorm(BatchNormOp op, ArrayRef<Value> operands);
  FailureOr<Value> emitClone(Operation *op, ArrayRef<Value> operands);

  ImplicitLocOpBuilder &builder;
  ConstantPool &constants;
  int64_t lanes;
};
} // namespace

Value LaneEmitter::widen(Value value) {
  if (lanes == 1 || isa<VectorType>(value.getType()))
    return value;
  auto type = VectorType::get({lanes}, value.getType());
  return vector::BroadcastOp::create(builder, type, value);
}

Value LaneEmitter::load(Value buffer, Value position, bool isUniform,
                        Type element) {
  Type stored = cast<MemRefType>(buffer.getType()).getElementType();
  Value value;
  if (isUniform)
    value = memref::LoadOp::create(builder, buffer, position);
  else
    value = vector::LoadOp::create(builder, VectorType::get({lanes}, stored),
                                   buffer, position);
  if (element == stored)
    return value;
  return arith::TruncIOp::create(builder, getTypeLike(value.getType(), element),
                                 value);
}

void LaneEmitter::store(Value value, Value buffer, Value position) {
  Type stored = cast<MemRefType>(buffer.getType()).getElementType();
  value = widen(value);
  if (getElementTypeOrSelf(value.getType()) != stored)
    value = arith::ExtUIOp::create(
        builder, getTypeLike(value.getType(), stored), value);
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(builder, value, buffer, position);
  else
    memref::StoreOp::create(builder, value, buffer, position);
}

Value LaneEmitter::emitBatchNorm(BatchNormOp op, ArrayRef<Value> operands) {
  Value x = widen(operands[0]);
  SmallVector<Value> wide;
  for (Value parameter : operands.drop_front())
    wide.push_back(arith::ExtFOp::create(
        builder, getTypeLike(parameter.getType(), builder.getF64Type()),
        parameter));
  auto [gamma, beta, mean, variance] =
      std::tuple(wide[0], wide[1], wide[2], wide[3]);
  // All parameters come along the same strides, so all are scalars or none.
  Value epsilon = getConstant(builder, variance.getType(),
                              op.getEpsilon().convertToFloat());
  Value deviation = math::SqrtOp::create(
      builder, arith::AddFOp::create(builder, variance, epsilon));
  Value factor = arith::DivFOp::create(builder, gamma, deviation);
  Value offset = arith::SubFOp::create(
      builder, beta, arith::MulFOp::create(builder, mean, factor));
  auto narrow = [&](Value value) {
    return widen(arith::TruncFOp::create(
        builder, getTypeLike(value.getType(), builder.getF32Type()), value));
  };
  Value product = arith::MulFOp::create(builder, x, narrow(factor));
  return arith::AddFOp::create(builder, product, narrow(offset));
}

FailureOr<Value> LaneEmitter::emitClone(Operation *op,
                                        ArrayRef<Value> operands) {
  bool isVector = llvm::any_of(operands, [](Value operand) {
    return isa<VectorType>(operand.getType());
  });
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  Type type = element;
  if (isVector)
    type = VectorType::get({lanes}, element);
  StringRef function = getRuntimeFunction(op);
  if (!function.empty()) {
    SmallVector<Type> arguments(operands.size(), element);
    func::FuncOp callee = constants.getScalarFunction(
        function, builder.getFunctionType(arguments, element));
    return func::CallOp::create(builder, callee, operands).getResult(0);
  }
  IRMapping mapping;
  for (auto [operand, value] : llvm::zip(op->getOperands(), operands))
    mapping.map(operand, isVector ? widen(value) : value);
  Operation *clone = builder.clone(*op, mapping);
  clone->setDiscardableAttrs(DictionaryAttr::get(op->getContext()));
  clone->getResult(0).setType(type);
  return clone->getResult(0);
}

FailureOr<Value> LaneEmitter::emit(Operation *op, ArrayRef<Value> operands) {
  if (auto quantize = dyn_cast<QuantizeOp>(op))
    return emitQuantize(builder, operands[0], quantize.getRounding(),
                        quantize.getCode(), quantize.getLowest(),
                        quantize.getHighest());
  if (auto dequantize = dyn_cast<DequantizeOp>(op))
    return emitDequantize(builder, widen(operands[0]), dequantize.getCode(),
                          dequantize.getStep(), widen(operands[2]),
                          widen(operands[1]));
  if (auto norm = dyn_cast<BatchNormOp>(op))
    return emitBatchNorm(norm, operands);
  return emitClone(op, operands);
}

/// Counts thresholds `position + t` of the buffer for each lane of `x`.
static Value emitCount(ImplicitLocOpBuilder &builder, QuantizeThresholdsOp op,
                       Value x, Value thresholds, Value position,
                       Type element) {
  Type type = getTypeLike(x.getType(), element);
  int64_t count = getShape(op.getThresholds())[1];
  auto next = [&](Value t, ValueRange sum) -> SmallVector<Value> {
    Value threshold = memref::LoadOp::create(
        builder, thresholds,
        ValueRange{arith::AddIOp::create(builder, position, t)});
    if (auto vector = dyn_cast<VectorType>(x.getType()))
      threshold = vector::BroadcastOp::create(builder, vector, threshold);
    Value met = arith::CmpFOp::create(builder, arith::CmpFPredicate::OGE, x,
                                      threshold);
    Value one = arith::ExtUIOp::create(builder, type, met);
    return {arith::AddIOp::create(builder, sum[0], one)};
  };
  return emitCarryingFor(builder, getIndex(builder, 0),
                         getIndex(builder, count),
                         getConstant(builder, type, 0), next)[0];
}

LogicalResult StepEmitter::emitElementwise() {
  Value result = step.root->getResult(0);
  ArrayRef<int64_t> shape = getShape(result);
  int64_t maxLanes = 16;
  // One access for each operand that is read, the result's last.
  SmallVector<Access> accesses;
  llvm::DenseMap<OpOperand *, unsigned> accessOf;
  for (Operation *op : step.ops) {
    if (!getRuntimeFunction(op).empty())
      maxLanes = 1;
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *producer = operand.get().getDefiningOp();
      Value source = getElementwiseSource(operand.get());
      bool isTable = isa<QuantizeThresholdsOp>(op) &&
                     operand.getOperandNumber() == 1;
      if ((producer && step.contains(producer)) ||
          (getSplat(source) && !isTable))
        continue;
      Access access;
      access.buffer = getFlat(source);
      access.strides = getOperandStrides(operand, source, shape);
      // Lanes of different channels would need different tables.
      if (isTable &&
          llvm::all_of(
              shape.drop_front(cast<QuantizeThresholdsOp>(op).getAxis() + 1),
              [](int64_t extent) { return extent == 1; }))
        maxLanes = 1;
      accessOf[&operand] = accesses.size();
      accesses.push_back(std::move(access));
    }
  }
  Access output;
  output.buffer = getFlat(result);
  output.strides = getRowMajorStrides(shape);
  accesses.push_back(std::move(output));

  LogicalResult status = success();
  auto body = [&](ValueRange positions, ArrayRef<bool> isUniform,
                  int64_t lanes) {
    LaneEmitter emitter(builder, constants, lanes);
    llvm::DenseMap<Value, Value> values;
    for (Operation *op : step.ops) {
      SmallVector<Value> operands;
      auto thresholds = dyn_cast<QuantizeThresholdsOp>(op);
      for (OpOperand &operand : op->getOpOperands()) {
        Value source = getElementwiseSource(operand.get());
        Type element = getTensorType(source).getElementType();
        if (Value known = values.lookup(operand.get())) {
          operands.push_back(known);
        } else if (auto it = accessOf.find(&operand); it != accessOf.end()) {
          if (thresholds && operand.getOperandNumber() == 1)
            continue;
          unsigned i = it->second;
          operands.push_back(emitter.load(accesses[i].buffer, positions[i],
                                          isUniform[i], element));
        } else {
          operands.push_back(
              arith::ConstantOp::create(builder, getSplat(source)));
        }
      }
      FailureOr<Value> value = failure();
      if (thresholds) {
        unsigned i = accessOf.lookup(&op->getOpOperand(1));
        Type element = getTensorType(op->getResult(0)).getElementType();
        value = emitCount(builder, thresholds, operands[0], accesses[i].buffer,
                          positions[i], element);
      } else {
        value = emitter.emit(op, operands);
      }
      if (failed(value)) {
        status = failure();
        return;
      }
      values[op->getResult(0)] = *value;
    }
    emitter.store(values[result], accesses.back().buffer, positions.back());
  };
  emitStridedLoops(builder, shape, accesses, maxLanes, body, &items);
  return status;
}
