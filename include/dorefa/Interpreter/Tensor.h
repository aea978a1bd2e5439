//===- Tensor.h - values of the interpreter ---------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The interpreter's only kind of value. Integers of every type and width are
// held as the numbers they stand for, so that ops need not know signs and
// widths of codes; only what wraps around asks for the format.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_INTERPRETER_TENSOR_H
#define DOREFA_INTERPRETER_TENSOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <memory>
#include <vector>

namespace mlir::dorefa {

/// How the bits of an integer element are read: codes as their encoding says,
/// booleans as 0 and 1, other signless integers as signed ones.
struct IntegerFormat {
  unsigned width = 64;
  bool isSigned = true;

  /// The format of a scalar, or of the elements of a tensor.
  static IntegerFormat of(Type type);

  /// The number that the low `width` bits of `value` stand for.
  int64_t wrap(int64_t value) const;
};

/// A static tensor of binary32 reals or of integers, in row-major order.
/// Integers are held as the numbers they stand for, in 64 bits whatever their
/// type. Copies share the elements; they are written right after creation and
/// never again.
class Tensor {
public:
  Tensor() = default;

  /// A tensor of zeros. The type has a static shape and elements of f32 or of
  /// an integer type of at most 64 bits.
  explicit Tensor(RankedTensorType type);

  /// The elements of a constant.
  explicit Tensor(DenseElementsAttr constant);

  /// Whether the class can hold values of the type: see the constructor. An
  /// upper bound on the number of elements keeps claims of absurd sizes from
  /// exhausting the memory.
  static bool isSupported(Type type);

  RankedTensorType getType() const { return type; }
  ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  bool isReal() const { return type.getElementType().isF32(); }

  ArrayRef<float> getReals() const { return *reals; }
  MutableArrayRef<float> getReals() { return *reals; }
  ArrayRef<int64_t> getIntegers() const { return *integers; }
  MutableArrayRef<int64_t> getIntegers() { return *integers; }

  /// The same elements as another type of the same element type and count.
  Tensor reinterpret(RankedTensorType newType) const;

  /// Prints the elements in one line, reals with the digits that identify them.
  void printElements(raw_ostream &os) const;

private:
  RankedTensorType type;
  std::shared_ptr<std::vector<float>> reals;
  std::shared_ptr<std::vector<int64_t>> integers;
};

/// The distance in elements between neighbours along each dimension of a
/// row-major tensor.
SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape);

/// Calls `visit` for each index of the shape in row-major order.
void forEachIndex(ArrayRef<int64_t> shape,
                  function_ref<void(ArrayRef<int64_t> index)> visit);

} // namespace mlir::dorefa

#endif // DOREFA_INTERPRETER_TENSOR_H
