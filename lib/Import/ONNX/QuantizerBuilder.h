//===- QuantizerBuilder.h - parts that quantizers share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the quantizers of ONNX, QONNX and our own domain have in common.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_QUANTIZERBUILDER_H
#define DOREFA_LIB_IMPORT_ONNX_QUANTIZERBUILDER_H

#include "NodeImporter.h"

namespace mlir::dorefa::onnx_import {

/// The constant zero points of a quantizer, as the file states them.
struct ZeroPoints {
  SmallVector<double> values{0};
  SmallVector<int64_t> shape;

  bool isZero() const {
    return llvm::all_of(values, [](double value) { return value == 0; });
  }
  /// Whether all fit an i32, as `dorefa.dequantize` takes them.
  bool isIntegral() const;
};

/// Reads a scale: an error if it is known and not finite or not above 0.
Value getScale(NodeImporter &node, size_t index);

/// Reads constant zero points; all 0 if the input is left out.
ZeroPoints getZeroPoints(NodeImporter &node, size_t index);

/// The zero points as reals of their shape.
Value createRealZeroPoints(NodeImporter &node, const ZeroPoints &zeros);

/// Codes of `input`; min and max where they differ from the code's range.
Value createQuantize(NodeImporter &node, Value input, Rounding rounding,
                     CodeAttr code, int64_t min, int64_t max);
Value createQuantize(NodeImporter &node, Value input, Rounding rounding,
                     CodeAttr code);

/// `(step*q - zero) * scale`. Scale and zero point broadcast to the codes; if
/// they vary along more than one dimension, or a zero point is no integer,
/// this is arithmetic on reals.
Value createDequantize(NodeImporter &node, Value codes, Value scale,
                       const ZeroPoints &zeros, int64_t step = 1);

/// +scale for x >= 0, else -scale.
Value createBipolar(NodeImporter &node, Value input, Value scale);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_QUANTIZERBUILDER_H
