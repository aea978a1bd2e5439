//===- RealBound.h - reals that are finite whatever the input ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whether infinities and NaN are ruled out, for rewrites that hold for finite
// reals alone.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_REALBOUND_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_REALBOUND_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include <optional>

namespace mlir::dorefa {

/// A bound on the magnitude of a tensor's elements, rounding included: nothing
/// if an infinity or NaN is possible, which holds for whatever follows from an
/// input without a quantizer between.
std::optional<double> getRealBound(Value value);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_REALBOUND_H
