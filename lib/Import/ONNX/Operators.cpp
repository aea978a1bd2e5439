//===- Operators.cpp - the table of ONNX operators ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An operator is found by domain and name; its importer asks for the version of
// the operator set where versions differ. The domains of QONNX, Brevitas and
// FINN share one table.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

static const Operator *findIn(ArrayRef<Operator> operators, StringRef name) {
  const Operator *found = llvm::find_if(
      operators, [&](const Operator &entry) { return entry.name == name; });
  return found == operators.end() ? nullptr : found;
}

const Operator *onnx_import::findOperator(StringRef domain, StringRef name) {
  if (domain == "dorefa")
    return findIn(getDorefaOperators(), name);
  bool isQonnx = llvm::StringSwitch<bool>(domain)
                     .Cases({"qonnx.custom_op.general", "onnx.brevitas",
                             "finn.custom_op.general", "finn"},
                            true)
                     .Default(false);
  if (isQonnx)
    return findIn(getQonnxOperators(), name);
  if (!domain.empty() && domain != "ai.onnx")
    return nullptr;
  for (ArrayRef<Operator> operators :
       {getElementwiseOperators(), getComparisonOperators(),
        getConstantOperators(), getCastOperators(), getContractionOperators(),
        getNormalizationOperators(), getPoolOperators(),
        getReductionOperators(), getReshapeOperators(), getSliceOperators(),
        getPadOperators(), getResizeOperators(), getQuantizeLinearOperators(),
        getIntegerProductOperators()})
    if (const Operator *found = findIn(operators, name))
      return found;
  return nullptr;
}
