//===- DorefaOperators.cpp - DoReFa's quantizers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The quantizers of the paper as operators of our own domain
// (docs/onnx-domain.md), spelled out op by op [DoReFa-Net, sections 2.2 to
// 2.4]:
//
//   quantize_k(r) = round((2^k - 1) r) / (2^k - 1)
//   weights       2 quantize_k(tanh(w) / (2 max|tanh(w)|) + 1/2) - 1; one bit:
//                 the sign times the mean of |w|, of all (dorefa) or of a
//                 channel (xnor), or times 1 (bnn)
//   activations   quantize_k(clip(x, 0, 1))
//
// 32 bits stand for no quantizer.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "QuantizerBuilder.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

/// A bit width; 32 stands for no quantizer.
static unsigned readDorefaBits(NodeImporter &node) {
  int64_t bits = node.getInt("bits");
  if (bits < 1 || bits > 32)
    node.emitError() << "attribute 'bits': expected a width from 1 to 32, but "
                        "got "
                     << bits;
  return node.hasFailed() ? 1 : bits;
}

/// The codes of reals in [0, 1] on the grid of `bits`, and their values.
static Value createUniform(NodeImporter &node, Value input, unsigned bits) {
  if (!input)
    return {};
  float levels = (int64_t(1) << bits) - 1;
  Value grid = node.createSplat(getShape(input), levels);
  Value scaled = node.create<arith::MulFOp>(input, grid);
  auto code = CodeAttr::get(node.getContext(), /*isSigned=*/false, bits);
  Value codes = createQuantize(node, scaled, Rounding::HalfEven, code);
  Value integers =
      createDequantize(node, codes, node.createSplat({}, 1), ZeroPoints());
  return node.createBinary<arith::DivFOp>(integers, grid);
}

/// A reduction of all dimensions but `keptAxis`, in the shape of a scale: of
/// rank 0, or with one element a channel.
static Value createStatistic(NodeImporter &node, Value input, ReduceKind kind,
                             std::optional<int64_t> keptAxis) {
  if (!input)
    return {};
  SmallVector<int64_t> axes, shape(getShape(input));
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (static_cast<int64_t>(i) == keptAxis)
      continue;
    axes.push_back(i);
    extent = 1;
  }
  return node.create<ReduceOp>(
      node.getTypeLike(input, shape), input,
      ReduceKindAttr::get(node.getContext(), kind),
      node.getBuilder().getDenseI64ArrayAttr(axes));
}

/// `2 * quantize_k(tanh(w) / (2 * max(abs(tanh(w)))) + 1/2) - 1`.
static Value createTanhWeights(NodeImporter &node, Value weights,
                               unsigned bits) {
  Value squashed = node.create<math::TanhOp>(weights);
  Value largest =
      createStatistic(node, node.create<math::AbsFOp>(squashed),
                      ReduceKind::Max, std::nullopt);
  Value doubled =
      node.createBinary<arith::MulFOp>(largest, node.createSplat({}, 2));
  Value ratio = node.createBinary<arith::DivFOp>(squashed, doubled);
  Value unit =
      node.createBinary<arith::AddFOp>(ratio, node.createSplat({}, 0.5f));
  Value level = createUniform(node, unit, bits);
  Value stretched =
      node.createBinary<arith::MulFOp>(level, node.createSplat({}, 2));
  return node.createBinary<arith::SubFOp>(stretched, node.createSplat({}, 1));
}

static LogicalResult importQuantizeWeights(NodeImporter &node) {
  unsigned bits = readDorefaBits(node);
  std::string scheme = node.getString("scheme", "dorefa");
  int64_t axis = node.getInt("axis", 0);
  Value weights = node.getReal(0);
  if (!weights || node.hasFailed())
    return failure();
  if (scheme != "dorefa" && scheme != "xnor" && scheme != "bnn")
    return node.emitError() << "attribute 'scheme': expected dorefa, xnor or "
                               "bnn, but got "
                            << quoteName(scheme);
  if (bits == 32)
    return node.setReal(weights);
  if (scheme != "dorefa" && bits != 1)
    return node.emitError() << "scheme '" << scheme
                            << "' requires 1 bit, but got " << bits;
  if (bits > 1)
    return node.setReal(createTanhWeights(node, weights, bits));
  if (scheme == "bnn")
    return node.setReal(
        createBipolar(node, weights, node.createSplat({}, 1)));
  std::optional<int64_t> keptAxis;
  if (scheme == "xnor") {
    keptAxis = node.normalizeAxis(axis, getShape(weights).size());
    if (node.hasFailed())
      return failure();
  }
  Value scale = createStatistic(node, node.create<math::AbsFOp>(weights),
                                ReduceKind::Mean, keptAxis);
  return node.setReal(createBipolar(node, weights, scale));
}

/// `quantize_k(clip(x, 0, 1))`.
static LogicalResult importQuantizeActivations(NodeImporter &node) {
  unsigned bits = readDorefaBits(node);
  Value input = node.getReal(0);
  if (!input || node.hasFailed())
    return failure();
  ArrayRef<int64_t> shape = getShape(input);
  Value lower = node.create<arith::MaximumFOp>(input,
                                               node.createSplat(shape, 0));
  Value clipped = node.create<arith::MinimumFOp>(lower,
                                                 node.createSplat(shape, 1));
  return node.setReal(bits == 32 ? clipped
                                 : createUniform(node, clipped, bits));
}

ArrayRef<Operator> onnx_import::getDorefaOperators() {
  static constexpr Operator operators[] = {
      {"QuantizeWeights", importQuantizeWeights, 1, 1},
      {"QuantizeActivations", importQuantizeActivations, 1, 1},
  };
  return operators;
}
