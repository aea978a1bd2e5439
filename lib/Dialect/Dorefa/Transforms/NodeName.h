//===- NodeName.h - the ONNX node that an op comes from ---------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The importer keeps a node's name as the location of its ops; messages speak
// of nodes, not of ops.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_NODENAME_H
#define DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_NODENAME_H

#include "mlir/IR/Operation.h"

namespace mlir::dorefa {

/// The name of the ONNX node that `loc` stands for, or an empty string.
inline StringRef getNodeName(Location loc) {
  auto name = loc->findInstanceOf<NameLoc>();
  return name ? name.getName().getValue() : StringRef();
}

/// How a diagnostic begins that speaks of the node of `op`: `node 'conv1' `, or
/// nothing if the op has no name.
inline std::string describeNode(Operation *op) {
  StringRef name = getNodeName(op->getLoc());
  return name.empty() ? "" : ("node '" + name + "' ").str();
}

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DIALECT_DOREFA_TRANSFORMS_NODENAME_H
