//===- KernelBuilder.h - vector code over byte buffers ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels read and write packed buffers, which are `memref<bytes x i8>`, at
// byte offsets of type index. LLVM makes single loads, broadcasts and stores
// of the byte vectors and bitcasts used here.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_KERNELBUILDER_H
#define DOREFA_ENGINE_KERNELBUILDER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::dorefa {

class KernelBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value index(int64_t value);
  Value add(Value offset, int64_t value);
  Value add(Value lhs, Value rhs);
  Value mul(Value value, int64_t factor);

  VectorType vectorOf(int64_t lanes, Type element) {
    return VectorType::get({lanes}, element);
  }
  VectorType bytes(int64_t lanes) { return vectorOf(lanes, getI8Type()); }
  VectorType words(int64_t lanes) { return vectorOf(lanes, getI32Type()); }

  /// A vector whose elements are all `value` (an integer or float type).
  Value splat(int64_t value, VectorType type);
  Value splat(Value scalar, VectorType type);
  Value bitcast(Value vector, VectorType type);
  /// Lanes [offset, offset + lanes) of a vector.
  Value slice(Value vector, int64_t offset, int64_t lanes);
  /// The vectors one behind the other.
  Value concat(ArrayRef<Value> vectors);

  Value loadVector(Value buffer, Value offset, VectorType type);
  Value loadScalar(Value buffer, Value offset, Type type);
  /// Asks for the line at `offset`, which may lie behind the buffer's end:
  /// into the first-level cache, or only the second.
  void prefetch(Value buffer, Value offset, bool first);
  void storeVector(Value vector, Value buffer, Value offset);

  /// A constant of the module, aligned to 64 bytes, made at the first call with
  /// this name.
  Value getConstantBytes(StringRef name, ArrayRef<int8_t> bytes);

  /// Bytes on the stack of the function that is being built, aligned to 64.
  Value createStackBytes(int64_t size);

  /// The number, of which the optimiser then knows nothing, not even that it is
  /// the same each time.
  Value hide(Value number);
  /// The value as it is, of which the optimiser then knows nothing.
  /// `constraint` is the target's letter for its registers.
  Value hide(Value value, StringRef constraint);
  /// The value, computed here: in front of what is pinned behind it, and of
  /// loads there.
  Value pin(Value value, StringRef constraint);
  /// Loads behind this stay behind it.
  void fence();

  Value intrinsic(StringRef name, Type result, ValueRange operands);

  /// `scf.for` from 0 to `count` (not emitted for a count of 1) that carries
  /// `state`; `body` returns the new state.
  SmallVector<Value>
  loop(int64_t count, ValueRange state,
       function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// The same from `begin` to `end`; always a loop unless both are constants.
  SmallVector<Value>
  loop(Value begin, Value end, ValueRange state,
       function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// The same without state.
  void loop(int64_t count, function_ref<void(Value)> body);
};

} // namespace mlir::dorefa

#endif // DOREFA_ENGINE_KERNELBUILDER_H
