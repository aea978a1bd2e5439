//===- RecognizeContractions.cpp - contractions that read codes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where coded values are put to use: a contraction gets `dorefa.dequantize`
// operands if all of them are coded and no scale varies along a contracted
// dimension; else it keeps its declared operands, and an attribute says why it
// runs in float. Pads by 0 in front move into the window's geometry, for which
// padding means real 0.
//
//===----------------------------------------------------------------------===//

#include "CodeRecognizer.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

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

/// The dimension of an operand's output channels, along which the zero points
/// of products may vary.
static std::optional<int64_t> getOutputAxis(OpOperand &operand) {
  if (operand.getOperandNumber() != 1)
    return std::nullopt;
  if (isa<ConvOp>(operand.getOwner()))
    return 0;
  if (isa<MatmulOp>(operand.getOwner()))
    return shapeOf(operand.get()).size() - 1;
  return std::nullopt;
}

/// The value by which a contraction reads its coded operand; null if it is not
/// coded.
DequantizeOp CodeRecognizer::getCanonical(OpBuilder &builder,
                                          OpOperand &operand) {
  Value value = operand.get();
  const CodedValue *coded = getCoded(value);
  // Scales that are known at run time only.
  if (!coded)
    return value.getDefiningOp<DequantizeOp>();
  std::optional<int64_t> zeroAxis = getOutputAxis(operand);
  DequantizeOp &op = canonical[{value, zeroAxis.value_or(-1)}];
  if (op)
    return op;
  Location loc = value.getLoc();
  CodedValue narrow = *coded;
  if (evaluator.isConstant(coded->codes)) {
    std::optional<ConstantTensor> codes = evaluator.evaluate(coded->codes);
    std::optional<CodedValue> constant =
        codes ? narrowConstant(builder, loc, *coded, *codes, zeroAxis)
              : std::nullopt;
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
  // Named as its codes are, which may stand for several values: recognised
  // again, they keep their name.
  Value named = evaluator.isConstant(coded->codes) ? value : coded->codes;
  if (Operation *producer = named.getDefiningOp())
    copyValueName(producer, op);
  return op;
}

LogicalResult CodeRecognizer::visitContraction(Operation *op) {
  SmallVector<OpOperand *, 2> operands = getContractedOperands(op);
  OpBuilder builder(op);
  auto refuse = [&](OpOperand *operand, StringRef why) {
    StringRef name = getOperandName(op, operand->getOperandNumber());
    // Constants that have been folded no longer say why.
    if (!op->hasAttr(floatReasonAttr))
      op->setDiscardableAttr(floatReasonAttr,
                             builder.getStringAttr(name + why));
    return success();
  };
  auto isReal = [&](OpOperand *operand) {
    return !getCoded(operand->get()) &&
           !operand->get().getDefiningOp<DequantizeOp>();
  };
  if (llvm::all_of(operands, isReal))
    return success();
  // Of a real and a coded operand, the coded one is read as declared.
  for (OpOperand *operand : operands)
    if (isReal(operand))
      return refuse(operand, " is real");
  SmallVector<Value> declared, coded;
  for (OpOperand *operand : operands) {
    DequantizeOp value = getCanonical(builder, *operand);
    if (!value)
      return refuse(operand, " needs codes of more than 32 bits");
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
