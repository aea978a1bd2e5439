//===- Interpreter.h - the reference meaning of a network -------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Executes a function on tensors op by op, naively and exactly: graphs behind
// recognition, and layers. What it computes is what every compiled network must
// compute. It shares with the compiler the recognition of coded values
// (isCodedContraction), the extents of windows and the elementary functions of
// the runtime, and nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_INTERPRETER_INTERPRETER_H
#define DOREFA_INTERPRETER_INTERPRETER_H

#include "dorefa/Interpreter/Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include <functional>

namespace mlir::dorefa {

class Interpreter {
public:
  /// Called with each op that was executed and its results. A
  /// `dorefa.dequantize` that only coded contractions read is not executed:
  /// they read its operands.
  using Observer = std::function<void(Operation *op, ArrayRef<Tensor> results)>;

  explicit Interpreter(Observer observer = {})
      : observer(std::move(observer)) {}

  /// Executes a function of one block. The arguments must have the types of the
  /// function's. Errors are emitted on the op that they are about.
  FailureOr<SmallVector<Tensor>> run(func::FuncOp function,
                                     ArrayRef<Tensor> arguments);

  /// Executes a function of one image for each image of the arguments: those
  /// whose leading extent is N where the function says 1 are cut into N parts.
  /// Results are joined along their leading dimension. `beforeImage` is called
  /// with the number of each image and of all of them.
  FailureOr<SmallVector<Tensor>>
  runImages(func::FuncOp function, ArrayRef<Tensor> arguments,
            function_ref<void(int64_t image, int64_t numImages)> beforeImage =
                nullptr);

private:
  const Tensor &getConstant(DenseElementsAttr attribute);

  Observer observer;
  /// Constants in the interpreter's form, kept from run to run.
  llvm::DenseMap<Attribute, Tensor> constants;
};

/// Tensors of one type but for the leading extent, one after the other.
Tensor joinImages(ArrayRef<Tensor> images);

} // namespace mlir::dorefa

#endif // DOREFA_INTERPRETER_INTERPRETER_H
