//===- BitCount.h - weighted counts of bits ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The number of set bits of each 32-bit lane times a power of two, added to
// sums. With a popcount of vectors that is two or three instructions. Elsewhere
// it is seven or more, and a tree of carry-save adders counts eight or sixteen
// vectors for one such count: of three vectors of the same weight it makes their
// sum, a vector of that weight, and their carry, one of twice the weight.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_ENGINE_BITCOUNT_H
#define DOREFA_LIB_ENGINE_BITCOUNT_H

#include "dorefa/Engine/KernelBuilder.h"
#include "dorefa/Target/CPU/TargetFeatures.h"

namespace mlir::dorefa {

/// sum + 2^weight * popcount(bits), lane by lane.
Value addBitCount(KernelBuilder &b, const TargetFeatures &target, Value sum,
                  Value bits, int64_t weight);

/// Levels of the tree that suits the target's registers; 0 if its vectors have
/// a popcount, or it has none.
int64_t getCarrySaveLevels(const TargetFeatures &target);

/// The counts of one lane vector. They are values that live from loop to loop:
/// the sum of what has been counted, then what each level holds. `pin` keeps
/// them from being computed earlier than written.
class CarrySaveTree {
public:
  CarrySaveTree(KernelBuilder &b, const TargetFeatures &target,
                MutableArrayRef<Value> state, function_ref<Value(Value)> pin)
      : b(b), target(target), sum(state.front()), levels(state.drop_front()),
        waiting(levels.size()), pin(pin) {}

  /// Counts one or two products and(lhs[i], rhs[i]), each bit as 2^weight.
  void addProducts(ArrayRef<Value> lhs, ArrayRef<Value> rhs, int64_t weight);
  /// Takes in what waits for a second vector, which lives in no loop.
  void settle();
  /// The sum, with what the levels hold.
  Value getTotal();

private:
  void add(Value bits, size_t level);

  KernelBuilder &b;
  const TargetFeatures &target;
  Value &sum;
  MutableArrayRef<Value> levels;
  SmallVector<Value, 4> waiting;
  function_ref<Value(Value)> pin;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_ENGINE_BITCOUNT_H
