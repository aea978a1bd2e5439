//===- EpilogueEvaluator.h - epilogues evaluated at integers ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Thresholds are found by evaluating the declared chain, so this evaluator is
// as exact as the chain: every step is one operation of the law's section 0.
// It belongs to the compiler alone; the interpreter, which checks it, has its
// own.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEEVALUATOR_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEEVALUATOR_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <optional>

namespace mlir::dorefa {

/// What an epilogue computes with: a real, or an integer of some width,
/// sign-extended (`i1`: 0 or 1).
struct EpilogueScalar {
  float real = 0;
  int64_t integer = 0;
};

/// Evaluates the epilogue of a layer with one accumulator of integers, constant
/// parameters and no residuals.
class EpilogueEvaluator {
public:
  /// One op of the epilogue; operands and result are numbers of slots.
  struct Step {
    Operation *op;
    SmallVector<unsigned, 3> operands;
    unsigned result;
    /// Of the result, and of the first operand: 0 for reals.
    unsigned width = 0, operandWidth = 0;
  };

  /// Nothing if the layer has another form or an op that cannot be evaluated.
  static std::optional<EpilogueEvaluator> get(LayerOp layer);

  /// Loads the parameters of one channel.
  void setChannel(int64_t channel);
  /// Evaluates all steps for one value of the accumulator.
  void evaluate(int64_t accumulator);

  ArrayRef<Step> getSteps() const { return steps; }
  ArrayRef<EpilogueScalar> getSlots() const { return slots; }
  unsigned getSlot(Value value) const { return slotOf.lookup(value); }
  static constexpr unsigned accumulatorSlot = 0;

private:
  bool addParameter(Value tensor, BlockArgument argument);
  bool addStep(Operation &op);
  void execute(const Step &step);
  int64_t countThresholds(const Step &step) const;

  /// A parameter's elements: one, or `width` a channel.
  struct Parameter {
    SmallVector<EpilogueScalar> elements;
    unsigned slot;
    int64_t width = 1;
    bool isUniform = false;
  };

  int64_t channel = 0;
  SmallVector<Parameter> parameters;
  /// Which parameter a slot of a vector is.
  DenseMap<unsigned, unsigned> vectorOf;
  SmallVector<Step> steps;
  SmallVector<EpilogueScalar> slots;
  DenseMap<Value, unsigned> slotOf;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_EPILOGUEEVALUATOR_H
