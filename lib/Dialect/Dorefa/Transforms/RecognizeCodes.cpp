//===- RecognizeCodes.cpp - which reals are codes times a scale ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One sweep forward over a function: which reals are affine in integer codes,
// whatever constant arithmetic and shape ops lie between. Contractions whose
// operands are all coded get `dorefa.dequantize` as operands, shape ops and
// maximum pools move in front of it. The declared arithmetic stays for
// elementwise readers and dies where there are none.
//
//===----------------------------------------------------------------------===//

#include "CodedValue.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::dorefa {
#define GEN_PASS_DEF_RECOGNIZECODES
#include "dorefa/Dialect/Dorefa/Transforms/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

namespace {

class CodeRecognizer {
public:
  explicit CodeRecognizer(Block &block) : block(block) {}
  LogicalResult run();

private:
  const CodedValue *getCoded(Value value);
  void setCoded(Value value, CodedValue coded);

  LogicalResult visitDequantize(DequantizeOp op);
  void visitFactor(Operation *op);
  void visitAddend(Operation *op);
  void visitShapeOp(Operation *op);
  void visitConcat(ConcatOp op);
  LogicalResult visitContraction(Operation *op);
  void absorbPad(Operation *op);
  DequantizeOp getCanonical(OpBuilder &builder, Value value);
  void pushDown(Operation *op, CodedValue &coded);

  Block &block;
  ConstantEvaluator evaluator;
  DenseMap<Value, CodedValue> codedValues;
  /// Constants that are not whole numbers.
  DenseSet<Value> realConstants;
  /// The operand that contractions read in place of a coded value.
  DenseMap<Value, DequantizeOp> canonical;
  /// Producers of codes that have their value's name.
  DenseSet<Operation *> named;
};

struct RecognizeCodes : dorefa::impl::RecognizeCodesBase<RecognizeCodes> {
  using RecognizeCodesBase::RecognizeCodesBase;

  void runOnOperation() override {
    for (Block &block : getOperation().getFunctionBody())
      if (failed(CodeRecognizer(block).run()))
        return signalPassFailure();
  }
};

} // namespace

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult CodeRecognizer::run() {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
      if (failed(visitDequantize(dequantize)))
        return failure();
      continue;
    }
    if (isa<ConvOp, PoolOp>(op))
      absorbPad(&op);
    if (isContraction(&op)) {
      if (failed(visitContraction(&op)))
        return failure();
      continue;
    }
    TypeSwitch<Operation *>(&op)
        .Case<arith::MulFOp, arith::DivFOp>(
            [&](Operation *op) { visitFactor(op); })
        .Case<arith::AddFOp, arith::SubFOp>(
            [&](Operation *op) { visitAddend(op); })
        .Case<ReshapeOp, TransposeOp, SliceOp, GatherOp, ResizeOp, PoolOp>(
            [&](Operation *op) { visitShapeOp(op); })
        .Case([&](ConcatOp op) { visitConcat(op); });
  }
  eraseDeadOps(block);
  return success();
}

//===----------------------------------------------------------------------===//
// What is coded
//===----------------------------------------------------------------------===//

/// Whether all elements are whole numbers below 2^31.
static bool isWhole(const ConstantTensor &tensor) {
  if (tensor.getNumElements() == 0)
    return false;
  return llvm::all_of(tensor.getValues<float>(), [](float value) {
    return std::fabs(value) < 0x1p31f && std::nearbyint(value) == value;
  });
}

const CodedValue *CodeRecognizer::getCoded(Value value) {
  if (auto it = codedValues.find(value); it != codedValues.end())
    return &it->second;
  // Whole constants are their own codes.
  Operation *op = value.getDefiningOp();
  if (!isa_and_present<arith::ConstantOp, arith::SIToFPOp, arith::UIToFPOp>(
          op) ||
      realConstants.contains(value))
    return nullptr;
  std::optional<ConstantTensor> tensor = evaluator.evaluate(value);
  if (!tensor || !tensor->isReal() || !isWhole(*tensor)) {
    realConstants.insert(value);
    return nullptr;
  }
  CodedValue coded;
  coded.codes = value;
  coded.scale.assign(1, 1.0f);
  coded.zero.assign(1, 0);
  return &(codedValues[value] = coded);
}

void CodeRecognizer::setCoded(Value value, CodedValue coded) {
  // The codes take the name of the first real value that they code.
  Operation *producer = coded.codes.getDefiningOp();
  if (producer && value.getDefiningOp() != producer &&
      value.getDefiningOp()->hasAttr(valueNameAttr) &&
      named.insert(producer).second)
    copyValueName(value.getDefiningOp(), producer);
  codedValues[value] = std::move(coded);
}

LogicalResult CodeRecognizer::visitDequantize(DequantizeOp op) {
  std::optional<AxisVector<float>> scale =
      evaluator.getAxisVector(op.getScale());
  std::optional<ConstantTensor> zero = evaluator.evaluate(op.getZeroPoint());
  if (!scale || !zero)
    return success();
  for (float value : scale->values)
    if (!(std::isfinite(value) && value > 0))
      return op.emitError() << "expected finite scales greater than 0, but got "
                            << value;
  CodedValue coded;
  coded.codes = op.getInput();
  coded.scale.assign(scale->values.begin(), scale->values.end());
  for (int64_t i = 0, end = zero->getNumElements(); i < end; ++i)
    coded.zero.push_back(zero->getInteger(i));
  if (coded.zero.empty())
    return success();
  coded.axis = op.getAxis();
  coded.step = op.getStep();
  coded.exact = op;
  coded.shrink();
  setCoded(op.getResult(), std::move(coded));
  return success();
}

void CodeRecognizer::visitFactor(Operation *op) {
  bool isDivision = isa<arith::DivFOp>(op);
  for (unsigned i : {0u, 1u}) {
    if (i == 1 && isDivision)
      return;
    const CodedValue *value = getCoded(op->getOperand(i));
    if (!value)
      continue;
    std::optional<AxisVector<float>> factor =
        evaluator.getAxisVector(op->getOperand(1 - i));
    if (!factor)
      continue;
    if (auto result = scaleCodes(*value, *factor, isDivision))
      return setCoded(op->getResult(0), std::move(*result));
  }
}

void CodeRecognizer::visitAddend(Operation *op) {
  bool isSubtraction = isa<arith::SubFOp>(op);
  // A quantizer with a zero point that is not whole gives reals. It is imported
  // as a subtraction that belongs to the same node.
  if (Operation *before = op->getOperand(0).getDefiningOp();
      isSubtraction && isa_and_present<DequantizeOp>(before) &&
      before->getLoc() == op->getLoc())
    return;
  for (unsigned i : {0u, 1u}) {
    if (i == 1 && isSubtraction)
      return;
    const CodedValue *value = getCoded(op->getOperand(i));
    if (!value)
      continue;
    std::optional<AxisVector<float>> addend =
        evaluator.getAxisVector(op->getOperand(1 - i));
    if (!addend)
      continue;
    if (auto result = shiftCodes(*value, *addend, isSubtraction))
      return setCoded(op->getResult(0), std::move(*result));
  }
}

//===----------------------------------------------------------------------===//
// Shape ops
//===----------------------------------------------------------------------===//

/// Whether each window of a pool has a position inside the image.
static bool hasNoEmptyWindow(PoolOp op) {
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

void CodeRecognizer::visitConcat(ConcatOp op) {
  SmallVector<CodedValue> parts;
  bool isExact = true, isUniform = true;
  int64_t axis = op.getAxis();
  for (Value input : op.getInputs()) {
    const CodedValue *part = getCoded(input);
    if (!part || part->codes == input)
      return;
    parts.push_back(*part);
    isExact &= static_cast<bool>(part->exact);
  }
  CodedValue coded;
  coded.step = llvm::any_of(parts, [](auto &part) { return part.step == 2; }) ? 2 : 1;
  for (CodedValue &part : parts) {
    // 2q - 2z times s/2 is q - z times s.
    if (part.step != coded.step) {
      for (float &scale : part.scale) {
        if (scale / 2 * 2 != scale)
          return;
        scale /= 2;
      }
      for (int64_t &zero : part.zero)
        zero *= 2;
    }
    if (part.codes.getType() != withElementsOf(part.codes.getType(),
                                               parts[0].codes.getType()))
      return;
    isUniform &= part.isUniform() && part.scale == parts[0].scale &&
                 part.zero == parts[0].zero;
  }
  SmallVector<Value> codes;
  coded.axis = axis;
  for (CodedValue &part : parts) {
    codes.push_back(part.codes);
    if (!part.isUniform() && part.axis != axis)
      return;
    int64_t extent = isUniform ? 1 : typeOf(part.codes).getDimSize(axis);
    if (isUniform && !coded.scale.empty())
      continue;
    for (int64_t i = 0; i < extent; ++i) {
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

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

/// A Pad by 0 becomes padding of the window that reads it.
void CodeRecognizer::absorbPad(Operation *op) {
  auto pad = op->getOperand(0).getDefiningOp<PadOp>();
  if (!pad || !typeOf(pad.getResult()).getElementType().isF32() ||
      evaluator.getUniform(pad.getValue()) != 0.0f)
    return;
  ArrayRef<int64_t> low = pad.getLow(), high = pad.getHigh();
  if (low.size() < 2 || low[0] || low[1] || high[0] || high[1])
    return;
  auto merge = [&](ArrayRef<int64_t> pads) {
    SmallVector<int64_t> merged(pads);
    for (size_t i = 0, rank = pads.size() / 2; i < rank; ++i) {
      merged[i] += low[2 + i];
      merged[rank + i] += high[2 + i];
    }
    return merged;
  };
  MLIRContext *context = op->getContext();
  if (auto conv = dyn_cast<ConvOp>(op)) {
    ConvAttr geometry = conv.getGeometry();
    conv.setGeometryAttr(ConvAttr::get(
        context, geometry.getStrides(), merge(geometry.getPads()),
        geometry.getDilations(), geometry.getGroups()));
    conv.getInputMutable().assign(pad.getInput());
    return;
  }
  auto pool = cast<PoolOp>(op);
  WindowAttr window = pool.getWindow();
  auto merged = WindowAttr::get(context, window.getKernel(),
                                window.getStrides(), merge(window.getPads()),
                                window.getDilations());
  if (pool.getKind() == PoolKind::Average) {
    bool hasPads = llvm::any_of(window.getPads(), [](int64_t p) { return p; });
    if (hasPads && !pool.getCountPadding())
      return;
    pool.setCountPadding(true);
  } else if (pool.getKind() == PoolKind::Max) {
    // The zeros must never be the maximum.
    const CodedValue *source = getCoded(pad.getInput());
    CodeAttr code =
        source ? getCode(source->codes.getType()) : CodeAttr();
    if (!code)
      return;
    int64_t lowest = code.getMin();
    if (auto quantize = source->codes.getDefiningOp<QuantizeOp>())
      lowest = quantize.getLowest();
    for (int64_t zero : source->zero)
      if (source->step * lowest < zero)
        return;
    OpBuilder builder(op);
    auto copy = cast<PoolOp>(builder.clone(*op));
    copy.setWindowAttr(merged);
    copy.getInputMutable().assign(pad.getInput());
    bool isDefined = hasNoEmptyWindow(copy);
    copy.erase();
    if (!isDefined)
      return;
  } else {
    return;
  }
  pool.setWindowAttr(merged);
  pool.getInputMutable().assign(pad.getInput());
}

static bool isDenseConstant(Value value) {
  DenseElementsAttr elements;
  return matchPattern(value, m_Constant(&elements));
}

/// The operand by which a contraction reads the coded value `value`; null if it
/// is not coded.
DequantizeOp CodeRecognizer::getCanonical(OpBuilder &builder, Value value) {
  const CodedValue *coded = getCoded(value);
  // Scales that are known at run time only.
  if (!coded)
    return value.getDefiningOp<DequantizeOp>();
  DequantizeOp &op = canonical[value];
  if (op)
    return op;
  Location loc = value.getLoc();
  CodedValue narrow = *coded;
  if (evaluator.isConstant(coded->codes)) {
    std::optional<ConstantTensor> codes = evaluator.evaluate(coded->codes);
    std::optional<CodedValue> constant =
        codes ? narrowConstant(builder, loc, *coded, *codes) : std::nullopt;
    if (!constant)
      return nullptr;
    narrow = *constant;
  } else if (DequantizeOp exact = coded->exact;
             exact && isDenseConstant(exact.getScale()) &&
             isDenseConstant(exact.getZeroPoint())) {
    return op = exact;
  }
  op = createDequantize(builder, loc, narrow.codes, narrow.scale, narrow.zero,
                        narrow.axis, narrow.step);
  if (Operation *declared = value.getDefiningOp())
    copyValueName(declared, op);
  return op;
}

LogicalResult CodeRecognizer::visitContraction(Operation *op) {
  SmallVector<OpOperand *, 2> operands = getContractedOperands(op);
  // Of a real and a coded operand, the coded one is read as declared.
  for (OpOperand *operand : operands)
    if (!getCoded(operand->get()) &&
        !operand->get().getDefiningOp<DequantizeOp>())
      return success();
  OpBuilder builder(op);
  SmallVector<Value> declared, coded;
  for (OpOperand *operand : operands) {
    DequantizeOp value = getCanonical(builder, operand->get());
    if (!value)
      return success();
    declared.push_back(operand->get());
    coded.push_back(value.getResult());
  }
  for (auto [operand, value] : llvm::zip(operands, coded))
    operand->set(value);
  std::string reason;
  std::optional<CodedContraction> contraction =
      getCodedContraction(op, &reason);
  if (contraction && contraction->fits())
    return success();
  if (contraction)
    return op->emitError() << "expected integer sums of at most 62 bits, but "
                              "this one needs "
                           << contraction->getSumBits();
  for (auto [operand, value] : llvm::zip(operands, declared))
    operand->set(value);
  op->setDiscardableAttr(floatReasonAttr, builder.getStringAttr(reason));
  return success();
}
