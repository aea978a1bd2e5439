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

/// lhs where it is beyond rhs, else rhs: vmaxps and vminps.
static Value select(KernelBuilder &b, arith::CmpFPredicate beyond, Value lhs,
                    Value rhs) {
  Value isBeyond = arith::CmpFOp::create(b, beyond, lhs, rhs);
  return arith::SelectOp::create(b, isBeyond, lhs, rhs);
}

Value mlir::dorefa::emitByteQuantize(KernelBuilder &b, Value reals,
                                     QuantizeScalarOp quantize,
                                     const TargetFeatures &target) {
  auto type = cast<VectorType>(reals.getType());
  if (target.shuffle != TargetFeatures::Shuffle::PShufB ||
      type.getNumElements() % 16 != 0 ||
      quantize.getRounding() != Rounding::HalfEven ||
      quantize.getCode().getStorageType().getWidth() != 8)
    return {};
  Value low = b.splat(quantize.getLowest(), type);
  Value high = b.splat(quantize.getHighest(), type);
  if (target.isAVX2() && quantize.getLowest() == 0) {
    // What is no number becomes the least integer, and that 0.
    reals = select(b, arith::CmpFPredicate::OLT, high, reals);
    SmallVector<Value> rounded;
    for (int64_t i = 0; i < type.getNumElements(); i += 8)
      rounded.push_back(b.intrinsic("llvm.x86.avx.cvt.ps2dq.256", b.words(8),
                                    b.slice(reals, i, 8)));
    return packBytes(b, rounded);
  }
  reals = select(b, arith::CmpFPredicate::OGT, reals, low);
  reals = select(b, arith::CmpFPredicate::OLT, reals, high);
  int64_t lanes = target.vectorBytes / 4;
  SmallVector<Value> rounded;
  for (int64_t i = 0; i < type.getNumElements(); i += lanes)
    rounded.push_back(b.intrinsic("llvm.lrint", b.words(lanes),
                                  b.slice(reals, i, lanes)));
  return arith::TruncIOp::create(b, type.clone(b.getI8Type()),
                                 b.concat(rounded));
}
