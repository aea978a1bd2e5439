//===- Taps.h - the codes of a network's quantizers -------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Codes in the middle of a network, by the names of the model's values, for
// comparison with other implementations. They are observed while the
// interpreter runs, without a change of the IR.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_INTERPRETER_TAPS_H
#define DOREFA_INTERPRETER_TAPS_H

#include "dorefa/Interpreter/Tensor.h"
#include "dorefa/Interpreter/TensorFiles.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::dorefa {

/// Collects, image by image, the codes that carry the name of a value of the
/// model: results of quantizers and layers with the attribute `dorefa.value`, and
/// of all ops with `dorefa.taps`.
class Taps {
public:
  /// To be called for each executed op.
  void observe(Operation *op, ArrayRef<Tensor> results);

  /// All codes so far in the order of execution, images joined.
  SmallVector<NamedTensor> getCodes() const;

private:
  llvm::MapVector<StringAttr, SmallVector<Tensor>> codes;
};

} // namespace mlir::dorefa

#endif // DOREFA_INTERPRETER_TAPS_H
