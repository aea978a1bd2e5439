//===- CastOperators.cpp - conversions of elements ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A cast of codes to FLOAT is a dequantizer of scale 1, and one of FLOAT to
// codes a quantizer that truncates, so both stay visible to the passes. Codes
// become plain integers by way of FLOAT.
// Constants are converted at once, by way of integers of 128 bits that hold
// every source value.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

/// All elements, or one if they are all the same: as many as it takes to
/// construct the attribute again.
template <typename T>
static auto getDistinctElements(DenseElementsAttr elements) {
  auto begin = elements.value_begin<T>();
  int64_t count = elements.isSplat() ? 1 : elements.getNumElements();
  return llvm::make_range(begin, begin + count);
}

/// The value of a constant converted to FLOAT, as ONNX rounds it.
static Value convertToReals(NodeImporter &node, DenseElementsAttr elements) {
  SmallVector<float> reals;
  for (APFloat value : getDistinctElements<APFloat>(elements)) {
    bool losesInfo;
    value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    reals.push_back(value.convertToFloat());
  }
  auto type = RankedTensorType::get(elements.getType().getShape(),
                                    node.getBuilder().getF32Type());
  return node.createConstant(DenseElementsAttr::get(type, ArrayRef(reals)));
}

static Value castToReals(NodeImporter &node) {
  Value input = node.getStored(0);
  if (!input)
    return {};
  auto inputType = cast<RankedTensorType>(input.getType());
  if (inputType.getElementType().isF32())
    return input;
  DenseElementsAttr elements = node.getConstant(0);
  if (isa<FloatType>(inputType.getElementType()))
    return elements ? convertToReals(node, elements) : node.getReal(0);
  if (getCode(inputType)) {
    Value scale = node.createSplat({}, 1);
    Value zero = node.createConstant(DenseElementsAttr::get(
        RankedTensorType::get({}, node.getBuilder().getI32Type()), int32_t(0)));
    return node.create<DequantizeOp>(
        RankedTensorType::get(inputType.getShape(),
                              node.getBuilder().getF32Type()),
        input, scale, zero, /*axis=*/int64_t(0), /*step=*/int64_t(1));
  }
  auto type = RankedTensorType::get(inputType.getShape(),
                                    node.getBuilder().getF32Type());
  if (isSignedType(node.getInputType(0)))
    return node.create<arith::SIToFPOp>(type, input);
  return node.create<arith::UIToFPOp>(type, input);
}

/// Converts a constant to integers: reals toward zero, integers modulo the
/// width of the type.
static LogicalResult castConstant(NodeImporter &node,
                                  DenseElementsAttr elements, ElementType to) {
  ElementType from = node.getInputType(0);
  Type storage = getStorageType(to, node.getContext());
  unsigned storageBits = storage.getIntOrFloatBitWidth();
  unsigned bits = to == ElementType::Bool ? 1 : getElementBits(to);
  SmallVector<APInt> values;
  auto append = [&](const APInt &wide) {
    APInt narrow = wide.trunc(bits);
    values.push_back(isSignedType(to) ? narrow.sextOrTrunc(storageBits)
                                      : narrow.zextOrTrunc(storageBits));
  };
  constexpr unsigned wideBits = 128;
  if (isa<FloatType>(elements.getElementType())) {
    for (const APFloat &value : getDistinctElements<APFloat>(elements)) {
      if (to == ElementType::Bool) {
        append(APInt(wideBits, !value.isZero()));
        continue;
      }
      APSInt integer(wideBits, /*isUnsigned=*/false);
      bool isExact;
      if (value.convertToInteger(integer, APFloat::rmTowardZero, &isExact) ==
          APFloat::opInvalidOp)
        return node.emitError() << "a constant is not in the range of "
                                << getElementTypeName(to);
      append(integer);
    }
  } else {
    for (const APInt &value : getDistinctElements<APInt>(elements))
      append(to == ElementType::Bool ? APInt(wideBits, !value.isZero())
             : isSignedType(from)    ? value.sext(wideBits)
                                     : value.zext(wideBits));
  }
  auto type = RankedTensorType::get(elements.getType().getShape(), storage);
  Value result = node.createConstant(DenseElementsAttr::get(type, values));
  if (node.getState().fromShapes.contains(node.getStored(0)))
    node.getState().fromShapes.insert(result);
  return node.setOutput(0, result, to);
}

/// Reals toward zero. What lies outside the type's range has no meaning in
/// ONNX; here it is kept inside, and NaN becomes 0.
static Value castToIntegers(NodeImporter &node, Value input,
                            RankedTensorType type) {
  ArrayRef<int64_t> shape = type.getShape();
  float bound = std::ldexp(1.0f, type.getElementTypeBitWidth() - 1);
  Value zero = node.createSplat(shape, 0);
  Value low = node.createSplat(shape, -bound);
  Value high = node.createSplat(shape, std::nextafter(bound, 0.0f));
  Value isNumber =
      node.create<arith::CmpFOp>(arith::CmpFPredicate::ORD, input, input);
  Value number = node.create<arith::SelectOp>(isNumber, input, zero);
  number = node.create<arith::MaximumFOp>(number, low);
  number = node.create<arith::MinimumFOp>(number, high);
  return node.create<arith::FPToSIOp>(type, number);
}

/// Conversions between BOOL, INT32 and INT64, which are no codes; null for
/// others. Integers are taken modulo the width of the type.
static Value castIntegers(NodeImporter &node, Value input, ElementType to) {
  auto isPlain = [](ElementType type) {
    return type == ElementType::Bool || type == ElementType::Int32 ||
           type == ElementType::Int64;
  };
  if (!isPlain(node.getInputType(0)) || !isPlain(to) ||
      getCode(input.getType()))
    return {};
  auto from = cast<RankedTensorType>(input.getType());
  auto type = RankedTensorType::get(from.getShape(),
                                    getStorageType(to, node.getContext()));
  if (to == ElementType::Bool) {
    Value zero = node.createConstant(DenseElementsAttr::get(
        from, node.getBuilder().getIntegerAttr(from.getElementType(), 0)));
    return node.create<arith::CmpIOp>(arith::CmpIPredicate::ne, input, zero);
  }
  if (type.getElementTypeBitWidth() < from.getElementTypeBitWidth())
    return node.create<arith::TruncIOp>(type, input);
  if (node.getInputType(0) == ElementType::Bool)
    return node.create<arith::ExtUIOp>(type, input);
  return node.create<arith::ExtSIOp>(type, input);
}

/// Codes of at most 16 bits, which are exact as reals, as plain integers or as
/// whether they are not 0; null for others.
static Value castCodes(NodeImporter &node, Value input, ElementType to) {
  CodeAttr code = getCode(input.getType());
  constexpr unsigned maxBits = 16;
  bool isPlain = to == ElementType::Int32 || to == ElementType::Int64;
  if (!code || code.getBits() > maxBits ||
      (!isPlain && to != ElementType::Bool))
    return {};
  Value reals = castToReals(node);
  if (!reals)
    return {};
  if (to == ElementType::Bool)
    return node.create<arith::CmpFOp>(arith::CmpFPredicate::UNE, reals,
                                      node.createSplat(getShape(reals), 0));
  return node.create<arith::FPToSIOp>(
      RankedTensorType::get(getShape(reals),
                            getStorageType(to, node.getContext())),
      reals);
}

static LogicalResult importCast(NodeImporter &node) {
  ElementType to = static_cast<ElementType>(node.getInt("to"));
  node.ignore({"saturate", "round_mode"});
  Value input = node.getStored(0);
  if (!input)
    return failure();
  ElementType from = node.getInputType(0);
  if (to == from)
    return node.setOutput(0, input, to);
  if (to == ElementType::Float)
    return node.setReal(castToReals(node));
  bool toInteger = isIntegerType(to) || to == ElementType::Bool;
  if (toInteger)
    if (DenseElementsAttr elements = node.getConstant(0);
        elements && !getCode(input.getType()))
      return castConstant(node, elements, to);
  if (isReal(input) && to == ElementType::Bool) {
    Value zero = node.createSplat(getShape(input), 0);
    return node.setOutput(0,
                          node.create<arith::CmpFOp>(arith::CmpFPredicate::UNE,
                                                     input, zero),
                          to);
  }
  // Truncation is the rounding of this cast; what lies outside the type's
  // range has no meaning in ONNX.
  if (isReal(input) && isCodeType(to)) {
    RankedTensorType type =
        getElementCode(to, node.getContext()).getTensorType(getShape(input));
    return node.setOutput(0,
                          node.create<QuantizeOp>(type, input, Rounding::Down,
                                                  IntegerAttr(), IntegerAttr()),
                          to);
  }
  if (isReal(input) && (to == ElementType::Int32 || to == ElementType::Int64)) {
    auto type = RankedTensorType::get(getShape(input),
                                      getStorageType(to, node.getContext()));
    return node.setOutput(0, castToIntegers(node, input, type), to);
  }
  if (Value result = castCodes(node, input, to))
    return node.setOutput(0, result, to);
  if (Value result = castIntegers(node, input, to))
    return node.setOutput(0, result, to);
  return node.emitError() << "unsupported conversion from "
                          << getElementTypeName(from) << " to "
                          << getElementTypeName(to)
                          << ": to FLOAT is supported, from FLOAT to integers "
                             "of at most 64 bits, from integers of at most 16 "
                             "bits to BOOL, INT32 and INT64, between these, "
                             "and any of constants";
}

ArrayRef<Operator> onnx_import::getCastOperators() {
  static constexpr Operator operators[] = {{"Cast", importCast, 1, 1}};
  return operators;
}
