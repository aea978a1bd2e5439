//===- ByteCodes.cpp - codes of bytes by x86's instructions ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteCodes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Packs two registers of AVX2.
static Value pack(KernelBuilder &b, StringRef intrinsic, Type element, Value low,
                  Value high) {
  int64_t lanes = 2 * cast<VectorType>(low.getType()).getNumElements();
  Value packed =
      b.intrinsic(intrinsic, b.vectorOf(lanes, element), {low, high});
  // The halves of both operands give quarters by turns.
  Value quarters = b.bitcast(packed, b.vectorOf(4, b.getI64Type()));
  Value inOrder = vector::ShuffleOp::create(b, quarters, quarters,
                                            ArrayRef<int64_t>{0, 2, 1, 3});
  return b.bitcast(inOrder, b.vectorOf(lanes, element));
}

Value mlir::dorefa::packBytes(KernelBuilder &b, ArrayRef<Value> registers) {
  SmallVector<Value> words(registers), bytes;
  if (getElementTypeOrSelf(registers.front()).isInteger(32)) {
    words.clear();
    for (size_t i = 0; i < registers.size(); i += 2)
      words.push_back(pack(b, "llvm.x86.avx2.packusdw", b.getI16Type(),
                           registers[i], registers[i + 1]));
  }
  size_t i = 0;
  for (; i + 1 < words.size(); i += 2)
    bytes.push_back(pack(b, "llvm.x86.avx2.packuswb", b.getI8Type(), words[i],
                         words[i + 1]));
  if (i < words.size())
    bytes.push_back(
        b.intrinsic("llvm.x86.sse2.packuswb.128", b.bytes(16),
                    {b.slice(words[i], 0, 8), b.slice(words[i], 8, 8)}));
  return b.concat(bytes);
}

namespace {
/// On registers of eight or sixteen reals.
class RegisterArithmetic {
public:
  RegisterArithmetic(KernelBuilder &b, int64_t lanes) : b(b), lanes(lanes) {}

  Value constant(double value) {
    auto type = b.vectorOf(lanes, b.getF32Type());
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(type, static_cast<float>(value)));
  }
  /// The second operand where one is NaN.
  Value max(Value lhs, Value rhs) { return select("max", lhs, rhs); }
  Value min(Value lhs, Value rhs) { return select("min", lhs, rhs); }
  /// The nearest integers, ties to even; the least one of what has none.
  Value round(Value reals) {
    VectorType type = b.vectorOf(lanes, b.getI32Type());
    if (lanes == 8)
      return b.intrinsic("llvm.x86.avx.cvt.ps2dq.256", type, reals);
    Value zeros = b.splat(int64_t(0), type);
    Value all = arith::ConstantOp::create(b, b.getI16IntegerAttr(-1));
    return b.intrinsic("llvm.x86.avx512.mask.cvtps2dq.512", type,
                       {reals, zeros, all, getRoundingMode()});
  }

private:
  Value select(StringRef which, Value lhs, Value rhs) {
    if (lanes == 8)
      return b.intrinsic(("llvm.x86.avx." + which + ".ps.256").str(),
                         lhs.getType(), {lhs, rhs});
    return b.intrinsic(("llvm.x86.avx512." + which + ".ps.512").str(),
                       lhs.getType(), {lhs, rhs, getRoundingMode()});
  }
  /// That of the environment.
  Value getRoundingMode() {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(4));
  }

  KernelBuilder &b;
  int64_t lanes;
};
} // namespace

Value mlir::dorefa::emitByteQuantize(KernelBuilder &b, Value reals,
                                     QuantizeScalarOp quantize,
                                     const TargetFeatures &target) {
  auto type = cast<VectorType>(reals.getType());
  CodeAttr code = quantize.getCode();
  int64_t lanes = target.vectorBytes / 4;
  if (target.shuffle != TargetFeatures::Shuffle::PShufB ||
      (lanes != 8 && lanes != 16) || type.getNumElements() % 16 != 0 ||
      !type.getElementType().isF32() ||
      quantize.getRounding() != Rounding::HalfEven ||
      code.getStorageType().getWidth() != 8)
    return {};
  RegisterArithmetic registers(b, lanes);
  // Packing clamps to 0, which the least integer becomes as well.
  bool packs = lanes == 8 && quantize.getLowest() == 0;
  SmallVector<Value> rounded;
  for (int64_t i = 0; i < type.getNumElements(); i += lanes) {
    Value part = b.slice(reals, i, lanes);
    if (!packs)
      part = registers.max(part, registers.constant(quantize.getLowest()));
    part = registers.min(registers.constant(quantize.getHighest()), part);
    rounded.push_back(registers.round(part));
  }
  if (packs)
    return packBytes(b, rounded);
  return arith::TruncIOp::create(b, type.clone(b.getI8Type()),
                                 b.concat(rounded));
}
