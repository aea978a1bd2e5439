//===- ConstantPool.h - constants and functions that steps share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The module's symbols that steps share: constants, each stored once
// under a name that says what it holds, and declarations of runtime functions.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_CONSTANTPOOL_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_CONSTANTPOOL_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::dorefa::loops {

/// The constants of a module, each stored once.
class ConstantPool {
public:
  explicit ConstantPool(ModuleOp module) : symbols(module) {}

  /// The elements as they lie in a buffer of the tensor's type.
  memref::GlobalOp getElements(Location loc, ElementsAttr elements);

  /// The unsigned numbers `code - min`, each `bits` wide, without gaps.
  memref::GlobalOp getBitPacked(Location loc, ElementsAttr elements,
                                CodeAttr code);

  /// An array of i64 that is no part of the model, such as a descriptor.
  memref::GlobalOp getWords(Location loc, ArrayRef<int64_t> words);

  /// A function of the artifact's runtime on scalars.
  func::FuncOp getScalarFunction(StringRef name, FunctionType type);

  /// A function of the artifact's runtime on pointers, without result.
  LLVM::LLVMFuncOp getPointerFunction(StringRef name, unsigned numArguments);

  /// Inserts `op` into the module under a name that begins with its own.
  void insert(Operation *op) { symbols.insert(op); }

private:
  memref::GlobalOp create(Location loc, StringRef name, MemRefType type,
                          ArrayRef<char> bytes);
  MLIRContext *getContext() { return symbols.getOp()->getContext(); }

  SymbolTable symbols;
  llvm::DenseMap<Attribute, memref::GlobalOp> plain, packed;
};

/// The bytes of the elements, row-major, booleans as bytes.
SmallVector<char> getBytes(ElementsAttr elements);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_CONSTANTPOOL_H
