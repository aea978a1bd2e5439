//===- Tensor.cpp - values of the interpreter -------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Conversions between stored bits and the integers that they stand for, in the
// two places where they matter: constants that are read, and results that wrap
// around at the width of their type.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Interpreter/Tensor.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

// One tensor: 4 GiB of reals or 8 GiB of integers.
static constexpr int64_t maxElements = int64_t(1) << 30;

IntegerFormat IntegerFormat::of(Type type) {
  auto element = cast<IntegerType>(getElementTypeOrSelf(type));
  if (CodeAttr code = getCode(type))
    return {element.getWidth(), code.getIsSigned()};
  return {element.getWidth(), element.getWidth() > 1 && !element.isUnsigned()};
}

int64_t IntegerFormat::wrap(int64_t value) const {
  if (width >= 64)
    return value;
  uint64_t bits = static_cast<uint64_t>(value) << (64 - width);
  return isSigned ? static_cast<int64_t>(bits) >> (64 - width)
                  : static_cast<int64_t>(bits >> (64 - width));
}

Tensor::Tensor(RankedTensorType type) : type(type) {
  if (isReal())
    reals = std::make_shared<std::vector<float>>(getNumElements());
  else
    integers = std::make_shared<std::vector<int64_t>>(getNumElements());
}

Tensor::Tensor(DenseElementsAttr constant)
    : Tensor(cast<RankedTensorType>(constant.getType())) {
  if (isReal()) {
    llvm::copy(constant.getValues<float>(), reals->begin());
    return;
  }
  IntegerFormat format = IntegerFormat::of(type);
  for (auto [target, value] :
       llvm::zip_equal(*integers, constant.getValues<APInt>()))
    target = format.isSigned ? value.getSExtValue()
                             : static_cast<int64_t>(value.getZExtValue());
}

bool Tensor::isSupported(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() ||
      !(tensor.getElementType().isF32() ||
        (isa<IntegerType>(tensor.getElementType()) &&
         tensor.getElementTypeBitWidth() <= 64)))
    return false;
  if (llvm::is_contained(tensor.getShape(), 0))
    return true;
  int64_t count = 1;
  for (int64_t extent : tensor.getShape())
    if (llvm::MulOverflow(count, extent, count) || count > maxElements)
      return false;
  return true;
}

Tensor Tensor::reinterpret(RankedTensorType newType) const {
  Tensor result = *this;
  result.type = newType;
  return result;
}

void Tensor::printElements(raw_ostream &os) const {
  os << '[';
  if (isReal())
    llvm::interleaveComma(getReals(), os, [&](float x) {
      if (std::isnan(x)) // of which the sign means nothing
        os << "nan";
      else
        os << llvm::format("%.9g", x);
    });
  else
    llvm::interleaveComma(getIntegers(), os);
  os << ']';
}

SmallVector<int64_t> mlir::dorefa::getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

void mlir::dorefa::forEachIndex(
    ArrayRef<int64_t> shape,
    function_ref<void(ArrayRef<int64_t> index)> visit) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t> index(shape.size(), 0);
  for (;;) {
    visit(index);
    int64_t dimension = static_cast<int64_t>(shape.size()) - 1;
    while (dimension >= 0 && ++index[dimension] == shape[dimension])
      index[dimension--] = 0;
    if (dimension < 0)
      return;
  }
}
