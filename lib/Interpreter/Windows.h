//===- Windows.h - visiting the elements of a pool's windows ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Windows for pools of the graph and of layers.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_INTERPRETER_WINDOWS_H
#define DOREFA_LIB_INTERPRETER_WINDOWS_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Interpreter/Tensor.h"

namespace mlir::dorefa::interpreter {

/// For each element of a pool's result, in row-major order, calls
/// `visit(index, elements)` with the linear positions of the input's elements
/// inside the image that its window covers, in the order of the kernel.
void forEachWindow(
    ArrayRef<int64_t> inputShape, ArrayRef<int64_t> resultShape,
    WindowAttr window,
    function_ref<void(ArrayRef<int64_t> index, ArrayRef<int64_t> elements)>
        visit);

/// A max or min pool of reals or codes. A window without elements gives the
/// infinity or the code that every other element beats.
Tensor selectFromWindows(PoolKind kind, WindowAttr window, const Tensor &input,
                         RankedTensorType resultType);

} // namespace mlir::dorefa::interpreter

#endif // DOREFA_LIB_INTERPRETER_WINDOWS_H
