//===- ConstantTensor.cpp - elements of a constant tensor -------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Elements of an attribute are read in place where they have whole bytes.
// Booleans are copied, one byte each, whatever form the attribute has them in.
//
//===----------------------------------------------------------------------===//

#include "ConstantTensor.h"
#include "dorefa/Dialect/Dorefa/IR/TensorSize.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

bool ConstantTensor::holds(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !hasSupportedSize(tensor))
    return false;
  Type element = tensor.getElementType();
  if (element.isF32())
    return true;
  auto integer = dyn_cast<IntegerType>(element);
  return integer && llvm::is_contained({1u, 8u, 16u, 32u, 64u},
                                       integer.getWidth());
}

unsigned ConstantTensor::getElementBytes() const {
  return std::max(1u, type.getElementTypeBitWidth() / 8);
}

ConstantTensor ConstantTensor::allocate(RankedTensorType type, bool isSplat) {
  ConstantTensor tensor;
  tensor.type = type;
  tensor.splat = isSplat && type.getNumElements() > 0;
  int64_t count = tensor.splat ? 1 : type.getNumElements();
  tensor.owned = std::make_shared<std::vector<char>>(
      count * tensor.getElementBytes());
  tensor.bytes = *tensor.owned;
  return tensor;
}

std::optional<ConstantTensor> ConstantTensor::get(Attribute attribute) {
  auto elements = dyn_cast_if_present<ElementsAttr>(attribute);
  if (!elements || !holds(elements.getType()))
    return std::nullopt;
  auto type = cast<RankedTensorType>(elements.getType());
  if (type.getElementTypeBitWidth() == 1) {
    auto dense = dyn_cast<DenseIntElementsAttr>(attribute);
    if (!dense)
      return std::nullopt;
    ConstantTensor tensor = allocate(type, dense.isSplat());
    if (tensor.splat)
      (*tensor.owned)[0] = dense.getSplatValue<bool>();
    else
      for (auto [to, from] : llvm::zip(*tensor.owned, dense.getValues<bool>()))
        to = from;
    return tensor;
  }
  ConstantTensor tensor;
  tensor.type = type;
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    tensor.splat = dense.isSplat() && type.getNumElements() > 0;
    tensor.bytes = dense.getRawData();
    if (type.getNumElements() == 0)
      tensor.bytes = {};
    return tensor;
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    size_t size = type.getNumElements() * tensor.getElementBytes();
    if (!blob || blob->getData().size() != size)
      return std::nullopt;
    tensor.bytes = blob->getData();
    return tensor;
  }
  return std::nullopt;
}

DenseElementsAttr ConstantTensor::getAttr() const {
  if (type.getElementTypeBitWidth() == 1) {
    SmallVector<bool> values(bytes.begin(), bytes.end());
    return DenseElementsAttr::get(type, ArrayRef<bool>(values));
  }
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

int64_t ConstantTensor::getInteger(int64_t i) const {
  if (type.getElementTypeBitWidth() == 1)
    return bytes[splat ? 0 : i];
  CodeAttr code = getCode(type);
  bool isUnsigned = code ? !code.getIsSigned()
                         : type.getElementType().isUnsignedInteger();
  return withInteger(getElementBytes(), [&](auto tag) -> int64_t {
    using Signed = decltype(tag);
    Signed value = getValues<Signed>()[splat ? 0 : i];
    return isUnsigned
               ? int64_t(static_cast<std::make_unsigned_t<Signed>>(value))
               : int64_t(value);
  });
}

ConstantTensor ConstantTensor::withType(RankedTensorType newType) const {
  ConstantTensor tensor = *this;
  tensor.type = newType;
  return tensor;
}

ConstantTensor ConstantTensor::expanded() const {
  if (!splat)
    return *this;
  ConstantTensor tensor = allocate(type, /*isSplat=*/false);
  withInteger(getElementBytes(), [&](auto tag) {
    using Element = decltype(tag);
    llvm::fill(tensor.getMutableValues<Element>(),
               getValues<Element>().front());
  });
  return tensor;
}

std::optional<AxisVector<float>>
mlir::dorefa::getAxisVector(const ConstantTensor &tensor) {
  if (!tensor.isReal() || tensor.getNumElements() == 0)
    return std::nullopt;
  AxisVector<float> vector;
  ArrayRef<float> values = tensor.getValues<float>();
  // Bit patterns, so that a NaN equals itself.
  ArrayRef<int32_t> bits = tensor.getValues<int32_t>();
  vector.values.push_back(values.front());
  if (llvm::all_equal(bits))
    return vector;

  // The first element that differs from element 0 lies on the axis along which
  // the tensor varies, as the earlier dimensions' index is 0 there.
  int64_t first = 1;
  while (bits[first] == bits[0])
    ++first;
  ArrayRef<int64_t> shape = tensor.getShape();
  int64_t axis = shape.size() - 1, inner = 1;
  while (first >= inner * shape[axis])
    inner *= shape[axis--];
  int64_t extent = shape[axis];
  for (int64_t i = 0, end = bits.size(); i < end; ++i)
    if (bits[i] != bits[i / inner % extent * inner])
      return std::nullopt;
  vector.axis = axis;
  vector.values.clear();
  for (int64_t i = 0; i < extent; ++i)
    vector.values.push_back(values[i * inner]);
  return vector;
}
