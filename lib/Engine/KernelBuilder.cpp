//===- KernelBuilder.cpp - vector code over byte buffers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Buffers are bytes, so every access is a vector of bytes and a bitcast. Index
// arithmetic is folded as it is built, and loops that run once leave no loop,
// so that kernels read as they would if written by hand.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::dorefa;

Value KernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value KernelBuilder::add(Value offset, int64_t value) {
  return value == 0 ? offset : add(offset, index(value));
}

Value KernelBuilder::add(Value lhs, Value rhs) {
  return createOrFold<arith::AddIOp>(lhs, rhs);
}

Value KernelBuilder::mul(Value value, int64_t factor) {
  return factor == 1 ? value : createOrFold<arith::MulIOp>(value, index(factor));
}

Value KernelBuilder::splat(int64_t value, VectorType type) {
  TypedAttr element = isa<FloatType>(type.getElementType())
                          ? TypedAttr(getFloatAttr(type.getElementType(), value))
                          : TypedAttr(getIntegerAttr(type.getElementType(), value));
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(type, Attribute(element)));
}

Value KernelBuilder::splat(Value scalar, VectorType type) {
  return vector::BroadcastOp::create(*this, type, scalar);
}

Value KernelBuilder::bitcast(Value vector, VectorType type) {
  return vector.getType() == type
             ? vector
             : Value(vector::BitCastOp::create(*this, type, vector));
}

Value KernelBuilder::slice(Value vector, int64_t offset, int64_t lanes) {
  if (cast<VectorType>(vector.getType()).getNumElements() == lanes)
    return vector;
  return vector::ExtractStridedSliceOp::create(
      *this, vector, ArrayRef<int64_t>{offset}, ArrayRef<int64_t>{lanes},
      ArrayRef<int64_t>{1});
}

Value KernelBuilder::concat(ArrayRef<Value> vectors) {
  SmallVector<Value> parts(vectors);
  // Pairs of equal vectors first, so that the shuffles are register halves.
  while (parts.size() > 1) {
    SmallVector<Value> joined;
    for (size_t i = 0; i < parts.size(); i += 2) {
      if (i + 1 == parts.size()) {
        joined.push_back(parts[i]);
        continue;
      }
      int64_t low = cast<VectorType>(parts[i].getType()).getNumElements();
      int64_t high = cast<VectorType>(parts[i + 1].getType()).getNumElements();
      joined.push_back(vector::ShuffleOp::create(
          *this, parts[i], parts[i + 1],
          llvm::to_vector(llvm::seq<int64_t>(0, low + high))));
    }
    parts = std::move(joined);
  }
  return parts.front();
}

Value KernelBuilder::loadVector(Value buffer, Value offset, VectorType type) {
  int64_t size = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  Value raw = vector::LoadOp::create(*this, bytes(size), buffer, offset);
  return bitcast(raw, type);
}

Value KernelBuilder::loadScalar(Value buffer, Value offset, Type type) {
  Value vector = loadVector(buffer, offset, vectorOf(1, type));
  return vector::ExtractOp::create(*this, vector, 0);
}

void KernelBuilder::prefetch(Value buffer, Value offset, bool first) {
  memref::PrefetchOp::create(*this, buffer, offset, /*isWrite=*/false,
                             /*localityHint=*/first ? 3 : 2,
                             /*isDataCache=*/true);
}

void KernelBuilder::storeVector(Value vector, Value buffer, Value offset) {
  auto type = cast<VectorType>(vector.getType());
  int64_t size = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  vector::StoreOp::create(*this, bitcast(vector, bytes(size)), buffer, offset);
}

Value KernelBuilder::getConstantBytes(StringRef name, ArrayRef<int8_t> bytes) {
  auto module =
      getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto type = MemRefType::get({int64_t(bytes.size())}, getI8Type());
  if (!module.lookupSymbol(name)) {
    auto tensor = RankedTensorType::get(type.getShape(), getI8Type());
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(module.getBody());
    memref::GlobalOp::create(*this, name, getStringAttr("private"), type,
                             DenseElementsAttr::get(tensor, bytes),
                             /*constant=*/true, getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(*this, type, name);
}

Value KernelBuilder::createStackBytes(int64_t size) {
  Operation *parent = getInsertionBlock()->getParentOp();
  while (!isa<FunctionOpInterface>(parent))
    parent = parent->getParentOp();
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(
      &cast<FunctionOpInterface>(parent).getFunctionBody().front());
  return memref::AllocaOp::create(*this, MemRefType::get({size}, getI8Type()),
                                  getI64IntegerAttr(64));
}

/// Empty inline assembly.
static LLVM::InlineAsmOp createAsm(KernelBuilder &b, TypeRange results,
                                   ValueRange operands, StringRef constraints,
                                   bool isOrdered) {
  return LLVM::InlineAsmOp::create(b, results, operands, /*asm_string=*/"",
                                   constraints, /*has_side_effects=*/isOrdered,
                                   /*is_align_stack=*/false,
                                   LLVM::TailCallKind::None, nullptr, nullptr);
}

/// The operand goes through a register of its own.
static Value throughRegister(KernelBuilder &b, Value value,
                             StringRef constraint, bool isOrdered) {
  return createAsm(b, value.getType(), value, ("=" + constraint + ",0").str(),
                   isOrdered)
      .getRes();
}

Value KernelBuilder::hide(Value number) {
  if (!number.getType().isIndex())
    return throughRegister(*this, number, "r", /*isOrdered=*/true);
  Value integer = arith::IndexCastUIOp::create(*this, getI64Type(), number);
  return arith::IndexCastUIOp::create(*this, getIndexType(), hide(integer));
}

Value KernelBuilder::hide(Value value, StringRef constraint) {
  return throughRegister(*this, value, constraint, /*isOrdered=*/false);
}

Value KernelBuilder::pin(Value value, StringRef constraint) {
  return throughRegister(*this, value, constraint, /*isOrdered=*/true);
}

void KernelBuilder::fence() { createAsm(*this, {}, {}, "", true); }

Value KernelBuilder::intrinsic(StringRef name, Type result,
                               ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(*this, result,
                                       getStringAttr(name), operands)
      .getResult(0);
}

SmallVector<Value> KernelBuilder::loop(
    int64_t count, ValueRange state,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  return loop(index(0), index(count), state, body);
}

SmallVector<Value> KernelBuilder::loop(
    Value begin, Value end, ValueRange state,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  std::optional<int64_t> first = getConstantIntValue(begin),
                         last = getConstantIntValue(end);
  if (first && last && *last - *first == 1)
    return body(begin, state);
  Value step = index(1);
  auto loop = scf::ForOp::create(*this, begin, end, step, state);
  OpBuilder::InsertionGuard guard(*this);
  if (state.empty())
    setInsertionPoint(loop.getBody()->getTerminator());
  else
    setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!state.empty())
    scf::YieldOp::create(*this, next);
  return loop.getResults();
}

void KernelBuilder::loop(int64_t count, function_ref<void(Value)> body) {
  loop(count, {}, [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}
