//===- QuantizerRecognizer.h - quantizers that models spell out ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The state of RecognizeQuantizers, whose methods are spread over
// RecognizeQuantizers.cpp and NarrowCodes.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_QUANTIZERRECOGNIZER_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_QUANTIZERRECOGNIZER_H

#include "CodeBuilder.h"
#include "ConstantEvaluator.h"

namespace mlir::dorefa {

/// A quantizer that is not declared as one is a rounding with a Clip by whole
/// numbers directly before or behind it, a Sign, or a Where of two constants.
/// Each becomes `dorefa.quantize` and `dorefa.dequantize`, whose value is the
/// declared one bit for bit, so every reader gets it. Clips of codes move into
/// the quantizer, and code types shrink to what the quantizer can give.
class QuantizerRecognizer {
public:
  /// Values from `low` to `high`.
  struct Range {
    float low, high;
  };

  /// `min(max(input, low), high)`.
  struct Clip {
    Value input;
    Range range;
  };

  explicit QuantizerRecognizer(Block &block) : block(block) {}
  void run();

private:
  void visitRounding(Operation *op, Rounding rounding);
  void visitClip(Operation *op);
  void visitSelect(arith::SelectOp op);
  void visitQuantize(QuantizeOp op);
  void visitCodeClip(Operation *op);
  void visitCodeUser(Operation *op);

  std::optional<Clip> matchClip(Value value);
  std::optional<Range> getRange(Value value, unsigned depth = 0);
  std::optional<Range> getWholeRangeBefore(Value value);
  bool isSign(arith::SelectOp op, Value &input);
  bool isDeclaredQuantizer(Operation *rounding);
  std::optional<std::pair<Value, float>> splitConstant(Operation *op);
  void replace(Operation *op, QuantizeOp codes, ArrayRef<float> scale,
               int64_t zero, int64_t axis, int64_t step);

  Block &block;
  ConstantEvaluator evaluator;
  /// Codes of a narrower type that equal a code tensor.
  DenseMap<Value, Value> narrowed;
};

/// The rounding mode of an op that rounds to integers.
std::optional<Rounding> getRounding(Operation *op);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_QUANTIZERRECOGNIZER_H
