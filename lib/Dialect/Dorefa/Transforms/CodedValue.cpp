//===- CodedValue.cpp - reals that are affine in integer codes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How `(step*q - zero) * scale` changes under constant arithmetic and shape
// ops. A factor goes into the scale. An addend b moves the zero point by
// b/scale, which must be nearly whole or nearly a half (then step becomes 2 and
// the scale is halved): binary32 constants such as 1/3 are not exact, so what
// the model means has to be found by rounding. Constants take whatever codes
// need the fewest bits: the integers themselves, counted from the lowest, or
// every other one of these.
//
//===----------------------------------------------------------------------===//

#include "CodedValue.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

void CodedValue::shrink() {
  if (llvm::all_equal(scale))
    scale.resize(1);
  if (llvm::all_equal(zero))
    zero.resize(1);
}

//===----------------------------------------------------------------------===//
// Constant arithmetic
//===----------------------------------------------------------------------===//

/// `value` with one scale and one zero point for each element of the dimension
/// along which it or `constant` varies; nothing if these differ.
static std::optional<CodedValue> spread(const CodedValue &value,
                                        const AxisVector<float> &constant) {
  CodedValue result = value;
  result.exact = nullptr;
  if (constant.isUniform() && value.isUniform())
    return result;
  if (!constant.isUniform() && !value.isUniform() &&
      constant.axis != value.axis)
    return std::nullopt;
  int64_t channels =
      std::max<int64_t>(value.getChannels(), constant.values.size());
  if (value.isUniform())
    result.axis = constant.axis;
  result.scale.clear();
  result.zero.clear();
  for (int64_t i = 0; i < channels; ++i) {
    result.scale.push_back(value.getScale(i));
    result.zero.push_back(value.getZero(i));
  }
  return result;
}

static bool isScale(float scale) { return std::isfinite(scale) && scale > 0; }

std::optional<CodedValue>
mlir::dorefa::scaleCodes(const CodedValue &value,
                         const AxisVector<float> &factor, bool isDivision) {
  std::optional<CodedValue> result = spread(value, factor);
  if (!result)
    return std::nullopt;
  for (auto [i, scale] : llvm::enumerate(result->scale)) {
    scale = isDivision ? scale / factor.at(i) : scale * factor.at(i);
    if (!isScale(factor.at(i)) || !isScale(scale))
      return std::nullopt;
  }
  result->shrink();
  return result;
}

/// Twice the zero point after `addend` is added; nothing if it is not nearly
/// whole, so that the result is real.
static std::optional<int64_t> getDoubledZero(int64_t zero, float scale,
                                             double addend) {
  double twice = 2 * (double(zero) - addend / double(scale));
  double nearest = std::nearbyint(twice);
  if (!(std::fabs(twice) < 0x1p20) ||
      !(std::fabs(twice - nearest) <=
        0x1p-21 * std::max(1.0, std::fabs(twice))))
    return std::nullopt;
  return static_cast<int64_t>(nearest);
}

std::optional<CodedValue>
mlir::dorefa::shiftCodes(const CodedValue &value,
                         const AxisVector<float> &addend, bool isSubtraction) {
  std::optional<CodedValue> result = spread(value, addend);
  if (!result)
    return std::nullopt;
  SmallVector<int64_t> doubled;
  for (auto [i, zero, scale] : llvm::enumerate(result->zero, result->scale)) {
    auto twice = getDoubledZero(zero, scale,
                                isSubtraction ? -addend.at(i) : addend.at(i));
    if (!twice)
      return std::nullopt;
    doubled.push_back(*twice);
  }
  bool isHalf =
      llvm::any_of(doubled, [](int64_t twice) { return twice % 2 != 0; });
  if (isHalf) {
    if (result->step != 1)
      return std::nullopt;
    result->step = 2;
    for (float &scale : result->scale) {
      scale /= 2;
      if (!isScale(scale))
        return std::nullopt;
    }
  }
  for (auto [zero, twice] : llvm::zip(result->zero, doubled))
    zero = isHalf ? twice : twice / 2;
  result->shrink();
  return result;
}

/// The smallest and largest code of `codes`, which may be whole constants.
static std::optional<std::pair<int64_t, int64_t>>
getCodeRange(Value codes, ConstantEvaluator &evaluator) {
  if (auto quantize = codes.getDefiningOp<QuantizeOp>())
    return std::make_pair(quantize.getLowest(), quantize.getHighest());
  if (CodeAttr code = getCode(codes.getType()))
    return std::make_pair(code.getMin(), code.getMax());
  std::optional<ConstantTensor> tensor = evaluator.evaluate(codes);
  if (!tensor)
    return std::nullopt;
  ArrayRef<float> reals = tensor->getValues<float>();
  auto [low, high] = std::minmax_element(reals.begin(), reals.end());
  return std::make_pair(int64_t(*low), int64_t(*high));
}

std::optional<ShiftedIntegers>
mlir::dorefa::shiftElements(const CodedValue &value,
                            const ConstantTensor &addend, bool isSubtraction,
                            ConstantEvaluator &evaluator) {
  // Up to here binary32 tells the declared values from each other, whatever
  // the arithmetic behind them has rounded away.
  constexpr int64_t maxInteger = int64_t(1) << 18;
  auto range = getCodeRange(value.codes, evaluator);
  if (!range || addend.getNumElements() == 0 || !addend.isReal())
    return std::nullopt;
  ArrayRef<float> addends = addend.getValues<float>();
  int64_t channels = value.getChannels();
  int64_t inner = value.isUniform() ? 1
                                    : ShapedType::getNumElements(
                                          addend.getShape().drop_front(
                                              value.axis + 1));
  int64_t lowest = INT64_MAX, highest = INT64_MIN;
  bool isHalf = false;
  for (int64_t i = 0, end = addend.getNumElements(); i < end; ++i) {
    int64_t channel = i / inner % channels;
    float b = addends[addend.isSplat() ? 0 : i];
    auto twice = getDoubledZero(value.getZero(channel), value.getScale(channel),
                                isSubtraction ? -b : b);
    if (!twice)
      return std::nullopt;
    isHalf |= *twice % 2 != 0;
    lowest = std::min(lowest, *twice);
    highest = std::max(highest, *twice);
  }
  // In halves, then in what they are counted in.
  ShiftedIntegers result;
  result.axis = value.axis;
  result.low = 2 * value.step * range->first - highest;
  result.high = 2 * value.step * range->second - lowest;
  result.scale = value.scale;
  if (isHalf) {
    for (float &scale : result.scale)
      scale /= 2;
  } else {
    result.low /= 2;
    result.high /= 2;
  }
  if (!llvm::all_of(result.scale, isScale) || -result.low > maxInteger ||
      result.high > maxInteger)
    return std::nullopt;
  return result;
}

//===----------------------------------------------------------------------===//
// Shape ops
//===----------------------------------------------------------------------===//

template <typename Vector>
static void pick(Vector &values, ArrayRef<int64_t> indices) {
  if (values.size() <= 1)
    return;
  Vector picked;
  for (int64_t index : indices)
    picked.push_back(values[index]);
  values = std::move(picked);
}

static bool moveThroughReshape(ReshapeOp op, CodedValue &value) {
  ArrayRef<int64_t> from =
      cast<RankedTensorType>(op.getInput().getType()).getShape();
  ArrayRef<int64_t> to = cast<RankedTensorType>(op.getType()).getShape();
  int64_t before = ShapedType::getNumElements(from.take_front(value.axis));
  int64_t behind = ShapedType::getNumElements(from.drop_front(value.axis + 1));
  int64_t channels = value.getChannels();
  if (before * behind * channels == 0)
    return false;
  // A dimension of the result with the same elements before it that holds the
  // channels and, maybe, some of the dimensions behind them.
  int64_t prefix = 1;
  for (size_t axis = 0; axis < to.size(); ++axis) {
    int64_t extent = to[axis], repeats = extent / channels;
    if (prefix == before && repeats * channels == extent && repeats >= 1 &&
        behind % repeats == 0) {
      SmallVector<int64_t> indices;
      for (int64_t i = 0; i < extent; ++i)
        indices.push_back(i / repeats);
      pick(value.scale, indices);
      pick(value.zero, indices);
      value.axis = axis;
      return true;
    }
    prefix *= extent;
  }
  return false;
}

bool mlir::dorefa::moveThroughShapeOp(Operation *op, CodedValue &value,
                                      ConstantEvaluator &evaluator) {
  if (value.isUniform())
    return true;
  auto pickAll = [&](ArrayRef<int64_t> indices) {
    pick(value.scale, indices);
    pick(value.zero, indices);
    return true;
  };
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](ReshapeOp op) { return moveThroughReshape(op, value); })
      .Case([&](TransposeOp op) {
        value.axis = llvm::find(op.getPermutation(), value.axis) -
                     op.getPermutation().begin();
        return true;
      })
      .Case([&](SliceOp op) {
        SmallVector<int64_t> indices;
        int64_t extent =
            cast<RankedTensorType>(op.getType()).getDimSize(value.axis);
        for (int64_t i = 0; i < extent; ++i)
          indices.push_back(op.getOffsets()[value.axis] +
                            i * op.getSteps()[value.axis]);
        return pickAll(indices);
      })
      .Case([&](ResizeOp op) {
        return pickAll(cast<DenseI64ArrayAttr>(op.getIndices()[value.axis])
                           .asArrayRef());
      })
      .Case([&](GatherOp op) {
        int64_t rank =
            cast<RankedTensorType>(op.getIndices().getType()).getRank();
        int64_t axis = op.getAxis();
        if (value.axis != axis) {
          value.axis += value.axis > axis ? rank - 1 : 0;
          return true;
        }
        std::optional<ConstantTensor> tensor =
            evaluator.evaluate(op.getIndices());
        if (!tensor || rank > 1)
          return false;
        SmallVector<int64_t> indices;
        int64_t channels = value.getChannels();
        for (int64_t i = 0, end = tensor->getNumElements(); i < end; ++i) {
          int64_t index = tensor->getInteger(i);
          index += index < 0 ? channels : 0;
          if (index < 0 || index >= channels)
            return false;
          indices.push_back(index);
        }
        // Without a dimension for the index there is one channel left.
        if (rank == 0)
          value.axis = 0;
        return pickAll(indices);
      })
      // Channels pass through a pool, spatial dimensions do not.
      .Case([&](PoolOp) { return value.axis <= 1; })
      .Default(false);
}

//===----------------------------------------------------------------------===//
// Constant codes
//===----------------------------------------------------------------------===//

/// Calls `body` with each integer that the codes stand for, in order.
template <typename Body>
static void forEachInteger(const CodedValue &value, const ConstantTensor &codes,
                           Body body) {
  ArrayRef<int64_t> shape = codes.getShape();
  bool isUniform = value.zero.size() == 1;
  int64_t inner = isUniform ? 1
                            : ShapedType::getNumElements(
                                  shape.drop_front(value.axis + 1));
  int64_t channels = value.zero.size(), step = value.step;
  auto visit = [&](auto elements) {
    int64_t end = elements.size();
    if (isUniform) {
      for (int64_t i = 0; i < end; ++i)
        body(i, step * int64_t(elements[i]) - value.zero.front());
      return;
    }
    for (int64_t i = 0; i < end; ++i)
      body(i, step * int64_t(elements[i]) - value.zero[i / inner % channels]);
  };
  if (codes.isReal())
    return visit(codes.getValues<float>());
  CodeAttr code = getCode(codes.getType());
  bool isSigned = code ? code.getIsSigned()
                       : !codes.getType().getElementType().isUnsignedInteger();
  withInteger(codes.getElementBytes(), [&](auto tag) {
    using Signed = decltype(tag);
    if (isSigned)
      visit(codes.getValues<Signed>());
    else
      visit(codes.getValues<std::make_unsigned_t<Signed>>());
  });
}

namespace {
/// The integers of one channel of a constant.
struct ChannelRange {
  int64_t low = INT64_MAX, high = INT64_MIN;
};
} // namespace

/// Number of elements behind dimension `axis`: those of one channel that
/// follow each other.
static int64_t getInnerElements(const CodedValue &value,
                                const ConstantTensor &codes) {
  return ShapedType::getNumElements(
      codes.getShape().drop_front(value.axis + 1));
}

/// One range a zero point, of those that vary along `axis`.
static SmallVector<ChannelRange>
getChannelRanges(const CodedValue &value, const ConstantTensor &codes) {
  int64_t inner = getInnerElements(value, codes);
  SmallVector<ChannelRange> ranges(value.zero.size());
  forEachInteger(value, codes, [&](int64_t i, int64_t integer) {
    ChannelRange &range = ranges[i / inner % ranges.size()];
    range.low = std::min(range.low, integer);
    range.high = std::max(range.high, integer);
  });
  return ranges;
}

std::optional<CodedValue> mlir::dorefa::narrowConstant(
    OpBuilder &builder, Location loc, const CodedValue &value,
    const ConstantTensor &tensor, std::optional<int64_t> zeroAxis) {
  bool isUniform = value.zero.size() == 1;
  ConstantTensor codes = isUniform ? tensor : tensor.expanded();
  int64_t low = INT64_MAX, high = INT64_MIN, parities = 0;
  forEachInteger(value, codes, [&](int64_t, int64_t integer) {
    low = std::min(low, integer);
    high = std::max(high, integer);
    parities |= int64_t(1) << (integer & 1);
  });
  if (low > high || low < INT32_MIN || high > INT32_MAX)
    return std::nullopt;

  // The integers as they are; from 0 on, or every other one, or from the
  // lowest of each channel on, if that takes fewer bits.
  MLIRContext *context = builder.getContext();
  CodedValue result = value;
  result.step = 1;
  result.zero.assign(1, 0);
  CodeAttr code = CodeAttr::getForRange(context, low, high);
  auto tryFromLow = [&](int64_t step) {
    auto other = CodeAttr::getForRange(context, 0, (high - low) / step);
    bool isOneBitSigned = code.getBits() == 1 && code.getIsSigned();
    if (other.getBits() >= code.getBits() && !isOneBitSigned)
      return;
    code = other;
    result.step = step;
    result.zero.assign(1, -low);
  };
  tryFromLow(1);
  if (parities != 3)
    tryFromLow(2);
  if (!isUniform && value.axis == zeroAxis) {
    SmallVector<ChannelRange> ranges = getChannelRanges(value, codes);
    int64_t most = 0;
    for (const ChannelRange &range : ranges)
      most = std::max(most, range.high - range.low);
    auto other = CodeAttr::getForRange(context, 0, most);
    if (other.getBits() < code.getBits()) {
      code = other;
      result.step = 1;
      result.zero.clear();
      for (const ChannelRange &range : ranges)
        result.zero.push_back(-range.low);
    }
  }

  ConstantTensor narrow = ConstantTensor::allocate(
      code.getTensorType(codes.getShape()), codes.isSplat());
  int64_t inner =
      result.zero.size() == 1 ? 1 : getInnerElements(value, codes);
  withInteger(narrow.getElementBytes(), [&](auto tag) {
    using Stored = decltype(tag);
    MutableArrayRef<Stored> to = narrow.getMutableValues<Stored>();
    ArrayRef<int64_t> zeros = result.zero;
    forEachInteger(value, codes, [&](int64_t i, int64_t integer) {
      int64_t zero =
          zeros.size() == 1 ? zeros.front() : zeros[i / inner % zeros.size()];
      to[i] = static_cast<Stored>(
          result.step == 2 ? (integer + zero) / 2 : integer + zero);
    });
  });
  result.codes = arith::ConstantOp::create(builder, loc, narrow.getAttr());
  result.exact = nullptr;
  return result;
}
