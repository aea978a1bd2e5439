//===- PackDigits.cpp - packing bit by bit ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The general pack and unpack: loops over all elements and bits, each bit moved
// by itself to the address that the digits add up to. Slow, but right for every
// layout; the usual ones have their own loops in PackPixels.cpp.
//
//===----------------------------------------------------------------------===//

#include "PackDigits.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// The address in bits that `indices` add up to.
static Value getBitAddress(ImplicitLocOpBuilder &b, DigitsAttr digits,
                           ValueRange indices) {
  Value address = getIndex(b, digits.getOffset());
  ArrayRef<int64_t> list = digits.getDigits();
  for (size_t i = 0; i < list.size(); i += 4) {
    Value index = indices[list[i]];
    if (list[i + 1] != 1)
      index = arith::DivUIOp::create(b, index, getIndex(b, list[i + 1]));
    index = arith::RemUIOp::create(b, index, getIndex(b, list[i + 2]));
    address = getPosition(b, 0, {address, index}, {1, list[i + 3]});
  }
  return address;
}

/// Byte and shift of bit `plane` from `address` on.
static std::pair<Value, Value> getBit(ImplicitLocOpBuilder &b, Value address,
                                      int64_t distance) {
  Value bit = getPosition(b, distance, address, {1});
  Value byte = arith::ShRUIOp::create(b, bit, getIndex(b, 3));
  Value shift = arith::IndexCastOp::create(
      b, b.getI8Type(), arith::AndIOp::create(b, bit, getIndex(b, 7)));
  return {byte, shift};
}

void loops::emitDigitsPack(ImplicitLocOpBuilder &b, Value from, Value to,
                           ArrayRef<int64_t> shape, DigitsAttr digits,
                           CodeAttr code) {
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  emitNest(b, shape, [&](ValueRange indices) {
    Value stored = memref::LoadOp::create(
        b, from, getPosition(b, 0, indices, strides));
    if (isa<FloatType>(stored.getType()))
      stored = arith::BitcastOp::create(b, b.getI32Type(), stored);
    else if (code)
      stored = addOffset(b, stored, -code.getMin());
    Value address = getBitAddress(b, digits, indices);
    Type type = stored.getType();
    int64_t planes =
        std::min<int64_t>(digits.getBits(), type.getIntOrFloatBitWidth());
    for (int64_t plane = 0; plane < planes; ++plane) {
      auto [byte, shift] = getBit(b, address, plane * digits.getPlane());
      Value bit = arith::ShRUIOp::create(
          b, stored, getConstant(b, type, static_cast<double>(plane)));
      if (!type.isInteger(8))
        bit = arith::TruncIOp::create(b, b.getI8Type(), bit);
      bit = arith::AndIOp::create(b, bit, getConstant(b, b.getI8Type(), 1));
      Value old = memref::LoadOp::create(b, to, byte);
      Value merged = arith::OrIOp::create(
          b, old, arith::ShLIOp::create(b, bit, shift));
      memref::StoreOp::create(b, merged, to, byte);
    }
  });
}

void loops::emitDigitsUnpack(ImplicitLocOpBuilder &b, Value from, Value to,
                             ArrayRef<int64_t> shape, DigitsAttr digits,
                             CodeAttr code) {
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  Type element = cast<MemRefType>(to.getType()).getElementType();
  Type integer = b.getIntegerType(element.getIntOrFloatBitWidth());
  emitNest(b, shape, [&](ValueRange indices) {
    Value address = getBitAddress(b, digits, indices);
    Value number = getConstant(b, integer, 0);
    for (int64_t plane = 0; plane < digits.getBits(); ++plane) {
      auto [byte, shift] = getBit(b, address, plane * digits.getPlane());
      Value bit = arith::AndIOp::create(
          b,
          arith::ShRUIOp::create(b, memref::LoadOp::create(b, from, byte),
                                 shift),
          getConstant(b, b.getI8Type(), 1));
      if (!integer.isInteger(8))
        bit = arith::ExtUIOp::create(b, integer, bit);
      bit = arith::ShLIOp::create(
          b, bit, getConstant(b, integer, static_cast<double>(plane)));
      number = arith::OrIOp::create(b, number, bit);
    }
    Value value = number;
    if (isa<FloatType>(element))
      value = arith::BitcastOp::create(b, element, number);
    else if (code)
      value = addOffset(b, number, code.getMin());
    memref::StoreOp::create(b, value, to, getPosition(b, 0, indices, strides));
  });
}
