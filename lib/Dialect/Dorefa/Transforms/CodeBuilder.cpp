//===- CodeBuilder.cpp - quantizers and dequantizers of a rewrite ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How rewrites build quantizers, dequantizers and constant vectors in their one
// canonical form: the narrowest code type, bounds only where they differ from
// the type's, one value where all are equal. Codes are widened at the quantizers
// that compute them, with copies of the shape ops, concatenations and pools
// behind those; codes of another origin are rounded a second time.
//
//===----------------------------------------------------------------------===//

#include "CodeBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::dorefa;

void mlir::dorefa::copyValueName(Operation *from, Operation *to) {
  if (Attribute name = from->getDiscardableAttr(valueNameAttr))
    to->setDiscardableAttr(valueNameAttr, name);
}

QuantizeOp mlir::dorefa::createQuantize(OpBuilder &builder, Location loc,
                                        Value input, Rounding rounding,
                                        int64_t low, int64_t high) {
  auto code = CodeAttr::getForRange(builder.getContext(), low, high);
  auto shape = cast<RankedTensorType>(input.getType()).getShape();
  auto bound = [&](int64_t value, int64_t implied) {
    return value == implied ? IntegerAttr() : builder.getI64IntegerAttr(value);
  };
  return QuantizeOp::create(builder, loc, code.getTensorType(shape), input,
                            RoundingAttr::get(builder.getContext(), rounding),
                            bound(low, code.getMin()),
                            bound(high, code.getMax()));
}

Value mlir::dorefa::createVector(OpBuilder &builder, Location loc,
                                 ArrayRef<float> values) {
  SmallVector<int64_t, 1> shape;
  if (values.size() > 1)
    shape.push_back(values.size());
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}

Value mlir::dorefa::createAlong(OpBuilder &builder, Location loc,
                                ArrayRef<float> values, int64_t axis,
                                RankedTensorType type) {
  Value vector = createVector(builder, loc, values);
  if (values.size() > 1) {
    SmallVector<int64_t> shape(type.getRank() - axis, 1);
    shape.front() = values.size();
    vector = ReshapeOp::create(
        builder, loc, RankedTensorType::get(shape, builder.getF32Type()),
        vector);
  }
  return BroadcastOp::create(builder, loc, type, vector);
}

DequantizeOp mlir::dorefa::createDequantize(OpBuilder &builder, Location loc,
                                            Value codes, ArrayRef<float> scale,
                                            ArrayRef<int64_t> zero,
                                            int64_t axis, int64_t step) {
  SmallVector<int64_t, 1> shape;
  if (zero.size() > 1)
    shape.push_back(zero.size());
  auto zeroType = RankedTensorType::get(shape, builder.getI32Type());
  SmallVector<int32_t> zeros(zero.begin(), zero.end());
  Value zeroPoint = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get<int32_t>(zeroType, zeros));
  auto type = cast<RankedTensorType>(codes.getType());
  bool hasAxis = scale.size() > 1 || zero.size() > 1;
  return DequantizeOp::create(
      builder, loc,
      RankedTensorType::get(type.getShape(), builder.getF32Type()), codes,
      createVector(builder, loc, scale), zeroPoint, hasAxis ? axis : 0, step);
}

RankedTensorType mlir::dorefa::withElementsOf(Type type, Type elements) {
  auto from = cast<RankedTensorType>(elements);
  return RankedTensorType::get(cast<RankedTensorType>(type).getShape(),
                               from.getElementType(), from.getEncoding());
}

/// Stores the codes of a quantizer as another type, with the same bounds.
static void setCode(QuantizeOp op, CodeAttr code) {
  op.setMin(op.getLowest());
  op.setMax(op.getHighest());
  op.getResult().setType(code.getTensorType(shapeOf(op.getResult())));
}

Value mlir::dorefa::recode(Value codes, int64_t step, int64_t offset,
                           CodeAttr code) {
  CodeAttr from = getCode(codes.getType());
  int64_t low = step * from.getMin() + offset;
  int64_t high = step * from.getMax() + offset;
  constexpr int64_t maxExact = 1 << 24;
  if (low < -maxExact || high > maxExact)
    return nullptr;
  OpBuilder builder(codes.getContext());
  builder.setInsertionPointAfterValue(codes);
  Location loc = codes.getLoc();
  Value whole = createDequantize(builder, loc, codes, /*scale=*/1.0f, -offset,
                                 /*axis=*/0, step);
  QuantizeOp result =
      createQuantize(builder, loc, whole, Rounding::HalfEven, low, high);
  if (result.getCode() != code)
    setCode(result, code);
  return result;
}

/// A clone of a quantizer that stores its codes as another type; null where its
/// codes have one type alone.
static Value widenQuantizer(OpBuilder &builder, Operation *op, CodeAttr code) {
  auto quantize = dyn_cast<QuantizeOp>(op);
  if (quantize ? quantize.getRounding() == Rounding::Sign : code.getIsSigned())
    return nullptr;
  Operation *copy = builder.clone(*op);
  if (quantize)
    setCode(cast<QuantizeOp>(copy), code);
  else
    copy->getResult(0).setType(code.getTensorType(shapeOf(op->getResult(0))));
  return copy->getResult(0);
}

Value mlir::dorefa::widenCodes(Value codes, CodeAttr code) {
  if (getCode(codes.getType()) == code)
    return codes;
  Operation *op = codes.getDefiningOp();
  auto recoded = [&] { return recode(codes, /*step=*/1, /*offset=*/0, code); };
  if (isa_and_present<QuantizeOp, QuantizeThresholdsOp>(op)) {
    // Behind the quantizer, whose name goes to the first of the two that stays.
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    Value wide = widenQuantizer(builder, op, code);
    return wide ? wide : recoded();
  }
  unsigned count = 1;
  if (auto concat = dyn_cast_or_null<ConcatOp>(op))
    count = concat.getInputs().size();
  else if (!isa_and_present<ReshapeOp, TransposeOp, SliceOp, GatherOp, ResizeOp,
                            PoolOp>(op))
    return recoded();
  SmallVector<Value> wide;
  for (Value input : op->getOperands().take_front(count))
    if (!wide.emplace_back(widenCodes(input, code)))
      return nullptr;
  OpBuilder builder(op);
  Operation *copy = builder.clone(*op);
  copy->removeDiscardableAttr(valueNameAttr);
  copy->setOperands(0, count, wide);
  copy->getResult(0).setType(
      withElementsOf(copy->getResult(0).getType(), wide.front().getType()));
  return copy->getResult(0);
}
