//===- ElementType.h - ONNX element types ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// ONNX's element types beside MLIR's: builtin types do not tell UINT8 from
// INT8, so the importer keeps the former along with each value.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_ELEMENTTYPE_H
#define DOREFA_LIB_IMPORT_ONNX_ELEMENTTYPE_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"

namespace mlir::dorefa::onnx_import {

/// TensorProto.DataType. The numbers are the format's; the proto definition
/// that the package ships does not know the latest of them.
enum class ElementType : int32_t {
  Undefined = 0,
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
  BFloat16 = 16,
  UInt4 = 21,
  Int4 = 22,
  UInt2 = 25,
  Int2 = 26,
};

/// The type's name as ONNX spells it.
std::string getElementTypeName(ElementType type);

/// Bits that one element takes in raw data; 0 for types that are not
/// supported, in constants or anywhere.
unsigned getElementBits(ElementType type);

/// Whether elements of the type are codes: integers of at most 16 bits, and
/// unsigned ones of 32.
bool isCodeType(ElementType type);

/// The encoding of codes of an integer type with at most 32 bits, else null.
CodeAttr getElementCode(ElementType type, MLIRContext *context);

/// The builtin type that constants of the type have; null if there is none.
Type getStorageType(ElementType type, MLIRContext *context);

bool isSignedType(ElementType type);
bool isIntegerType(ElementType type);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_ELEMENTTYPE_H
