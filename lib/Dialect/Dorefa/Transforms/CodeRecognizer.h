//===- CodeRecognizer.h - which reals are codes times a scale ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The state of RecognizeCodes: what each value codes, and which dequantizer
// contractions read in its place.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODERECOGNIZER_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODERECOGNIZER_H

#include "CodedValue.h"

namespace mlir::dorefa {

/// One sweep forward over a block: which reals are affine in integer codes,
/// whatever constant arithmetic and shape ops lie between. Contractions whose
/// operands are all coded get `dorefa.dequantize` as operands, shape ops and
/// maximum pools move in front of it. The declared arithmetic stays for
/// elementwise readers and dies where there are none.
class CodeRecognizer {
public:
  explicit CodeRecognizer(Block &block) : block(block) {}
  LogicalResult run();

private:
  const CodedValue *getCoded(Value value);
  void setCoded(Value value, CodedValue coded);

  LogicalResult visitDequantize(DequantizeOp op);
  void visitFactor(Operation *op);
  void visitAddend(Operation *op);
  void quantizeIntegers(Operation *op, const ShiftedIntegers &integers);
  void visitShapeOp(Operation *op);
  void visitConcat(ConcatOp op);
  std::optional<CodedValue> getPart(ConcatOp op, Value input);
  void visitQuantize(QuantizeOp op);
  void dropQuantizer(QuantizeOp op, Value codes);
  LogicalResult visitContraction(Operation *op);
  void absorbPad(Operation *op);
  DequantizeOp getCanonical(OpBuilder &builder, OpOperand &operand);
  void pushDown(Operation *op, CodedValue &coded);
  void keepFirstNames();

  Block &block;
  ConstantEvaluator evaluator;
  DenseMap<Value, CodedValue> codedValues;
  /// Constants that are not whole numbers.
  DenseSet<Value> realConstants;
  /// The operand that contractions read in place of a coded value, of which
  /// the zero points may vary along one dimension (or -1).
  DenseMap<std::pair<Value, int64_t>, DequantizeOp> canonical;
  /// Producers of codes that have their value's name.
  DenseSet<Operation *> named;
};

/// Whether each window of a pool has a position inside the image.
bool hasNoEmptyWindow(PoolOp op);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_CODERECOGNIZER_H
