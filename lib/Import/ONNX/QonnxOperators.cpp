//===- QonnxOperators.cpp - QONNX's quantizers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// QONNX's quantizers in their declared arithmetic, each followed by a
// dequantizer: Quant is clamp(round(x / scale + zero)); Trunc divides the
// rounded value by a power of two and rounds again; MultiThreshold counts. One
// signed bit means -1 and +1, as codes 0 and 1 with step 2. Widths must be
// constant, as codes have a type.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "QuantizerBuilder.h"
#include "RealRange.h"
#include "dorefa/Dialect/Dorefa/IR/Rounding.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

static std::optional<Rounding> getRounding(StringRef mode) {
  return llvm::StringSwitch<std::optional<Rounding>>(mode.upper())
      .Cases({"ROUND", "HALF_EVEN"}, Rounding::HalfEven)
      .Case("CEIL", Rounding::Ceil)
      .Case("FLOOR", Rounding::Floor)
      .Case("UP", Rounding::Up)
      .Cases({"DOWN", "ROUND_TO_ZERO"}, Rounding::Down)
      .Case("HALF_UP", Rounding::HalfUp)
      .Case("HALF_DOWN", Rounding::HalfDown)
      .Default(std::nullopt);
}

static Rounding readRounding(NodeImporter &node, StringRef fallback) {
  std::string mode = node.getString("rounding_mode", fallback);
  std::optional<Rounding> rounding = getRounding(mode);
  if (!rounding)
    node.emitError() << "unsupported rounding_mode " << quoteName(mode)
                     << ": ROUND, HALF_EVEN, HALF_UP, HALF_DOWN, UP, DOWN, "
                        "ROUND_TO_ZERO, CEIL and FLOOR are supported";
  return rounding.value_or(Rounding::HalfEven);
}

/// A number for a message: without a fraction if it has none.
static std::string printNumber(double number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

/// A bit width: constant, the same for all channels, from 1 to 32.
static unsigned readBits(NodeImporter &node, size_t index, StringRef what) {
  SmallVector<double> values = node.getNumbers(index, what);
  if (node.hasFailed())
    return 1;
  double bits = values.empty() ? 0 : values.front();
  if (!llvm::all_equal(values))
    node.emitError() << "unsupported " << what
                     << " that differs between channels: one for the tensor "
                        "is supported";
  else if (!(bits >= 1 && bits <= 32) || bits != std::floor(bits))
    node.emitError() << "expected a " << what
                     << " that is a whole number from 1 to 32, but got "
                     << printNumber(bits);
  return node.hasFailed() ? 1 : static_cast<unsigned>(bits);
}

namespace {

/// Codes of a given width and the part of their range that is in use.
struct CodeRange {
  CodeAttr code;
  int64_t min, max;
};

} // namespace

static CodeRange getCodeRange(NodeImporter &node, bool isSigned,
                              bool isNarrow, unsigned bits) {
  auto code = CodeAttr::get(node.getContext(), isSigned, bits);
  CodeRange range{code, code.getMin(), code.getMax()};
  if (isNarrow)
    isSigned ? ++range.min : --range.max;
  return range;
}

/// `x / scale + zero`, all broadcast to their common shape.
static Value createScaledInput(NodeImporter &node, Value input, Value scale,
                               const ZeroPoints &zeros) {
  if (!input || !scale || node.hasFailed())
    return {};
  Value scaled = node.createBinary<arith::DivFOp>(input, scale);
  Value zero = createRealZeroPoints(node, zeros);
  if (!zeros.isZero())
    return node.createBinary<arith::AddFOp>(scaled, zero);
  if (!scaled)
    return {};
  return node.createBroadcast(
      scaled, node.getCommonShape(getShape(scaled), zeros.shape));
}

static LogicalResult importQuant(NodeImporter &node) {
  bool isSigned = node.getFlag("signed", true);
  if (!node.hasAttribute("signed") || !node.hasAttribute("narrow"))
    node.emitError() << "requires attributes 'signed' and 'narrow'";
  bool isNarrow = node.getFlag("narrow", false);
  Rounding rounding = readRounding(node, "ROUND");
  unsigned bits = readBits(node, 3, "bit width");
  Value scale = getScale(node, 1);
  ZeroPoints zeros = getZeroPoints(node, 2);
  Value scaled = createScaledInput(node, node.getReal(0), scale, zeros);
  if (!scaled)
    return failure();
  // One signed bit means -1 and +1, and they are 2q - 1.
  if (isSigned && bits == 1) {
    for (double &zero : zeros.values)
      zero += 1;
    auto code = CodeAttr::get(node.getContext(), /*isSigned=*/false, 1);
    return node.setReal(createDequantize(
        node, createQuantize(node, scaled, Rounding::Sign, code), scale, zeros,
        /*step=*/2));
  }
  CodeRange range = getCodeRange(node, isSigned, isNarrow, bits);
  Value codes = createQuantize(node, scaled, rounding, range.code, range.min,
                               range.max);
  return node.setReal(createDequantize(node, codes, scale, zeros));
}

static LogicalResult importBipolarQuant(NodeImporter &node) {
  Value scale = getScale(node, 1);
  Value input = node.getReal(0);
  if (!input || !scale)
    return failure();
  input = node.createBroadcast(
      input, node.getCommonShape(getShape(input), getShape(scale)));
  return node.setReal(createBipolar(node, input, scale));
}

/// `value` as a whole number, in arithmetic on reals.
static Value createRounded(NodeImporter &node, Value value,
                           Rounding rounding) {
  ArrayRef<int64_t> shape = getShape(value);
  // What `toward` gives for positive values, and `away` for negative ones.
  auto createSided = [&](Value toward, Value away) {
    Value zero = node.createSplat(shape, 0);
    return node.create<arith::AddFOp>(
        node.create<arith::MaximumFOp>(toward, zero),
        node.create<arith::MinimumFOp>(away, zero));
  };
  auto createDown = [&](Value value) {
    return createSided(node.create<math::FloorOp>(value),
                       node.create<math::CeilOp>(value));
  };
  auto createUp = [&](Value value) {
    return createSided(node.create<math::CeilOp>(value),
                       node.create<math::FloorOp>(value));
  };
  // Twice what lies behind the point, which is exact; large reals have none.
  auto createTwiceFraction = [&] {
    constexpr float large = 0x1p23f;
    Value small = node.create<arith::MinimumFOp>(
        node.create<arith::MaximumFOp>(value, node.createSplat(shape, -large)),
        node.createSplat(shape, large));
    Value fraction = node.create<arith::SubFOp>(small, createDown(small));
    return node.create<arith::AddFOp>(fraction, fraction);
  };
  switch (rounding) {
  case Rounding::HalfEven:
    return node.create<math::RoundEvenOp>(value);
  case Rounding::Ceil:
    return node.create<math::CeilOp>(value);
  case Rounding::Floor:
    return node.create<math::FloorOp>(value);
  case Rounding::Down:
    return createDown(value);
  case Rounding::Up:
    return createUp(value);
  case Rounding::HalfUp:
    return node.create<arith::AddFOp>(createDown(value),
                                      createDown(createTwiceFraction()));
  case Rounding::HalfDown: {
    Value twice = createTwiceFraction(), one = node.createSplat(shape, 1);
    Value step = createSided(
        node.create<math::CeilOp>(node.create<arith::SubFOp>(twice, one)),
        node.create<math::FloorOp>(node.create<arith::AddFOp>(twice, one)));
    return node.create<arith::AddFOp>(createDown(value), step);
  }
  case Rounding::Sign:
    break;
  }
  llvm_unreachable("QONNX has no such mode");
}

/// Codes for what `rounding` gives between the bounds of `value`; nothing where
/// it has none, or more than codes hold.
static std::optional<CodeRange> getRoundedRange(NodeImporter &node, Value value,
                                                Rounding rounding) {
  std::optional<RealRange> range = getRealRange(value);
  if (!range)
    return std::nullopt;
  float low = applyRounding(rounding, range->low);
  float high = applyRounding(rounding, range->high);
  if (low < -0x1p31f || high >= 0x1p31f)
    return std::nullopt;
  CodeRange codes{{}, static_cast<int64_t>(low), static_cast<int64_t>(high)};
  codes.code = CodeAttr::getForRange(node.getContext(), codes.min, codes.max);
  return codes;
}

/// Version 1: the width that is left says how many bits go. Nothing is clamped,
/// so the result is codes where the input has bounds, such as codes and their
/// sums have; else it is real.
static LogicalResult importTruncV1(NodeImporter &node) {
  Rounding rounding = readRounding(node, "FLOOR");
  unsigned inBits = readBits(node, 3, "input bit width");
  unsigned outBits = readBits(node, 4, "output bit width");
  Value scale = getScale(node, 1);
  ZeroPoints zeros = getZeroPoints(node, 2);
  Value scaled = createScaledInput(node, node.getReal(0), scale, zeros);
  if (!scaled)
    return failure();
  Value rounded = node.create<math::RoundEvenOp>(scaled);
  float divisor = std::ldexp(1.0f, static_cast<int>(inBits) -
                                       static_cast<int>(outBits));
  Value shifted = node.create<arith::DivFOp>(
      rounded, node.createSplat(getShape(rounded), divisor));
  if (std::optional<CodeRange> range =
          getRoundedRange(node, shifted, rounding))
    return node.setReal(createDequantize(
        node,
        createQuantize(node, shifted, rounding, range->code, range->min,
                       range->max),
        scale, zeros));
  Value real = createRounded(node, shifted, rounding);
  if (!zeros.isZero())
    real = node.createBinary<arith::SubFOp>(real,
                                            createRealZeroPoints(node, zeros));
  return node.setReal(node.createBinary<arith::MulFOp>(real, scale));
}

/// Version 2: the ratio of the scales, a power of two, says how many bits go.
static LogicalResult importTruncV2(NodeImporter &node) {
  Rounding rounding = readRounding(node, "FLOOR");
  bool isSigned = node.getFlag("signed", true);
  bool isNarrow = node.getFlag("narrow", false);
  readBits(node, 3, "input bit width");
  unsigned outBits = readBits(node, 5, "output bit width");
  Value scale = getScale(node, 1), outScale = getScale(node, 4);
  SmallVector<double> scales = node.getNumbers(1, "scale");
  SmallVector<double> outScales = node.getNumbers(4, "output scale");
  ZeroPoints zeros = getZeroPoints(node, 2);
  Value scaled = createScaledInput(node, node.getReal(0), scale, zeros);
  if (!scaled || !outScale || node.hasFailed())
    return failure();
  if (!llvm::all_equal(scales) || !llvm::all_equal(outScales) ||
      scales.empty() || outScales.empty())
    return node.emitError() << "unsupported scales that differ between "
                               "channels: one for the tensor is supported";
  double divisor = std::exp2(
      std::nearbyint(std::log2(outScales.front() / scales.front())));
  Value rounded = node.create<math::RoundEvenOp>(scaled);
  Value shifted = node.create<arith::DivFOp>(
      rounded, node.createSplat(getShape(rounded), divisor));
  for (double &zero : zeros.values)
    zero /= divisor;
  CodeRange range = getCodeRange(node, isSigned, isNarrow, outBits);
  Value codes = createQuantize(node, shifted, rounding, range.code, range.min,
                               range.max);
  return node.setReal(createDequantize(node, codes, outScale, zeros));
}

static LogicalResult importTrunc(NodeImporter &node) {
  return node.getNumInputs() == 5 ? importTruncV1(node) : importTruncV2(node);
}

/// The channels' dimension of a MultiThreshold: what the layout says, else
/// the second, but the last for three dimensions.
static FailureOr<int64_t> getChannelAxis(NodeImporter &node, size_t rank) {
  std::string layout = node.getString("data_layout", "");
  if (rank < 2)
    return node.emitError() << "expected an input with a channel dimension, "
                               "but got rank "
                            << rank;
  if (layout.empty())
    return rank == 3 ? 2 : 1;
  size_t axis = StringRef(layout).find('C');
  if (axis == StringRef::npos)
    return 1;
  // NCHW is also said of matrices.
  if (axis >= rank)
    return node.emitError() << "data_layout " << quoteName(layout)
                            << " does not fit an input of rank " << rank;
  return axis;
}

static LogicalResult importMultiThreshold(NodeImporter &node) {
  float scale = node.getFloat("out_scale", 1),
        bias = node.getFloat("out_bias", 0);
  node.ignore({"out_dtype"});
  Value input = node.getReal(0), thresholds = node.getReal(1);
  if (!input || !thresholds)
    return failure();
  FailureOr<int64_t> axis = getChannelAxis(node, getShape(input).size());
  if (failed(axis))
    return failure();
  if (!std::isfinite(scale) || !(scale > 0))
    return node.emitError() << "attribute 'out_scale': expected a finite "
                               "number greater than 0, but got "
                            << scale;
  ArrayRef<int64_t> rows = getShape(thresholds);
  int64_t channels = getShape(input)[*axis];
  if (rows.size() != 2 || (rows[0] != 1 && rows[0] != channels) || rows[1] < 1)
    return node.emitError() << "expected thresholds of shape [1 or "
                            << channels << ", count], but got [" << rows
                            << "]";
  auto code = CodeAttr::getForRange(node.getContext(), 0, rows[1]);
  Value codes = node.create<QuantizeThresholdsOp>(
      code.getTensorType(getShape(input)), input, thresholds,
      node.getBuilder().getI64IntegerAttr(*axis));
  Value result =
      createDequantize(node, codes, node.createSplat({}, scale), ZeroPoints());
  if (bias != 0)
    result = node.createBinary<arith::AddFOp>(result,
                                              node.createSplat({}, bias));
  return node.setReal(result);
}

static LogicalResult refuseFloatQuant(NodeImporter &node) {
  return node.emitError() << "quantizers to small floating-point formats are "
                             "not supported: Quant, IntQuant, BipolarQuant, "
                             "Trunc and MultiThreshold are supported";
}

ArrayRef<Operator> onnx_import::getQonnxOperators() {
  static constexpr Operator operators[] = {
      {"Quant", importQuant, 4, 4},
      {"IntQuant", importQuant, 4, 4},
      {"BipolarQuant", importBipolarQuant, 2, 2},
      {"Trunc", importTrunc, 5, 6},
      {"MultiThreshold", importMultiThreshold, 2, 2},
      {"FloatQuant", refuseFloatQuant, 0, anyNumber},
  };
  return operators;
}
