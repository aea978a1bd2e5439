//===- OnnxModel.cpp - a parsed ONNX file ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The file as a whole: parsing, versions, and what all parts of the importer
// ask of it. Files are not trusted: names are quoted and cut before they are
// printed, and counts are bounded before they are multiplied.
//
//===----------------------------------------------------------------------===//

#include "OnnxModel.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include <limits>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

// Operators are defined by their forms from this version on.
static constexpr int64_t oldestOpset = 7;
static constexpr int64_t oldestIrVersion = 3;

// More elements than a tensor of a network can have; keeps products of
// extents far from overflow.
static constexpr int64_t maxElements = int64_t(1) << 31;

std::string onnx_import::quoteName(StringRef name) {
  constexpr size_t maxLength = 200;
  std::string text = "'";
  for (char c : name.take_front(maxLength)) {
    if (c == '\\' || !llvm::isPrint(c))
      text += "\\" + llvm::toHex(StringRef(&c, 1));
    else
      text += c;
  }
  if (name.size() > maxLength)
    text += "...";
  return text + "'";
}

std::string onnx_import::describeMissing(const onnx::GraphProto &graph,
                                         StringRef name) {
  for (const onnx::NodeProto &node : graph.node())
    for (int i = 0; i < node.output_size(); ++i)
      if (node.output(i) == name)
        return (", output " + Twine(i) + " of node " +
                quoteName(node.name().empty() ? node.output(0) : node.name()) +
                " (" + node.op_type() + "), is not supported")
            .str();
  return " is not defined";
}

FailureOr<int64_t> onnx_import::countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  bool isEmpty = false;
  for (int64_t extent : shape) {
    if (extent < 0 || extent > maxElements)
      return failure();
    isEmpty |= extent == 0;
    count *= std::max<int64_t>(extent, 1);
    if (count > maxElements)
      return failure();
  }
  return isEmpty ? 0 : count;
}

InFlightDiagnostic OnnxModel::emitError() const {
  return std::move(mlir::emitError(UnknownLoc::get(context))
                   << fileName << ": ");
}

int64_t OnnxModel::getOpset(StringRef domain) const {
  // The standard operators' domain has two spellings.
  if (domain == "ai.onnx")
    domain = "";
  for (const onnx::OperatorSetIdProto &opset : proto.opset_import())
    if (opset.domain() == domain ||
        (domain.empty() && opset.domain() == "ai.onnx"))
      return opset.version();
  return 0;
}

FailureOr<std::unique_ptr<OnnxModel>>
OnnxModel::parse(llvm::MemoryBufferRef buffer, StringRef folder,
                 MLIRContext *context) {
  std::unique_ptr<OnnxModel> model(
      new OnnxModel(buffer.getBufferIdentifier(), folder, context));
  constexpr size_t maxBytes = std::numeric_limits<int32_t>::max();
  if (buffer.getBufferSize() > maxBytes)
    return model->emitError()
           << "files of 2 GB and more are not supported: the weights can be "
              "stored as external data";
  onnx::ModelProto &proto = model->proto;
  if (!proto.ParseFromArray(buffer.getBufferStart(), buffer.getBufferSize()))
    return model->emitError()
           << "expected an ONNX model, but the file is damaged or cut off";
  if (!proto.has_graph())
    return model->emitError() << "expected an ONNX model, but found no graph";
  if (proto.ir_version() < oldestIrVersion)
    return model->emitError()
           << "unsupported IR version " << proto.ir_version()
           << ": versions from " << oldestIrVersion << " on are supported";
  int64_t opset = model->getOpset("");
  bool usesStandard =
      llvm::any_of(proto.graph().node(), [](const onnx::NodeProto &node) {
        return node.domain().empty() || node.domain() == "ai.onnx";
      });
  if ((opset != 0 || usesStandard) && opset < oldestOpset)
    return model->emitError()
           << "unsupported version " << opset
           << " of ONNX's operators: versions from " << oldestOpset
           << " on are supported";
  return model;
}
