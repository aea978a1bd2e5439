//===- ConstantPool.cpp - constants and functions that steps share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Constants are stored once however many steps read them, keyed by their
// attribute. A constant's name says what it holds: codes, reals, integers,
// or words, which are no part of the model. Codes that a step only packs
// need no bytes of their own: they are one stream of bits, least significant
// first,
//
//   bit b of number i at bit i*bits + b
//
// and dorefa_pack_digits spreads them over the layout.
//
//===----------------------------------------------------------------------===//

#include "ConstantPool.h"
#include "Steps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

SmallVector<char> loops::getBytes(ElementsAttr elements) {
  auto type = cast<RankedTensorType>(elements.getShapedType());
  int64_t size = getBufferBytes(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    ArrayRef<char> data = resource.getData();
    if (static_cast<int64_t>(data.size()) == size)
      return SmallVector<char>(data);
    return SmallVector<char>(size, 0);
  }
  auto dense = cast<DenseElementsAttr>(elements);
  SmallVector<char> bytes;
  bytes.reserve(size);
  if (type.getElementType().isInteger(1)) {
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return bytes;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat())
    return SmallVector<char>(raw);
  for (int64_t i = 0, end = type.getNumElements(); i < end; ++i)
    bytes.append(raw.begin(), raw.end());
  return bytes;
}

memref::GlobalOp ConstantPool::create(Location loc, StringRef name,
                                      MemRefType type, ArrayRef<char> bytes) {
  auto tensor = RankedTensorType::get(type.getShape(), type.getElementType());
  OpBuilder builder(getContext());
  auto global = memref::GlobalOp::create(
      builder, loc, name, builder.getStringAttr("private"), type,
      DenseElementsAttr::getFromRawBuffer(tensor, bytes),
      /*constant=*/true, builder.getI64IntegerAttr(64));
  symbols.insert(global, symbols.getOp()->getRegion(0).front().begin());
  return global;
}

memref::GlobalOp ConstantPool::getElements(Location loc,
                                           ElementsAttr elements) {
  memref::GlobalOp &global = plain[elements];
  if (global)
    return global;
  auto type = cast<RankedTensorType>(elements.getShapedType());
  SmallVector<char> bytes = getBytes(elements);
  StringRef name = getCode(type)                    ? "codes"
                   : type.getElementType().isF32() ? "reals"
                                                   : "integers";
  // Without dimensions: LLVM would make a constant of each innermost row.
  MemRefType buffer = getBufferType(type);
  return global = create(loc, name,
                         MemRefType::get({buffer.getNumElements()},
                                         buffer.getElementType()),
                         bytes);
}

memref::GlobalOp ConstantPool::getBitPacked(Location loc, ElementsAttr elements,
                                            CodeAttr code) {
  memref::GlobalOp &global = packed[elements];
  if (global)
    return global;
  SmallVector<char> bytes = getBytes(elements);
  unsigned elementBytes = code.getStorageType().getWidth() / 8;
  int64_t count = bytes.size() / elementBytes;
  SmallVector<char> stream(llvm::divideCeil(count * code.getBits(), 8), 0);
  for (int64_t i = 0; i < count; ++i) {
    uint64_t stored = 0;
    for (unsigned byte = 0; byte < elementBytes; ++byte)
      stored |= uint64_t(uint8_t(bytes[i * elementBytes + byte])) << (8 * byte);
    uint64_t number =
        code.decode(APInt(8 * elementBytes, stored)) - code.getMin();
    for (unsigned bit = 0; bit < code.getBits(); ++bit) {
      int64_t position = i * code.getBits() + bit;
      stream[position / 8] |= char((number >> bit & 1) << (position % 8));
    }
  }
  auto type = MemRefType::get({static_cast<int64_t>(stream.size())},
                              IntegerType::get(getContext(), 8));
  return global = create(loc, "codes", type, stream);
}

memref::GlobalOp ConstantPool::getWords(Location loc, ArrayRef<int64_t> words) {
  auto type = MemRefType::get({static_cast<int64_t>(words.size())},
                              IntegerType::get(getContext(), 64));
  return create(loc, "words", type,
                ArrayRef(reinterpret_cast<const char *>(words.data()),
                         words.size() * sizeof(int64_t)));
}

func::FuncOp ConstantPool::getScalarFunction(StringRef name,
                                             FunctionType type) {
  // Epilogues of layers declare functions, too.
  if (Operation *declared =
          SymbolTable::lookupSymbolIn(symbols.getOp(), name))
    return cast<func::FuncOp>(declared);
  OpBuilder builder(getContext());
  auto function =
      func::FuncOp::create(builder, builder.getUnknownLoc(), name, type);
  function.setPrivate();
  symbols.insert(function);
  return function;
}

LLVM::LLVMFuncOp ConstantPool::getPointerFunction(StringRef name,
                                                  unsigned numArguments) {
  if (auto function = symbols.lookup<LLVM::LLVMFuncOp>(name))
    return function;
  OpBuilder builder(getContext());
  SmallVector<Type> arguments(numArguments,
                              LLVM::LLVMPointerType::get(getContext()));
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(getContext()), arguments);
  auto function =
      LLVM::LLVMFuncOp::create(builder, builder.getUnknownLoc(), name, type);
  symbols.insert(function);
  return function;
}
