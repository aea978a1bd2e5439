//===- LoadedModel.h - Run a shared library that was compiled ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Compiled code inside the compiler's process, for the comparison with the
// interpreter and for measurements.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_LOADEDMODEL_H
#define DOREFA_LIB_DRIVER_LOADEDMODEL_H

#include "dorefa/Interpreter/Tensor.h"
#include "dorefa/Runtime/dorefa_model.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace mlir::dorefa {

/// Memory aligned as the ABI demands.
class AlignedBytes {
public:
  explicit AlignedBytes(uint64_t size)
      : bytes(static_cast<uint8_t *>(
                  ::operator new(std::max<uint64_t>(size, 1),
                                 std::align_val_t(DOREFA_ALIGNMENT))),
              [](uint8_t *memory) {
                ::operator delete(memory, std::align_val_t(DOREFA_ALIGNMENT));
              }) {}
  uint8_t *get() const { return bytes.get(); }

private:
  std::unique_ptr<uint8_t, void (*)(uint8_t *)> bytes;
};

class LoadedModel {
public:
  static llvm::Expected<LoadedModel> open(StringRef path);

  const dorefa_model &getModel() const { return *model; }

  /// Runs it on tensors in the order of its inputs. The outputs have the types
  /// `results`, but for the leading extent where the batch is free.
  llvm::Expected<SmallVector<Tensor>>
  run(ArrayRef<Tensor> inputs, ArrayRef<RankedTensorType> results);

private:
  explicit LoadedModel(void *library)
      : library(library, &LoadedModel::close) {}
  static void close(void *library);

  std::unique_ptr<void, void (*)(void *)> library;
  const dorefa_model *model = nullptr;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_LOADEDMODEL_H
