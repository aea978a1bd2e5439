//===- ConstantTensor.h - elements of a constant tensor ---------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The elements of a constant as one flat buffer that kernels loop over.
// Attributes copy, hash and keep their data until the context dies, which is
// too much for every step of a chain over tens of millions of weights: only
// what stays in the IR becomes an attribute.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CONSTANTTENSOR_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CONSTANTTENSOR_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <memory>
#include <optional>
#include <vector>

namespace mlir::dorefa {

/// Elements are `float` for f32, one byte for i1, else integers of the element
/// type's width. A splat holds one element.
class ConstantTensor {
public:
  /// The elements of an attribute; nothing for element types that we do not
  /// compute on.
  static std::optional<ConstantTensor> get(Attribute attribute);
  /// Uninitialized elements.
  static ConstantTensor allocate(RankedTensorType type, bool isSplat);
  /// Whether elements of this type can be held.
  static bool holds(Type type);

  DenseElementsAttr getAttr() const;

  RankedTensorType getType() const { return type; }
  ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  bool isSplat() const { return splat; }
  unsigned getElementBytes() const;
  bool isReal() const { return type.getElementType().isF32(); }

  ArrayRef<char> getBytes() const { return bytes; }
  template <typename T>
  ArrayRef<T> getValues() const {
    return {reinterpret_cast<const T *>(bytes.data()),
            bytes.size() / sizeof(T)};
  }
  template <typename T>
  MutableArrayRef<T> getMutableValues() {
    return {reinterpret_cast<T *>(owned->data()), owned->size() / sizeof(T)};
  }

  /// The integer that element i stands for: codes by their encoding, others
  /// sign-extended (i1: 0 or 1).
  int64_t getInteger(int64_t i) const;

  /// The same elements with another shape, or as a splat of another shape.
  ConstantTensor withType(RankedTensorType newType) const;
  /// The same with each element stored.
  ConstantTensor expanded() const;

private:
  RankedTensorType type;
  bool splat = false;
  std::shared_ptr<std::vector<char>> owned;
  ArrayRef<char> bytes;
};

/// Values that vary along at most one dimension of a tensor.
template <typename T>
struct AxisVector {
  /// One value, or one an element of `axis`.
  SmallVector<T, 1> values;
  int64_t axis = 0;

  bool isUniform() const { return values.size() == 1; }
  T at(int64_t i) const { return values[isUniform() ? 0 : i]; }
};

/// The values of a tensor that varies along at most one dimension.
std::optional<AxisVector<float>> getAxisVector(const ConstantTensor &tensor);

/// Calls `body` with a value of the integer type of `elementBytes` bytes.
template <typename Body>
auto withInteger(unsigned elementBytes, Body body) {
  switch (elementBytes) {
  case 1:
    return body(int8_t());
  case 2:
    return body(int16_t());
  case 4:
    return body(int32_t());
  default:
    return body(int64_t());
  }
}

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CONSTANTTENSOR_H
