//===- Operators.h - importers of ONNX operators ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One function an operator, in tables by file. A table also holds the number of
// inputs, so that importers need not count them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_OPERATORS_H
#define DOREFA_LIB_IMPORT_ONNX_OPERATORS_H

#include "NodeImporter.h"

namespace mlir::dorefa::onnx_import {

/// Emits the ops of a node and sets its outputs. Failure means that an error
/// was reported.
using OperatorImporter = LogicalResult (*)(NodeImporter &node);

/// How an operator is imported, and how many inputs it takes.
struct Operator {
  StringRef name;
  OperatorImporter import;
  unsigned minInputs;
  unsigned maxInputs;
};

constexpr unsigned anyNumber = ~0u;

/// The operator that a domain and a name mean; null if it is not supported.
const Operator *findOperator(StringRef domain, StringRef name);

// Each of these adds the operators of one file to the standard domain's table.
ArrayRef<Operator> getElementwiseOperators();
ArrayRef<Operator> getComparisonOperators();
ArrayRef<Operator> getConstantOperators();
ArrayRef<Operator> getCastOperators();
ArrayRef<Operator> getContractionOperators();
ArrayRef<Operator> getNormalizationOperators();
ArrayRef<Operator> getPoolOperators();
ArrayRef<Operator> getReductionOperators();
ArrayRef<Operator> getReshapeOperators();
ArrayRef<Operator> getSliceOperators();
ArrayRef<Operator> getPadOperators();
ArrayRef<Operator> getResizeOperators();
ArrayRef<Operator> getQuantizeLinearOperators();
ArrayRef<Operator> getIntegerProductOperators();

/// QONNX's quantizers, under each of the domain's names.
ArrayRef<Operator> getQonnxOperators();

/// DoReFa's own quantizers (docs/onnx-domain.md).
ArrayRef<Operator> getDorefaOperators();

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_OPERATORS_H
