//===- CodeBuilder.cpp - quantizers and dequantizers of a rewrite ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How rewrites build quantizers, dequantizers and constant vectors in their one
// canonical form: the narrowest code type, bounds only where they differ from
// the type's, one value where all are equal. Codes are widened at the op that
// computes them, with copies of the shape ops and pools behind it.
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

/// A clone of a quantizer that stores its codes as another type.
static Value widenQuantizer(OpBuilder &builder, Operation *op, CodeAttr code) {
  auto quantize = dyn_cast<QuantizeOp>(op);
  if (quantize ? quantize.getRounding() == Rounding::Sign : code.getIsSigned())
    return nullptr;
  Operation *copy = builder.clone(*op);
  auto shape = cast<RankedTensorType>(op->getResult(0).getType()).getShape();
  copy->getResult(0).setType(code.getTensorType(shape));
  if (quantize) {
    cast<QuantizeOp>(copy).setMin(quantize.getLowest());
    cast<QuantizeOp>(copy).setMax(quantize.getHighest());
  }
  return copy->getResult(0);
}

Value mlir::dorefa::widenCodes(Value codes, CodeAttr code) {
  if (getCode(codes.getType()) == code)
    return codes;
  // The op, which shape ops and pools follow.
  SmallVector<Operation *> followers;
  Operation *op = codes.getDefiningOp();
  while (isa_and_present<ReshapeOp, TransposeOp, SliceOp, GatherOp, ResizeOp,
                         PoolOp>(op)) {
    followers.push_back(op);
    op = op->getOperand(0).getDefiningOp();
  }
  if (!isa_and_present<QuantizeOp, QuantizeThresholdsOp>(op))
    return nullptr;
  // Behind the quantizer, whose name goes to the first of the two that stays.
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  Value wide = widenQuantizer(builder, op, code);
  if (!wide)
    return nullptr;
  for (Operation *follower : llvm::reverse(followers)) {
    builder.setInsertionPoint(follower);
    Operation *copy = builder.clone(*follower);
    copy->removeDiscardableAttr(valueNameAttr);
    copy->setOperand(0, wide);
    copy->getResult(0).setType(
        withElementsOf(copy->getResult(0).getType(), wide.getType()));
    wide = copy->getResult(0);
  }
  return wide;
}

void mlir::dorefa::eraseDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}
