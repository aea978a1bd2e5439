//===- RealRange.cpp - between which bounds reals lie -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Interval arithmetic from what has bounds, constants and codes, along
// arithmetic, moves, pools and products of codes. Rounding keeps the order of
// reals, so binary32 gives bounds of its own results; only sums, whose order is
// not this one, need a margin.
//
//===----------------------------------------------------------------------===//

#include "RealRange.h"
#include "NodeImporter.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <functional>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

using Range = std::optional<RealRange>;

namespace {

class RangeFinder {
public:
  Range find(Value value);

private:
  Range compute(Operation *op);
  Range getReduced(Value input, int64_t count, bool isSum, bool isMean);
  Range getBinary(Operation *op);
  Range getConcat(ConcatOp op);

  DenseMap<Value, Range> known;
  unsigned depth = 0;
};

} // namespace

static Range checkFinite(RealRange range) {
  bool isFinite = std::isfinite(range.low) && std::isfinite(range.high);
  return isFinite ? Range(range) : std::nullopt;
}

static RealRange join(RealRange a, RealRange b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

template <typename OperationT>
static RealRange combine(RealRange a, RealRange b, OperationT operation) {
  auto [low, high] =
      std::minmax({operation(a.low, b.low), operation(a.low, b.high),
                   operation(a.high, b.low), operation(a.high, b.high)});
  return {low, high};
}

static RealRange multiply(RealRange a, RealRange b) {
  return combine(a, b, std::multiplies<float>());
}

static Range getElementRange(DenseElementsAttr elements) {
  Range range;
  for (float value : elements.getValues<float>()) {
    if (!std::isfinite(value))
      return std::nullopt;
    range = range ? join(*range, {value, value}) : RealRange{value, value};
  }
  return range;
}

static Range getDequantizeRange(DequantizeOp op) {
  DenseElementsAttr scales = getElements(op.getScale());
  DenseElementsAttr zeros = getElements(op.getZeroPoint());
  Range scale = scales ? getElementRange(scales) : std::nullopt;
  if (!scale || !zeros)
    return std::nullopt;
  int64_t lowest = op.getCode().getMin(), highest = op.getCode().getMax();
  if (auto quantize = op.getInput().getDefiningOp<QuantizeOp>()) {
    lowest = quantize.getLowest();
    highest = quantize.getHighest();
  }
  Range integers;
  for (const APInt &element : zeros.getValues<APInt>()) {
    int64_t zero = element.getSExtValue(), step = op.getStep();
    RealRange range{static_cast<float>(step * lowest - zero),
                    static_cast<float>(step * highest - zero)};
    integers = integers ? join(*integers, range) : range;
  }
  return integers ? checkFinite(multiply(*integers, *scale)) : std::nullopt;
}

/// A product of codes: the sum of all its terms, some of which may be outside
/// the image.
static Range getProductRange(Operation *op) {
  std::optional<CodedContraction> coded = getCodedContraction(op);
  if (!coded || coded->operands.size() != 2 || !coded->fits())
    return std::nullopt;
  float reach = std::ldexp(1.0f, coded->getSumBits());
  RealRange scale{1, 1};
  for (const CodedOperand &operand : coded->operands) {
    if (operand.resultScale.empty())
      return std::nullopt;
    auto [low, high] = std::minmax_element(operand.resultScale.begin(),
                                           operand.resultScale.end());
    scale = multiply(scale, {*low, *high});
  }
  return checkFinite(multiply({-reach, reach}, scale));
}

/// `count` elements, or some of them, as one: their largest, sum or mean.
Range RangeFinder::getReduced(Value input, int64_t count, bool isSum,
                              bool isMean) {
  Range range = find(input);
  if (!range || (!isSum && !isMean))
    return range;
  float terms = isSum ? count : 1;
  RealRange sum = join({terms * range->low, terms * range->high}, {0, 0});
  // Of one rounding an element and a few around.
  float margin = std::max(-sum.low, sum.high) *
                 std::ldexp(static_cast<float>(count + 3), -23);
  return checkFinite({sum.low - margin, sum.high + margin});
}

Range RangeFinder::getBinary(Operation *op) {
  Range a = find(op->getOperand(0)), b = find(op->getOperand(1));
  if (!a || !b)
    return std::nullopt;
  return TypeSwitch<Operation *, Range>(op)
      .Case([&](arith::AddFOp) {
        return checkFinite({a->low + b->low, a->high + b->high});
      })
      .Case([&](arith::SubFOp) {
        return checkFinite({a->low - b->high, a->high - b->low});
      })
      .Case([&](arith::MulFOp) { return checkFinite(multiply(*a, *b)); })
      .Case([&](arith::DivFOp) -> Range {
        if (b->low <= 0 && b->high >= 0)
          return std::nullopt;
        return checkFinite(combine(*a, *b, std::divides<float>()));
      })
      .Case([&](arith::MaximumFOp) {
        return RealRange{std::max(a->low, b->low), std::max(a->high, b->high)};
      })
      .Case([&](arith::MinimumFOp) {
        return RealRange{std::min(a->low, b->low), std::min(a->high, b->high)};
      })
      .Default([](Operation *) { return std::nullopt; });
}

Range RangeFinder::getConcat(ConcatOp op) {
  Range all;
  for (Value input : op.getInputs()) {
    Range range = find(input);
    if (!range)
      return std::nullopt;
    all = all ? join(*all, *range) : *range;
  }
  return all;
}

Range RangeFinder::compute(Operation *op) {
  return TypeSwitch<Operation *, Range>(op)
      .Case([](DequantizeOp op) { return getDequantizeRange(op); })
      .Case<ReshapeOp, TransposeOp, SliceOp, BroadcastOp, GatherOp, ResizeOp>(
          [&](auto op) { return find(op.getInput()); })
      .Case([&](math::RoundEvenOp op) -> Range {
        Range range = find(op.getOperand());
        if (!range)
          return std::nullopt;
        return RealRange{std::nearbyint(range->low),
                         std::nearbyint(range->high)};
      })
      .Case([&](ConcatOp op) { return getConcat(op); })
      .Case<ConvOp, MatmulOp>([](auto op) { return getProductRange(op); })
      .Case([&](PoolOp op) {
        return getReduced(
            op.getInput(),
            ShapedType::getNumElements(op.getWindow().getKernel()),
            op.getKind() == PoolKind::Sum, op.getKind() == PoolKind::Average);
      })
      .Case([&](ReduceOp op) {
        int64_t count = 1;
        for (int64_t axis : op.getAxes())
          count *= getShape(op.getInput())[axis];
        return getReduced(op.getInput(), count,
                          op.getKind() == ReduceKind::Sum,
                          op.getKind() == ReduceKind::Mean);
      })
      .Default([&](Operation *op) {
        return op->getNumOperands() == 2 ? getBinary(op) : std::nullopt;
      });
}

Range RangeFinder::find(Value value) {
  // Chains behind the last quantizer are short; the stack is finite.
  constexpr unsigned maxDepth = 64;
  Operation *op = value.getDefiningOp();
  if (!op || !isReal(value) || depth == maxDepth)
    return std::nullopt;
  if (auto entry = known.find(value); entry != known.end())
    return entry->second;
  ++depth;
  DenseElementsAttr elements = getElements(value);
  Range range = elements ? getElementRange(elements) : compute(op);
  --depth;
  known[value] = range;
  return range;
}

Range onnx_import::getRealRange(Value value) {
  return RangeFinder().find(value);
}
