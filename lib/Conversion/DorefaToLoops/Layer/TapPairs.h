//===- TapPairs.h - depthwise products of two taps at a time ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// On AVX2, vpmaddubsw and vpmaddwd add the products of two neighbours. The codes
// of two taps of a depthwise window are brought beside each other, channel by
// channel, as their weights are; neighbouring pixels have such codes in common.
// Two rows' taps of one column are a pair, and in a last row two columns'. A tap
// that is left over goes with one before it, whose weight is 0 there.
//
//   codes and weights  sums  channels at a time
//   bytes              i16   16 or 32
//   words              i32   16
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_TAPPAIRS_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_TAPPAIRS_H

#include "dorefa/Engine/DirectLayout.h"
#include "dorefa/Engine/KernelBuilder.h"
#include <optional>

namespace mlir::dorefa {

/// A position of a window.
struct Tap {
  int64_t row, column;
};

class TapPairs {
public:
  /// For a depthwise product of codes whose sums never leave `sumType`, those of
  /// some products neither; `weight` is what its weights stand for. Nothing where the
  /// target, the unit of channels or the numbers are not those of an instruction.
  static std::optional<TapPairs> get(const ProductShape &shape, AffineAttr weight,
                                     Type sumType, int64_t unit,
                                     const TargetFeatures &target);

  /// Holds the pairs' weights. `load` gives a unit's at a tap, in the type of the
  /// sums.
  void holdWeights(KernelBuilder &b, function_ref<Value(Tap)> load);

  /// The sums of a unit of channels at `count` pixels. They share loads and shuffles
  /// best if they are neighbours in a row. `load` gives a unit's codes under a tap of
  /// a pixel, as they are stored.
  SmallVector<Value> emit(KernelBuilder &b, int64_t count,
                          function_ref<Value(int64_t, Tap)> load) const;

private:
  /// The first may be another pair's, too.
  struct Pair {
    Tap first, second;
    bool countsFirst = true;
  };
  /// What a unit's pairs, or their sums, fill: one or two.
  using Registers = SmallVector<Value, 2>;

  TapPairs(const ProductShape &shape, Type sumType, int64_t unit);

  /// Channels by turns. Of a whole vector, each of two registers has one half of
  /// the channels of each 16 bytes.
  Registers interleave(KernelBuilder &b, Value first, Value second) const;
  /// The sums of such registers, in the order of channels.
  Value join(KernelBuilder &b, const Registers &sums) const;
  Value multiplyAdd(KernelBuilder &b, Value sum, Value codes,
                    Value weights) const;

  bool isOfBytes() const { return sumType.isInteger(16); }
  /// Channels beside each other whose sums fill one half of a register.
  int64_t getRun() const { return isOfBytes() ? 8 : 4; }
  VectorType getUnitType(KernelBuilder &b) const {
    return b.vectorOf(unit, isOfBytes() ? b.getI8Type() : b.getI16Type());
  }

  Type sumType;
  int64_t unit, stride, dilation;
  SmallVector<Pair> pairs;
  SmallVector<Registers> weights; ///< of each pair
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_TAPPAIRS_H
