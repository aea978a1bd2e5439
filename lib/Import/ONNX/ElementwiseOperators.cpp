//===- ElementwiseOperators.cpp - arithmetic on tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One `arith` or `math` op for each operator that is one IEEE operation, and
// the shortest chain of them for the others (Sign, Relu and the like).
// Operators on integers are supported for those that compute shapes and for
// plain integers at run time; division only where the result is known, or by
// one constant, for another divisor may be 0.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

/// Whether a division by this divisor of integers is defined for all dividends:
/// one constant that is not 0, and not -1 either, for that overflows.
static bool isSafeDivisor(Value divisor) {
  if (auto broadcast = divisor.getDefiningOp<BroadcastOp>())
    divisor = broadcast.getInput();
  DenseElementsAttr elements = getElements(divisor);
  if (!elements || !elements.isSplat())
    return false;
  APInt value = elements.getSplatValue<APInt>();
  return !value.isZero() && !value.isAllOnes();
}

/// Of reals and of plain integers, which wrap around. Booleans have no
/// arithmetic, and a division of integers that is not folded might be one by 0.
static LogicalResult checkArithmetic(NodeImporter &node, Value result) {
  if (!result)
    return failure();
  auto division = result.getDefiningOp<arith::DivSIOp>();
  bool isUndefined = division && !isSafeDivisor(division.getRhs());
  if (isReal(result) || getElements(result) ||
      (!isUndefined && node.getInputType(0) != ElementType::Bool))
    return success();
  return node.emitError() << "unsupported element type "
                          << getElementTypeName(node.getInputType(0)) << ": "
                          << (isUndefined ? "FLOAT is supported, integers by "
                                            "one constant, and in constants "
                                            "and shapes"
                                          : "FLOAT, INT32 and INT64 are "
                                            "supported");
}

template <typename FloatOp, typename IntegerOp>
static Value applyArithmetic(NodeImporter &node, Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return {};
  if (getElementTypeOrSelf(lhs.getType()) !=
          getElementTypeOrSelf(rhs.getType()) ||
      getCode(lhs.getType()) || getCode(rhs.getType())) {
    node.emitError() << "unsupported element types "
                     << getElementTypeName(node.getInputType(0)) << " and "
                     << getElementTypeName(node.getInputType(1))
                     << ": two inputs of one type are supported: FLOAT, INT32, "
                        "INT64, or constant integers";
    return {};
  }
  Value result = isReal(lhs) ? node.createBinary<FloatOp>(lhs, rhs)
                             : node.createBinary<IntegerOp>(lhs, rhs);
  return succeeded(checkArithmetic(node, result)) ? result : Value();
}

template <typename FloatOp, typename IntegerOp>
static LogicalResult importArithmetic(NodeImporter &node) {
  return node.setLike(applyArithmetic<FloatOp, IntegerOp>(
      node, node.getInput(0), node.getInput(1)));
}

static LogicalResult importDiv(NodeImporter &node) {
  DenseElementsAttr divisor = node.getConstant(1);
  constexpr int64_t maxChecked = 1 << 20; // Larger ones are not folded.
  if (divisor && isa<IntegerType>(divisor.getElementType()) &&
      divisor.getNumElements() <= maxChecked &&
      llvm::any_of(divisor.getValues<APInt>(),
                   [](const APInt &value) { return value.isZero(); }))
    return node.emitError() << "division of integers by 0";
  // The one quotient that is none wraps around, as a product does.
  if (divisor && isa<IntegerType>(divisor.getElementType()) &&
      divisor.isSplat() && divisor.getSplatValue<APInt>().isAllOnes())
    return importArithmetic<arith::DivFOp, arith::MulIOp>(node);
  return importArithmetic<arith::DivFOp, arith::DivSIOp>(node);
}

/// Max, Min and Sum take any number of inputs, from left to right.
template <typename FloatOp, typename IntegerOp>
static LogicalResult importVariadic(NodeImporter &node) {
  Value result = node.getInput(0);
  for (size_t i = 1; result && i < node.getNumInputs(); ++i)
    result =
        applyArithmetic<FloatOp, IntegerOp>(node, result, node.getInput(i));
  return node.setLike(result);
}

template <typename OpTy>
static LogicalResult importUnary(NodeImporter &node) {
  Value input = node.getReal(0);
  return input ? node.setReal(node.create<OpTy>(input)) : failure();
}

/// `ifTrue` where an element compares with `rhs` as `predicate` says.
static Value createSelect(NodeImporter &node, arith::CmpFPredicate predicate,
                          Value lhs, float rhs, Value ifTrue, Value ifFalse) {
  Value bound = node.createSplat(getShape(lhs), rhs);
  Value condition = node.create<arith::CmpFOp>(predicate, lhs, bound);
  return node.create<arith::SelectOp>(condition, ifTrue, ifFalse);
}

static LogicalResult importSign(NodeImporter &node) {
  Value input = node.getReal(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = getShape(input);
  Value below = createSelect(node, arith::CmpFPredicate::OLT, input, 0,
                             node.createSplat(shape, -1),
                             node.createSplat(shape, 0));
  return node.setReal(createSelect(node, arith::CmpFPredicate::OGT, input, 0,
                                   node.createSplat(shape, 1), below));
}

static LogicalResult importNeg(NodeImporter &node) {
  Value input = node.getInput(0);
  if (!input)
    return failure();
  if (isReal(input))
    return node.setReal(node.create<arith::NegFOp>(input));
  Value zero = node.createConstant(DenseElementsAttr::get(
      cast<ShapedType>(input.getType()),
      APInt::getZero(
          getElementTypeOrSelf(input.getType()).getIntOrFloatBitWidth())));
  Value result = node.create<arith::SubIOp>(zero, input);
  return succeeded(checkArithmetic(node, result)) ? node.setLike(result)
                                                : failure();
}

static LogicalResult importRelu(NodeImporter &node) {
  Value input = node.getReal(0);
  if (!input)
    return failure();
  Value zero = node.createSplat(getShape(input), 0);
  return node.setReal(node.create<arith::MaximumFOp>(input, zero));
}

static LogicalResult importLeakyRelu(NodeImporter &node) {
  Value input = node.getReal(0);
  float alpha = node.getFloat("alpha", 0.01f);
  if (!input)
    return failure();
  Value slope = node.createSplat(getShape(input), alpha);
  Value scaled = node.create<arith::MulFOp>(input, slope);
  return node.setReal(createSelect(node, arith::CmpFPredicate::OLT, input, 0,
                                   scaled, input));
}

static LogicalResult importPRelu(NodeImporter &node) {
  Value input = node.getReal(0), slope = node.getReal(1);
  if (!input || !slope)
    return failure();
  slope = node.createBroadcast(slope, getShape(input));
  Value scaled = node.createBinary<arith::MulFOp>(input, slope);
  if (!scaled)
    return failure();
  return node.setReal(createSelect(node, arith::CmpFPredicate::OLT, input, 0,
                                   scaled, input));
}

static LogicalResult importReciprocal(NodeImporter &node) {
  Value input = node.getReal(0);
  if (!input)
    return failure();
  Value one = node.createSplat(getShape(input), 1);
  return node.setReal(node.create<arith::DivFOp>(one, input));
}

/// The exponent may be an integer tensor, which is then a constant.
static LogicalResult importPow(NodeImporter &node) {
  Value base = node.getReal(0);
  Value exponent = node.getStored(1);
  if (!base || !exponent)
    return failure();
  if (!isReal(exponent)) {
    if (!node.getConstant(1) || !isIntegerType(node.getInputType(1)))
      return node.emitError()
             << "unsupported exponent of type "
             << getElementTypeName(node.getInputType(1))
             << ": FLOAT is supported, integers only if they are constant";
    SmallVector<float> values;
    for (int64_t value : node.getIntegers(1, "exponent"))
      values.push_back(static_cast<float>(value));
    auto type = RankedTensorType::get(getShape(exponent),
                                      node.getBuilder().getF32Type());
    exponent =
        node.createConstant(DenseElementsAttr::get(type, ArrayRef(values)));
  }
  return node.setReal(node.createBinary<math::PowFOp>(base, exponent));
}

/// Codes keep their order as integers, signed or not.
static Value clampCodes(NodeImporter &node, Value input, Value bound,
                        bool isLower) {
  bound = node.createBroadcast(bound, getShape(input));
  if (!bound)
    return {};
  if (bound.getType() != input.getType()) {
    node.emitError() << "expected bounds of the input's type";
    return {};
  }
  CodeAttr code = getCode(input.getType());
  bool isSigned = !code || code.getIsSigned();
  if (isLower)
    return isSigned ? node.create<arith::MaxSIOp>(input, bound)
                    : node.create<arith::MaxUIOp>(input, bound);
  return isSigned ? node.create<arith::MinSIOp>(input, bound)
                  : node.create<arith::MinUIOp>(input, bound);
}

static Value clampReals(NodeImporter &node, Value input, Value bound,
                        bool isLower) {
  bound = node.createBroadcast(bound, getShape(input));
  if (!bound)
    return {};
  return isLower ? node.create<arith::MaximumFOp>(input, bound)
                 : node.create<arith::MinimumFOp>(input, bound);
}

static LogicalResult importClip(NodeImporter &node) {
  Value result = node.getInput(0);
  if (!result)
    return failure();
  bool real = isReal(result);
  if (node.getOpset() < 11) {
    for (bool isLower : {true, false}) {
      StringRef name = isLower ? "min" : "max";
      if (node.hasAttribute(name) && real)
        result = clampReals(
            node, result,
            node.createSplat(getShape(result), node.getFloat(name)), isLower);
    }
    if (!real)
      return node.emitError() << "expected FLOAT, but got "
                              << getElementTypeName(node.getInputType(0));
    return node.setReal(result);
  }
  for (size_t i : {1, 2}) {
    if (!result || !node.hasInput(i))
      continue;
    Value bound = real ? node.getReal(i) : node.getInput(i);
    if (!bound)
      return failure();
    if (cast<RankedTensorType>(bound.getType()).getNumElements() != 1)
      return node.emitError() << "expected single values as bounds, but got "
                                 "shape ["
                              << getShape(bound) << "]";
    bound = node.createReshape(bound, {});
    result = real ? clampReals(node, result, bound, i == 1)
                  : clampCodes(node, result, bound, i == 1);
  }
  if (result && !getCode(result.getType()) &&
      failed(checkArithmetic(node, result)))
    return failure();
  return node.setLike(result);
}

ArrayRef<Operator> onnx_import::getElementwiseOperators() {
  static constexpr Operator operators[] = {
      {"Add", importArithmetic<arith::AddFOp, arith::AddIOp>, 2, 2},
      {"Sub", importArithmetic<arith::SubFOp, arith::SubIOp>, 2, 2},
      {"Mul", importArithmetic<arith::MulFOp, arith::MulIOp>, 2, 2},
      {"Div", importDiv, 2, 2},
      {"Max", importVariadic<arith::MaximumFOp, arith::MaxSIOp>, 1, anyNumber},
      {"Min", importVariadic<arith::MinimumFOp, arith::MinSIOp>, 1, anyNumber},
      {"Sum", importVariadic<arith::AddFOp, arith::AddIOp>, 1, anyNumber},
      {"Pow", importPow, 2, 2},
      {"Abs", importUnary<math::AbsFOp>, 1, 1},
      {"Neg", importNeg, 1, 1},
      {"Sqrt", importUnary<math::SqrtOp>, 1, 1},
      {"Reciprocal", importReciprocal, 1, 1},
      {"Floor", importUnary<math::FloorOp>, 1, 1},
      {"Ceil", importUnary<math::CeilOp>, 1, 1},
      {"Round", importUnary<math::RoundEvenOp>, 1, 1},
      {"Exp", importUnary<math::ExpOp>, 1, 1},
      {"Log", importUnary<math::LogOp>, 1, 1},
      {"Erf", importUnary<math::ErfOp>, 1, 1},
      {"Tanh", importUnary<math::TanhOp>, 1, 1},
      {"Sigmoid", importUnary<SigmoidOp>, 1, 1},
      {"Sign", importSign, 1, 1},
      {"Relu", importRelu, 1, 1},
      {"LeakyRelu", importLeakyRelu, 1, 1},
      {"PRelu", importPRelu, 2, 2},
      {"Clip", importClip, 1, 3},
  };
  return operators;
}
