//===- RealBound.cpp - reals that are finite whatever the input -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Bounds are computed in binary64 from those of the operands, and count only up
// to half of binary32's range, which leaves room for the roundings of a chain.
// They begin at what cannot be infinite: codes with finite scales, and sums of
// them; an input of reals has none.
//
//===----------------------------------------------------------------------===//

#include "RealBound.h"
#include "LayerConstants.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cfloat>
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

using Bound = std::optional<double>;

/// Half of what binary32 holds: room for what rounding adds along a chain of
/// any length that a graph has.
static Bound checkBound(double bound) {
  return bound < FLT_MAX / 2 ? Bound(bound) : std::nullopt;
}

static Bound getLargest(ArrayRef<float> values) {
  double largest = 0;
  for (float value : values) {
    if (!std::isfinite(value))
      return std::nullopt;
    largest = std::max<double>(largest, std::fabs(value));
  }
  return largest;
}

static Bound getContractionBound(Operation *op) {
  std::optional<CodedContraction> coded = getCodedContraction(op);
  if (!coded || !coded->fits())
    return std::nullopt;
  double bound = std::ldexp(1.0, coded->getSumBits());
  for (const CodedOperand &operand : coded->operands) {
    Bound scale = getLargest(operand.resultScale);
    if (operand.resultScale.empty() || !scale)
      return std::nullopt;
    bound *= *scale;
  }
  return bound;
}

static Bound getDequantizeBound(DequantizeOp op) {
  std::optional<SmallVector<float>> scale = getConstantFloats(op.getScale());
  Bound largest = scale ? getLargest(*scale) : std::nullopt;
  if (!largest)
    return std::nullopt;
  // Codes have 32 bits, zero points as well, and steps are 1 or 2.
  return std::ldexp(*largest, 34);
}

static Bound getBatchNormBound(BatchNormOp op) {
  std::optional<BatchNormConstants> constants = getBatchNormConstants(op);
  Bound input = getRealBound(op.getInput());
  if (!constants || !input)
    return std::nullopt;
  Bound factor = getLargest(constants->factor);
  Bound addend = getLargest(constants->addend);
  if (!factor || !addend)
    return std::nullopt;
  return *input * *factor + *addend;
}

static Bound computeBound(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !typeOf(value).getElementType().isF32())
    return std::nullopt;
  if (isConstant(value)) {
    std::optional<SmallVector<float>> elements = getConstantFloats(value);
    return elements ? getLargest(*elements) : std::nullopt;
  }
  if (isContraction(op))
    return getContractionBound(op);
  if (auto dequantize = dyn_cast<DequantizeOp>(op))
    return getDequantizeBound(dequantize);
  if (auto norm = dyn_cast<BatchNormOp>(op))
    return getBatchNormBound(norm);
  if (isa<math::TanhOp, math::ErfOp, SigmoidOp>(op))
    return getRealBound(op->getOperand(0)) ? Bound(1) : std::nullopt;
  if (isa<arith::NegFOp, math::AbsFOp, math::FloorOp, math::CeilOp,
          math::TruncOp, math::RoundEvenOp, ReshapeOp, TransposeOp, SliceOp,
          BroadcastOp>(op)) {
    Bound bound = getRealBound(op->getOperand(0));
    return bound ? Bound(*bound + 1) : std::nullopt;
  }
  if (auto pool = dyn_cast<PoolOp>(op))
    return getRealBound(pool.getInput());
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
           arith::MaximumFOp, arith::MinimumFOp>(op))
    return std::nullopt;
  Bound left = getRealBound(op->getOperand(0));
  if (isa<arith::DivFOp>(op)) {
    std::optional<SmallVector<float>> divisors =
        getConstantFloats(op->getOperand(1));
    if (!left || !divisors)
      return std::nullopt;
    double smallest = INFINITY;
    for (float divisor : *divisors)
      smallest = std::min<double>(smallest, std::fabs(divisor));
    return *left / smallest;
  }
  Bound right = getRealBound(op->getOperand(1));
  if (!left || !right)
    return std::nullopt;
  return isa<arith::MulFOp>(op) ? *left * *right : *left + *right;
}

Bound mlir::dorefa::getRealBound(Value value) {
  Bound bound = computeBound(value);
  return bound ? checkBound(*bound) : std::nullopt;
}
