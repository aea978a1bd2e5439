//===- SortNodes.cpp - order of an ONNX graph's nodes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Files should list nodes in order, but not all do. Of all nodes whose inputs
// are there, the first in the file comes next, so a file in order stays as it
// is; nodes that never get there are part of a cycle.
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "mlir/IR/Diagnostics.h"
#include <queue>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

/// Where a value comes from: a node's index, or outside the nodes.
static constexpr int notFromNode = -1;

/// Collects who defines each name; a second definition is an error.
static LogicalResult collectDefinitions(const OnnxModel &model,
                                        llvm::StringMap<int> &producers) {
  const onnx::GraphProto &graph = model.getGraph();
  auto define = [&](const std::string &name, int producer) -> LogicalResult {
    if (name.empty() || producers.try_emplace(name, producer).second)
      return success();
    return model.emitError() << "value " << quoteName(name)
                             << " is defined more than once";
  };
  for (const onnx::TensorProto &tensor : graph.initializer())
    if (failed(define(tensor.name(), notFromNode)))
      return failure();
  llvm::StringMap<int> inputs;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (!inputs.try_emplace(input.name(), 0).second)
      return model.emitError() << "input " << quoteName(input.name())
                               << " is defined more than once";
    // An initializer may be listed as an input, to give it a default value.
    producers.try_emplace(input.name(), notFromNode);
  }
  for (auto [i, node] : llvm::enumerate(graph.node()))
    for (const std::string &output : node.output())
      if (failed(define(output, i)))
        return failure();
  return success();
}

FailureOr<SmallVector<const onnx::NodeProto *>>
onnx_import::sortNodes(const OnnxModel &model) {
  const onnx::GraphProto &graph = model.getGraph();
  llvm::StringMap<int> producers;
  if (failed(collectDefinitions(model, producers)))
    return failure();
  size_t count = graph.node_size();
  SmallVector<SmallVector<int>> readers(count);
  SmallVector<int> pendingInputs(count, 0);
  for (auto [i, node] : llvm::enumerate(graph.node()))
    for (const std::string &input : node.input()) {
      auto producer = producers.find(input);
      // The node's importer reports names that nobody defines.
      if (producer == producers.end() || producer->second == notFromNode)
        continue;
      readers[producer->second].push_back(i);
      ++pendingInputs[i];
    }
  // Among the nodes that are ready the first in the file comes first.
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (size_t i = 0; i < count; ++i)
    if (pendingInputs[i] == 0)
      ready.push(i);
  SmallVector<const onnx::NodeProto *> sorted;
  while (!ready.empty()) {
    int index = ready.top();
    ready.pop();
    sorted.push_back(&graph.node(index));
    for (int reader : readers[index])
      if (--pendingInputs[reader] == 0)
        ready.push(reader);
  }
  for (size_t i = 0; i < count; ++i)
    if (pendingInputs[i] > 0) {
      const onnx::NodeProto &node = graph.node(i);
      StringRef name = !node.name().empty() ? StringRef(node.name())
                       : node.output_size() ? StringRef(node.output(0))
                                            : StringRef("unnamed");
      return model.emitError() << "node " << quoteName(name)
                               << " is part of a cycle or depends on one";
    }
  return sorted;
}
