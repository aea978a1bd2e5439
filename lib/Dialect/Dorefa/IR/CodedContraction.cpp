//===- CodedContraction.cpp - which contractions are exact ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A contraction of codes is exact if each scale leaves the sum: it must not
// vary along a contracted dimension, but for that of a grouped convolution's
// input, where it may differ between groups. Operators differ only in which
// dimensions are contracted and where the others go in the result; that is what
// an OperandRole says. The range of each operand's integers bounds the sum.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "ShapeVerification.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// How one operand takes part in a contraction.
struct OperandRole {
  /// Whether a dimension of the operand is contracted. Those that are not
  /// appear in the result.
  function_ref<bool(int64_t)> isContracted;
  /// The dimension of the result where a dimension that is not contracted goes.
  function_ref<int64_t(int64_t)> getResultAxis;
  /// Dimension `groupedAxis` is contracted in runs of `groupExtent` positions;
  /// each run gives `resultsPerGroup` positions of dimension 1 of the result.
  int64_t groupedAxis = -1, groupExtent = 1, resultsPerGroup = 1;
};
} // namespace

static int64_t getIdentity(int64_t axis) { return axis; }

static bool refuse(std::string *reason, const Twine &text) {
  if (reason)
    *reason = text.str();
  return false;
}

/// The scale that leaves the contraction, from the operand's. False if it
/// varies along a contracted dimension.
static bool getResultScale(ArrayRef<float> scale, const OperandRole &role,
                           CodedOperand &operand) {
  if (llvm::all_equal(scale)) {
    operand.resultScale.assign(1, scale.front());
    return true;
  }
  if (!role.isContracted(operand.axis)) {
    operand.resultScale.assign(scale.begin(), scale.end());
    operand.resultAxis = role.getResultAxis(operand.axis);
    return true;
  }
  if (operand.axis != role.groupedAxis)
    return false;
  for (size_t first = 0; first < scale.size(); first += role.groupExtent) {
    if (!llvm::all_equal(scale.slice(first, role.groupExtent)))
      return false;
    operand.resultScale.append(role.resultsPerGroup, scale[first]);
  }
  operand.resultAxis = 1;
  return true;
}

StringRef mlir::dorefa::getOperandName(Operation *op, unsigned index) {
  if (isa<MatmulOp>(op))
    return index == 0 ? "the first operand" : "the second operand";
  return index == 0 ? "the input" : "the weight";
}

/// Adds the next operand of `op` to `contraction`; false if it is not coded.
static bool addOperand(CodedContraction &contraction, Operation *op,
                       const OperandRole &role, std::string *reason) {
  unsigned index = contraction.operands.size();
  Value value = op->getOperand(index);
  StringRef name = getOperandName(op, index);
  CodedOperand operand;
  operand.dequantize = value.getDefiningOp<DequantizeOp>();
  if (!operand.dequantize)
    return refuse(reason, name + " is real");
  if (typeOf(value).getNumElements() == 0)
    return refuse(reason, name + " is empty");
  operand.axis = operand.dequantize.getAxis();
  operand.step = operand.dequantize.getStep();

  DenseFPElementsAttr scale;
  bool isConstant =
      matchPattern(operand.dequantize.getScale(), m_Constant(&scale));
  bool isVector = typeOf(operand.dequantize.getScale()).getNumElements() > 1;
  if (!isConstant && isVector && role.isContracted(operand.axis))
    return refuse(reason, "the scale of " + name +
                              " is not known to be constant along a "
                              "contracted dimension");
  if (isConstant &&
      !getResultScale(llvm::to_vector(scale.getValues<float>()), role, operand))
    return refuse(reason, "the scale of " + name +
                              " varies along a contracted dimension");

  CodeAttr code = operand.dequantize.getCode();
  DenseIntElementsAttr zero;
  if (matchPattern(operand.dequantize.getZeroPoint(), m_Constant(&zero))) {
    for (const APInt &element : zero)
      operand.zero.push_back(element.getSExtValue());
    if (llvm::all_equal(operand.zero))
      operand.zero.resize(1);
    operand.low =
        operand.step * code.getMin() - *llvm::max_element(operand.zero);
    operand.high =
        operand.step * code.getMax() - *llvm::min_element(operand.zero);
  } else {
    // A zero point is itself a code.
    int64_t reach = operand.step * (code.getMax() - code.getMin());
    operand.low = -reach;
    operand.high = reach;
  }
  contraction.operands.push_back(std::move(operand));
  return true;
}

static bool getConv(ConvOp op, CodedContraction &contraction,
                    std::string *reason) {
  ArrayRef<int64_t> weight = shapeOf(op.getWeight());
  // Dimension 0 of the input is the batch, that of the weights the output
  // channel: everything behind is contracted.
  auto afterFirst = [](int64_t dimension) { return dimension > 0; };
  auto toChannel = [](int64_t) { return int64_t(1); };
  contraction.terms = ShapedType::getNumElements(weight.drop_front());
  OperandRole input{afterFirst, getIdentity, /*groupedAxis=*/1, weight[1],
                    weight[0] / op.getGeometry().getGroups()};
  return addOperand(contraction, op, input, reason) &&
         addOperand(contraction, op, {afterFirst, toChannel}, reason);
}

static bool getMatmul(MatmulOp op, CodedContraction &contraction,
                      std::string *reason) {
  int64_t rank = shapeOf(op.getLhs()).size();
  contraction.terms = shapeOf(op.getLhs()).back();
  return addOperand(contraction, op,
                    {[&](int64_t i) { return i == rank - 1; }, getIdentity},
                    reason) &&
         addOperand(contraction, op,
                    {[&](int64_t i) { return i == rank - 2; }, getIdentity},
                    reason);
}

static bool getPool(PoolOp op, CodedContraction &contraction,
                    std::string *reason) {
  contraction.terms = ShapedType::getNumElements(op.getWindow().getKernel());
  return addOperand(contraction, op,
                    {[](int64_t i) { return i > 1; }, getIdentity}, reason);
}

static bool getReduce(ReduceOp op, CodedContraction &contraction,
                      std::string *reason) {
  for (int64_t axis : op.getAxes())
    contraction.terms *= shapeOf(op.getInput())[axis];
  auto isContracted = [&](int64_t i) {
    return llvm::is_contained(op.getAxes(), i);
  };
  return addOperand(contraction, op, {isContracted, getIdentity}, reason);
}

std::optional<CodedContraction>
mlir::dorefa::getCodedContraction(Operation *op, std::string *reason) {
  CodedContraction contraction;
  bool isCoded =
      isContraction(op) &&
      TypeSwitch<Operation *, bool>(op)
          .Case([&](ConvOp op) { return getConv(op, contraction, reason); })
          .Case([&](MatmulOp op) { return getMatmul(op, contraction, reason); })
          .Case([&](PoolOp op) { return getPool(op, contraction, reason); })
          .Case(
              [&](ReduceOp op) { return getReduce(op, contraction, reason); });
  if (isCoded)
    return contraction;
  if (auto known = op->getAttrOfType<StringAttr>(floatReasonAttr))
    refuse(reason, known.getValue());
  return std::nullopt;
}

bool mlir::dorefa::isCodedContraction(Operation *op) {
  return getCodedContraction(op).has_value();
}

bool mlir::dorefa::isContraction(Operation *op) {
  return TypeSwitch<Operation *, bool>(op)
      .Case<ConvOp, MatmulOp>([](auto) { return true; })
      .Case([](PoolOp op) {
        return op.getKind() == PoolKind::Sum ||
               op.getKind() == PoolKind::Average;
      })
      .Case([](ReduceOp op) {
        return op.getKind() == ReduceKind::Sum ||
               op.getKind() == ReduceKind::Mean;
      })
      .Default(false);
}

SmallVector<OpOperand *, 2>
mlir::dorefa::getContractedOperands(Operation *op) {
  SmallVector<OpOperand *, 2> operands;
  if (isContraction(op))
    for (OpOperand &operand : op->getOpOperands())
      operands.push_back(&operand);
  return operands;
}

unsigned CodedContraction::getSumBits() const {
  unsigned bits = llvm::Log2_64_Ceil(std::max<int64_t>(terms, 1));
  for (const CodedOperand &operand : operands) {
    unsigned width = 1;
    if (operand.low >= 0)
      while (operand.high >> width)
        ++width;
    else
      while (operand.low < -(int64_t(1) << (width - 1)) ||
             operand.high >= int64_t(1) << (width - 1))
        ++width;
    bits += width;
  }
  return bits;
}

std::optional<SmallVector<float>>
CodedContraction::getScale(int64_t axis) const {
  SmallVector<float> scale(1, 1.0f);
  for (auto [i, operand] : llvm::enumerate(operands)) {
    ArrayRef<float> factor = operand.resultScale;
    if (factor.empty() || (factor.size() > 1 && operand.resultAxis != axis))
      return std::nullopt;
    if (i == 0) {
      scale.assign(factor.begin(), factor.end());
      continue;
    }
    scale.resize(std::max(scale.size(), factor.size()), scale.front());
    for (size_t k = 0; k < scale.size(); ++k)
      scale[k] *= factor[factor.size() > 1 ? k : 0];
  }
  return scale;
}
