//===- WindowGeometry.h - extents of convolutions and pools ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one place that knows how window, stride, padding and dilation give the
// extent of a result, and which window positions lie inside the image.
// Verifiers, importer, interpreter and lowerings ask here.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_IR_WINDOWGEOMETRY_H
#define DOREFA_DIALECT_DOREFA_IR_WINDOWGEOMETRY_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::dorefa {

/// The extent of a result along one spatial dimension; failure if an argument
/// is out of range or the window does not fit.
FailureOr<int64_t> getOutputExtent(int64_t input, int64_t window,
                                   int64_t stride, int64_t padBegin,
                                   int64_t padEnd, int64_t dilation);

/// The shape of a convolution's result, from N x C x spatial and
/// O x C/groups x kernel; failure if they do not fit together.
FailureOr<SmallVector<int64_t>>
getConvShape(ArrayRef<int64_t> input, ArrayRef<int64_t> weight,
             ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
             ArrayRef<int64_t> dilations, int64_t groups);

/// The shape of a pool's result, from N x C x spatial.
FailureOr<SmallVector<int64_t>>
getPoolShape(ArrayRef<int64_t> input, ArrayRef<int64_t> kernel,
             ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
             ArrayRef<int64_t> dilations);

} // namespace mlir::dorefa

#endif // DOREFA_DIALECT_DOREFA_IR_WINDOWGEOMETRY_H
