//===- Pack.cpp - steps of packing and unpacking ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Constants are packed by the artifact's runtime from their stored form, which
// has no gaps. What is packed in a run is written pixel by pixel; what is not
// in row-major order and not in elements is read bit by bit.
//
//===----------------------------------------------------------------------===//

#include "PackDigits.h"
#include "PackKernels.h"
#include "PackPixels.h"
#include "PackedBuffers.h"
#include "StepEmitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// The address of a buffer.
static Value getPointer(ImplicitLocOpBuilder &builder, Value buffer) {
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(builder, buffer);
  Value integer =
      arith::IndexCastOp::create(builder, builder.getI64Type(), address);
  return LLVM::IntToPtrOp::create(
      builder, LLVM::LLVMPointerType::get(builder.getContext()), integer);
}

namespace {
/// A packed type as digits and the dimensions that they count, for a row-major
/// tensor of the given shape.
struct DigitsOf {
  DigitsOf(RankedTensorType type, ArrayRef<int64_t> plainShape)
      : shape(plainShape) {
    if (auto layout = dyn_cast<LayoutAttr>(type.getEncoding())) {
      digits = layout.getDigits(type.getShape());
      shape = layout.getDigitsShape(type.getShape());
    } else {
      digits = cast<DigitsAttr>(type.getEncoding());
    }
  }
  DigitsAttr digits;
  SmallVector<int64_t> shape;
};
} // namespace

/// Writes the bytes that a buffer holds where no digit goes.
static void emitFill(ImplicitLocOpBuilder &builder, Value buffer,
                     DigitsAttr digits) {
  if (digits.getFill().empty())
    return;
  SmallVector<int8_t> bytes;
  for (int64_t i = 0; i < 64; ++i)
    bytes.push_back(digits.getFill()[i % digits.getFill().size()]);
  emitRepeatedBytes(builder, buffer, digits.getBytes(), bytes);
}

/// Packs a constant by dorefa_pack_digits of the artifact's runtime.
static void emitConstantPack(ImplicitLocOpBuilder &builder,
                             ConstantPool &constants, ElementsAttr elements,
                             CodeAttr code, Value to, DigitsAttr digits,
                             ArrayRef<int64_t> shape) {
  memref::GlobalOp source =
      code ? constants.getBitPacked(builder.getLoc(), elements, code)
           : constants.getElements(builder.getLoc(), elements);
  int64_t bits = code ? code.getBits() : 32;
  SmallVector<int64_t> words = {
      bits, static_cast<int64_t>(shape.size()),
      static_cast<int64_t>(digits.getDigits().size() / 4), digits.getOffset()};
  llvm::append_range(words, shape);
  llvm::append_range(words, digits.getDigits());
  for (int64_t bit = 0; bit < bits; ++bit)
    words.push_back(bit * digits.getPlane());
  memref::GlobalOp descriptor = constants.getWords(builder.getLoc(), words);
  auto getGlobal = [&](memref::GlobalOp global) -> Value {
    return memref::GetGlobalOp::create(builder, global.getType(),
                                       global.getSymName());
  };
  LLVM::LLVMFuncOp callee =
      constants.getPointerFunction("dorefa_pack_digits", 3);
  LLVM::CallOp::create(
      builder, callee,
      ValueRange{getPointer(builder, to),
                 getPointer(builder, getGlobal(source)),
                 getPointer(builder, getGlobal(descriptor))});
}

LogicalResult StepEmitter::emitPack(PackOp op) {
  RankedTensorType from = getTensorType(op.getInput()),
                   type = getTensorType(op.getResult());
  // Digits count the input's dimensions, which may be more than the result's.
  DigitsOf packed(type, from.getShape());
  CodeAttr code = getCode(from);
  Value to = getBuffer(op.getResult());
  if (isPacked(op.getInput()))
    return op.emitOpError("unsupported: packing from another layout");

  ElementsAttr elements;
  if (step.isPrepare &&
      matchPattern(getStorage(op.getInput()), m_Constant(&elements)) &&
      (code || from.getElementType().isF32())) {
    emitBorderFill(builder, to, type);
    emitFill(builder, to, packed.digits);
    emitConstantPack(builder, constants, elements, code, to, packed.digits,
                     packed.shape);
    emitKernels(builder, to, packed.digits);
    return success();
  }
  Value source = getFlat(op.getInput());
  if (getLayout(op.getResult())) {
    emitPixelPack(builder, source, to, type);
    return success();
  }
  emitClear(builder, to);
  emitFill(builder, to, packed.digits);
  emitDigitsPack(builder, source, to, packed.shape, packed.digits, code);
  emitKernels(builder, to, packed.digits);
  return success();
}

LogicalResult StepEmitter::emitUnpack(UnpackOp op) {
  RankedTensorType from = getTensorType(op.getInput());
  Value source = getBuffer(op.getInput()), to = getFlat(op.getResult());
  LayoutAttr layout = getLayout(op.getInput());
  if (layout && layout.getKind() == LayoutKind::Elements) {
    emitElementUnpack(builder, source, to, from);
  } else {
    DigitsOf packed(from, from.getShape());
    emitDigitsUnpack(builder, source, to, packed.shape, packed.digits,
                     getCode(getTensorType(op.getResult())));
  }
  return success();
}
