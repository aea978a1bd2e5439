//===- LayerCleanup.cpp - what an epilogue no longer needs ----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Ops are erased from the last to the first, so that whole chains go; then
// operands whose block arguments nothing reads, residuals before parameters and
// each list from behind, so that the numbers of the other arguments hold.
//
//===----------------------------------------------------------------------===//

#include "LayerCleanup.h"
#include "dorefa/Dialect/Dorefa/Transforms/DeadOps.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

void mlir::dorefa::eraseDeadEpilogue(LayerOp layer) {
  Block &epilogue = layer.getEpilogue().front();
  eraseDeadOps(epilogue);
  auto eraseUnread = [&](MutableOperandRange operands, unsigned firstArgument) {
    for (unsigned i = operands.size(); i-- > 0;) {
      if (!epilogue.getArgument(firstArgument + i).use_empty())
        continue;
      epilogue.eraseArgument(firstArgument + i);
      operands.erase(i);
    }
  };
  unsigned numProducts = layer.getProducts().size();
  eraseUnread(layer.getResidualsMutable(),
              numProducts + layer.getParameters().size());
  eraseUnread(layer.getParametersMutable(), numProducts);
}
