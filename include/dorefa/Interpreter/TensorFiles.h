//===- TensorFiles.h - tensors in .npy and .npz files -----------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Inputs and outputs of the interpreter as files of NumPy and its like, matched
// with the parameters of a function by name.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_INTERPRETER_TENSORFILES_H
#define DOREFA_INTERPRETER_TENSORFILES_H

#include "dorefa/Interpreter/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <string>

namespace mlir::dorefa {

/// A tensor by the name it has in a file; empty for that of a .npy file.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// What is asked of a file.
struct FileParameter {
  FileParameter(FunctionOpInterface network, unsigned index, std::string name);

  std::string name;
  RankedTensorType type;
  /// A leading extent of 1 is no batch.
  bool isShared = false;
  /// Else it stands for so many images, or for any number if that is 0.
  int64_t batch = 0;
};

/// Reads a .npy, .npz, idx or ONNX tensor file and converts each array that
/// `parameters` asks for, by name unless there is one of each. Errors are emitted
/// at `location`.
FailureOr<SmallVector<Tensor>> readTensors(StringRef path,
                                           ArrayRef<FileParameter> parameters,
                                           Location location);

/// Writes a .npz file, or a .npy file if the path says so and there is one
/// tensor. Errors are emitted at `location`.
LogicalResult writeTensors(StringRef path, ArrayRef<NamedTensor> tensors,
                           Location location);

} // namespace mlir::dorefa

#endif // DOREFA_INTERPRETER_TENSORFILES_H
