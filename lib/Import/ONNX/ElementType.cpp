//===- ElementType.cpp - ONNX element types ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How each ONNX type is stored: integers up to 16 bits, and unsigned ones of
// 32, as codes; INT32, INT64 and BOOL as plain integers; small floats as what
// builtin attributes have.
//
//===----------------------------------------------------------------------===//

#include "ElementType.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

std::string onnx_import::getElementTypeName(ElementType type) {
  static constexpr const char *names[] = {
      "UNDEFINED",    "FLOAT",        "UINT8",          "INT8",
      "UINT16",       "INT16",        "INT32",          "INT64",
      "STRING",       "BOOL",         "FLOAT16",        "DOUBLE",
      "UINT32",       "UINT64",       "COMPLEX64",      "COMPLEX128",
      "BFLOAT16",     "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2",
      "FLOAT8E5M2FNUZ", "UINT4",      "INT4",           "FLOAT4E2M1",
      "FLOAT8E8M0",   "UINT2",        "INT2"};
  int32_t number = static_cast<int32_t>(type);
  if (number >= 0 && number < static_cast<int32_t>(std::size(names)))
    return names[number];
  return ("number " + Twine(number)).str();
}

unsigned onnx_import::getElementBits(ElementType type) {
  switch (type) {
  case ElementType::UInt2:
  case ElementType::Int2:
    return 2;
  case ElementType::UInt4:
  case ElementType::Int4:
    return 4;
  case ElementType::UInt8:
  case ElementType::Int8:
  case ElementType::Bool:
    return 8;
  case ElementType::UInt16:
  case ElementType::Int16:
  case ElementType::Float16:
  case ElementType::BFloat16:
    return 16;
  case ElementType::Float:
  case ElementType::Int32:
  case ElementType::UInt32:
    return 32;
  case ElementType::Double:
  case ElementType::Int64:
    return 64;
  default:
    return 0;
  }
}

bool onnx_import::isSignedType(ElementType type) {
  return type == ElementType::Int2 || type == ElementType::Int4 ||
         type == ElementType::Int8 || type == ElementType::Int16 ||
         type == ElementType::Int32 || type == ElementType::Int64;
}

bool onnx_import::isIntegerType(ElementType type) {
  return isSignedType(type) || type == ElementType::UInt2 ||
         type == ElementType::UInt4 || type == ElementType::UInt8 ||
         type == ElementType::UInt16 || type == ElementType::UInt32;
}

bool onnx_import::isCodeType(ElementType type) {
  return isIntegerType(type) && type != ElementType::Int32 &&
         type != ElementType::Int64;
}

CodeAttr onnx_import::getElementCode(ElementType type, MLIRContext *context) {
  if (!isIntegerType(type) || type == ElementType::Int64)
    return {};
  return CodeAttr::get(context, isSignedType(type), getElementBits(type));
}

Type onnx_import::getStorageType(ElementType type, MLIRContext *context) {
  switch (type) {
  case ElementType::Float:
    return Float32Type::get(context);
  case ElementType::Double:
    return Float64Type::get(context);
  case ElementType::Float16:
    return Float16Type::get(context);
  case ElementType::BFloat16:
    return BFloat16Type::get(context);
  case ElementType::Bool:
    return IntegerType::get(context, 1);
  case ElementType::Int64:
    return IntegerType::get(context, 64);
  default:
    if (CodeAttr code = getElementCode(type, context))
      return code.getStorageType();
    return {};
  }
}
