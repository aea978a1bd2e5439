//===- BitCount.cpp - weighted counts of bits ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where there is no popcount of a vector, shuffles look up the counts of
// nibbles. LLVM does not find the majority of three in one vpternlog, so the
// adders ask for it, with the products' and inside: from u = level ^ product 0
// and s = u ^ product 1 the carry is u ? ~s : level.
//
//===----------------------------------------------------------------------===//

#include "BitCount.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::dorefa;

using Dot4 = TargetFeatures::Dot4;

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

static int64_t getBytes(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements() * 4;
}

/// The popcount of each byte.
static Value countBytes(KernelBuilder &b, const TargetFeatures &target,
                        Value bits) {
  int64_t size = getBytes(bits);
  VectorType bytes = b.bytes(size), pairs = b.vectorOf(size / 2, b.getI16Type());
  if (target.popcountBytes)
    return math::CtPopOp::create(b, b.bitcast(bits, bytes));
  SmallVector<int8_t> counts;
  for (int64_t i = 0; i < size; ++i)
    counts.push_back(llvm::popcount(unsigned(i % 16)));
  Value table = arith::ConstantOp::create(
      b, DenseElementsAttr::get(bytes, ArrayRef<int8_t>(counts)));
  Value nibble = b.splat(int64_t(15), bytes);
  Value upper = b.bitcast(
      arith::ShRUIOp::create(b, b.bitcast(bits, pairs),
                             b.splat(int64_t(4), pairs)),
      bytes);
  auto lookUp = [&](Value indices) {
    return b.intrinsic(size == 64 ? "llvm.x86.avx512.pshuf.b.512"
                                  : "llvm.x86.avx2.pshuf.b",
                       bytes,
                       {table, arith::AndIOp::create(b, indices, nibble)});
  };
  return arith::AddIOp::create(b, lookUp(b.bitcast(bits, bytes)),
                               lookUp(upper));
}

/// sum + 2^weight * the counts of each lane's bytes.
static Value addByteCounts(KernelBuilder &b, const TargetFeatures &target,
                           Value sum, Value counts, int64_t weight) {
  VectorType bytes = cast<VectorType>(counts.getType());
  Value factor = b.splat(int64_t(1) << weight, bytes);
  bool isWide = bytes.getNumElements() == 64;
  switch (target.dot4) {
  case Dot4::VNNI:
    return b.intrinsic(isWide ? "llvm.x86.avx512.vpdpbusd.512"
                              : "llvm.x86.avx512.vpdpbusd.256",
                       sum.getType(), {sum, counts, factor});
  case Dot4::UDot:
    return b.intrinsic("llvm.aarch64.neon.udot", sum.getType(),
                       {sum, counts, factor});
  default:
    break;
  }
  VectorType pairs = b.vectorOf(bytes.getNumElements() / 2, b.getI16Type());
  Value sums = b.intrinsic(isWide ? "llvm.x86.avx512.pmaddubs.w.512"
                                  : "llvm.x86.avx2.pmadd.ub.sw",
                           pairs, {counts, factor});
  Value dots = b.intrinsic(isWide ? "llvm.x86.avx512.pmaddw.d.512"
                                  : "llvm.x86.avx2.pmadd.wd",
                           sum.getType(), {sums, b.splat(int64_t(1), pairs)});
  return arith::AddIOp::create(b, sum, dots);
}

Value mlir::dorefa::addBitCount(KernelBuilder &b, const TargetFeatures &target,
                                Value sum, Value bits, int64_t weight) {
  bool hasShuffle = target.shuffle == TargetFeatures::Shuffle::PShufB;
  bool hasByteCounts = target.dot4 == Dot4::VNNI || target.dot4 == Dot4::UDot
                           ? target.popcountBytes || hasShuffle
                           : hasShuffle;
  // The factor is a signed byte.
  bool isByWords = !hasByteCounts || weight > 6 ||
                   (target.popcountWords && weight == 0);
  if (!isByWords)
    return addByteCounts(b, target, sum, countBytes(b, target, bits), weight);
  Value count = math::CtPopOp::create(b, bits);
  if (weight != 0)
    count = arith::ShLIOp::create(
        b, count, b.splat(weight, cast<VectorType>(count.getType())));
  return arith::AddIOp::create(b, sum, count);
}

//===----------------------------------------------------------------------===//
// Carry-save adders
//===----------------------------------------------------------------------===//

int64_t mlir::dorefa::getCarrySaveLevels(const TargetFeatures &target) {
  // The unrolled tree of scalars would be large for what it saves.
  bool hasVectors = target.shuffle != TargetFeatures::Shuffle::None ||
                    target.isVectorRISCV;
  if (!hasVectors || target.popcountBytes || target.popcountWords)
    return 0;
  return target.numRegisters > 16 ? 4 : 2;
}

/// One instruction for any function of three bits: that of (1, 0, 0) is bit 4
/// of `table`.
static Value emitTernary(KernelBuilder &b, Value x, Value y, Value z,
                         int64_t table) {
  bool isWide = getBytes(x) == 64;
  Value constant = arith::ConstantOp::create(b, b.getI32IntegerAttr(table));
  return b.intrinsic(isWide ? "llvm.x86.avx512.pternlog.d.512"
                            : "llvm.x86.avx512.pternlog.d.256",
                     x.getType(), {x, y, z, constant});
}

void CarrySaveTree::add(Value bits, size_t level) {
  if (level >= levels.size()) {
    sum = pin(addBitCount(b, target, sum, bits, level));
    return;
  }
  Value &kept = levels[level], &other = waiting[level];
  if (!other) {
    other = bits;
    return;
  }
  Value carry;
  if (target.ternaryLogic) {
    carry = emitTernary(b, kept, other, bits, 0xe8);
    kept = pin(emitTernary(b, kept, other, bits, 0x96));
  } else {
    Value either = arith::XOrIOp::create(b, kept, other);
    carry = arith::OrIOp::create(b, arith::AndIOp::create(b, kept, other),
                                 arith::AndIOp::create(b, either, bits));
    kept = pin(arith::XOrIOp::create(b, either, bits));
  }
  other = Value();
  add(carry, level + 1);
}

void CarrySaveTree::addProducts(ArrayRef<Value> lhs, ArrayRef<Value> rhs,
                                int64_t weight) {
  size_t level = weight;
  if (target.ternaryLogic && level < levels.size() && lhs.size() == 2) {
    Value kept = levels[level];
    Value first = emitTernary(b, kept, lhs[0], rhs[0], 0x78);
    levels[level] = pin(emitTernary(b, first, lhs[1], rhs[1], 0x78));
    add(emitTernary(b, first, levels[level], kept, 0x3a), level + 1);
    return;
  }
  for (auto [x, y] : llvm::zip_equal(lhs, rhs))
    add(arith::AndIOp::create(b, x, y), level);
}

void CarrySaveTree::settle() {
  for (auto [level, bits] : llvm::enumerate(waiting)) {
    if (!bits)
      continue;
    Value carry = arith::AndIOp::create(b, levels[level], bits);
    levels[level] = pin(arith::XOrIOp::create(b, levels[level], bits));
    bits = Value();
    add(carry, level + 1);
  }
}

Value CarrySaveTree::getTotal() {
  Value total = sum;
  for (auto [level, bits] : llvm::enumerate(levels))
    total = addBitCount(b, target, total, bits, level);
  return total;
}
