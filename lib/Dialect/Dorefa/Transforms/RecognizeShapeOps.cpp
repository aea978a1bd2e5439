//===- RecognizeShapeOps.cpp - codes behind shape ops ---------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Shape ops, concatenations and maximum pools work on codes as well as on
// reals, so they move in front of `dorefa.dequantize`. Pools with a window that
// is all padding stay, for its maximum is no code. Parts of a concatenation get
// one code type and one step.
//
//===----------------------------------------------------------------------===//

#include "CodeRecognizer.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

bool mlir::dorefa::hasNoEmptyWindow(PoolOp op) {
  WindowAttr window = op.getWindow();
  for (size_t i = 0, rank = window.getKernel().size(); i < rank; ++i) {
    int64_t extent = typeOf(op.getInput()).getDimSize(2 + i);
    for (int64_t o = 0; o < typeOf(op.getResult()).getDimSize(2 + i); ++o) {
      int64_t first = o * window.getStrides()[i] - window.getPads()[i];
      bool hasInside = false;
      for (int64_t k = 0; k < window.getKernel()[i] && !hasInside; ++k) {
        int64_t position = first + k * window.getDilations()[i];
        hasInside = position >= 0 && position < extent;
      }
      if (!hasInside)
        return false;
    }
  }
  return true;
}

/// The same op on codes.
static Value cloneOnCodes(Operation *op, ValueRange codes) {
  OpBuilder builder(op);
  Operation *copy = builder.clone(*op);
  for (auto [i, value] : llvm::enumerate(codes))
    copy->setOperand(i, value);
  copy->getResult(0).setType(
      withElementsOf(op->getResult(0).getType(), codes.front().getType()));
  return copy->getResult(0);
}

/// Puts `dorefa.dequantize` behind the shape op `op`, for all readers.
void CodeRecognizer::pushDown(Operation *op, CodedValue &coded) {
  OpBuilder builder(op);
  coded.exact =
      createDequantize(builder, op->getLoc(), coded.codes, coded.scale,
                       coded.zero, coded.axis, coded.step);
  copyValueName(op, coded.exact);
  op->getResult(0).replaceAllUsesWith(coded.exact.getResult());
  setCoded(coded.exact.getResult(), coded);
}

void CodeRecognizer::visitShapeOp(Operation *op) {
  if (!typeOf(op->getResult(0)).getElementType().isF32())
    return;
  auto pool = dyn_cast<PoolOp>(op);
  if (pool && !hasNoEmptyWindow(pool))
    return;
  Value input = op->getOperand(0);
  const CodedValue *source = getCoded(input);
  if (!source)
    return;
  CodedValue coded = *source;
  if (!moveThroughShapeOp(op, coded, evaluator))
    return;
  coded.shrink();
  if (coded.codes == input) {
    // A whole constant.
    coded.codes = op->getResult(0);
    return setCoded(op->getResult(0), std::move(coded));
  }
  coded.codes = cloneOnCodes(op, coded.codes);
  if (coded.exact)
    return pushDown(op, coded);
  setCoded(op->getResult(0), std::move(coded));
}

/// Gives integers of step 2, such as -1 and 1 of the codes 0 and 1, codes of
/// their own, as step 1 has them: 0 and 2 with zero point 1 or, where there are
/// negative codes as well, -1 and 1.
static bool takeWholeSteps(CodedValue &part, bool isSigned) {
  bool isShifted = isSigned && part.zero.size() == 1;
  int64_t offset = isShifted ? -part.zero.front() : 0;
  CodeAttr code = getCode(part.codes.getType());
  part.codes = recode(part.codes, part.step, offset,
                      CodeAttr::getForRange(code.getContext(),
                                            part.step * code.getMin() + offset,
                                            part.step * code.getMax() + offset));
  if (isShifted)
    part.zero.front() = 0;
  part.step = 1;
  return part.codes != nullptr;
}

/// Gives the parts of a concatenation one step and one code type.
static bool unify(MutableArrayRef<CodedValue> parts) {
  auto codeOf = [](const CodedValue &part) {
    return getCode(part.codes.getType());
  };
  bool isOneStep = llvm::all_equal(
      llvm::map_range(parts, [](CodedValue &part) { return part.step; }));
  bool isSigned = llvm::any_of(
      parts, [&](CodedValue &part) { return codeOf(part).getIsSigned(); });
  if (!isOneStep)
    for (CodedValue &part : parts)
      if (part.step != 1 && !takeWholeSteps(part, isSigned))
        return false;
  int64_t low = INT64_MAX, high = INT64_MIN;
  for (const CodedValue &part : parts) {
    low = std::min(low, codeOf(part).getMin());
    high = std::max(high, codeOf(part).getMax());
  }
  auto code = CodeAttr::getForRange(parts[0].codes.getContext(), low, high);
  for (CodedValue &part : parts)
    if (!(part.codes = widenCodes(part.codes, code)))
      return false;
  return true;
}

/// What a part of a concatenation codes; whole constants get codes.
std::optional<CodedValue> CodeRecognizer::getPart(ConcatOp op, Value input) {
  const CodedValue *part = getCoded(input);
  if (!part)
    return std::nullopt;
  if (getCode(part->codes.getType()))
    return *part;
  std::optional<ConstantTensor> integers = evaluator.evaluate(part->codes);
  if (!integers)
    return std::nullopt;
  OpBuilder builder(op);
  return narrowConstant(builder, input.getLoc(), *part, *integers,
                        /*zeroAxis=*/std::nullopt);
}

void CodeRecognizer::visitConcat(ConcatOp op) {
  auto isWholeConstant = [&](Value input) {
    const CodedValue *part = getCoded(input);
    return part && part->codes == input;
  };
  if (llvm::all_of(op.getInputs(), isWholeConstant)) {
    CodedValue coded = *getCoded(op.getInputs().front());
    coded.codes = op.getResult();
    return setCoded(op.getResult(), std::move(coded));
  }
  SmallVector<CodedValue> parts;
  bool isExact = true;
  int64_t axis = op.getAxis();
  for (Value input : op.getInputs()) {
    std::optional<CodedValue> part = getPart(op, input);
    if (!part || (!part->isUniform() && part->axis != axis))
      return;
    isExact &= static_cast<bool>(part->exact);
    parts.push_back(std::move(*part));
  }
  if (!unify(parts))
    return;
  CodedValue coded;
  coded.step = parts[0].step;
  coded.axis = axis;
  SmallVector<Value> codes;
  for (const CodedValue &part : parts) {
    codes.push_back(part.codes);
    for (int64_t i = 0; i < typeOf(part.codes).getDimSize(axis); ++i) {
      coded.scale.push_back(part.getScale(i));
      coded.zero.push_back(part.getZero(i));
    }
  }
  if (coded.scale.empty())
    return;
  coded.shrink();
  coded.codes = cloneOnCodes(op, codes);
  if (isExact)
    return pushDown(op, coded);
  setCoded(op.getResult(), std::move(coded));
}
