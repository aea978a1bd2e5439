//===- OnnxImport.cpp - ONNX files to the graph level ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the leading dimension means: the graph is imported with the declared
// shapes and again with another batch, 1 or a number that no other extent is
// likely to have. If the two differ in their leading extents alone
// (BatchIndependence.cpp), the function for one image is kept, with a free
// batch where the file declares 1 or a symbol, else with the declared one.
// Otherwise the leading dimension is part of the shape.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Import/OnnxImport.h"
#include "GraphImporter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

// A batch that no other extent of a network is likely to have.
static constexpr int64_t probeBatch = 7;

static SmallVector<GraphInput> withBatch(ArrayRef<GraphInput> inputs,
                                         int64_t batch) {
  SmallVector<GraphInput> changed(inputs);
  for (GraphInput &input : changed)
    input.shape.front() = batch;
  return changed;
}

/// The leading extent that all inputs share; nothing if there is none.
static std::optional<int64_t> getCommonBatch(ArrayRef<GraphInput> inputs) {
  for (const GraphInput &input : inputs)
    if (input.shape.empty() ||
        input.shape.front() != inputs.front().shape.front())
      return std::nullopt;
  return inputs.front().shape.front();
}

/// An import that may fail: of its error only the node matters, which becomes
/// the `offender`.
static OwningOpRef<ModuleOp> importSilently(OnnxModel &model,
                                            ArrayRef<GraphInput> inputs,
                                            std::string &offender) {
  ScopedDiagnosticHandler handler(
      model.getContext(), [&](Diagnostic &diagnostic) {
        std::string text = diagnostic.str();
        StringRef node = text;
        node.consume_front(model.getFileName());
        node.consume_front(": ");
        size_t end = node.find("): ");
        if (node.starts_with("node ") && end != StringRef::npos)
          offender = node.take_front(end + 1).str();
        return success();
      });
  FailureOr<OwningOpRef<ModuleOp>> module =
      importGraph(model, inputs, /*hasDeclaredInputs=*/false);
  return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
}

/// Imports with the declared shapes, then looks whether the leading dimension
/// is a batch: if so, the result is the function for one image.
static FailureOr<OwningOpRef<ModuleOp>>
importWithBatch(OnnxModel &model, ArrayRef<GraphInput> inputs,
                const ImportOptions &options) {
  BatchPolicy policy = options.batch;
  FailureOr<OwningOpRef<ModuleOp>> module =
      importGraph(model, inputs, options.shapes.empty());
  if (failed(module))
    return failure();
  std::optional<int64_t> declared = getCommonBatch(inputs);
  int64_t batch = declared.value_or(1);
  std::string offender;
  if (declared && policy == BatchPolicy::Automatic) {
    int64_t other = *declared == 1 ? probeBatch : 1;
    OwningOpRef<ModuleOp> probe =
        importSilently(model, withBatch(inputs, other), offender);
    if (probe && *declared == 1 &&
        isBatchIndependent(getFunction(**module), getFunction(*probe), other,
                           offender))
      batch = 0;
    if (probe && *declared != 1 &&
        isBatchIndependent(getFunction(*probe), getFunction(**module),
                           *declared, offender))
      *module = std::move(probe);
  }
  Builder builder(model.getContext());
  (**module)->setAttr("dorefa.batch", builder.getI64IntegerAttr(batch));
  bool isSymbolic = llvm::any_of(
      inputs, [](const GraphInput &input) { return input.hasSymbolicBatch; });
  if (isSymbolic && batch != 0 && policy == BatchPolicy::Automatic)
    emitWarning(UnknownLoc::get(model.getContext()))
        << model.getFileName()
        << ": the leading dimension is a symbol, but "
        << (offender.empty() ? "the graph" : offender)
        << " does not treat it as a batch: it is fixed to 1";
  return module;
}

FailureOr<OwningOpRef<ModuleOp>>
dorefa::importOnnx(llvm::MemoryBufferRef buffer, StringRef folder,
                   MLIRContext *context, const ImportOptions &options) {
  context->loadDialect<arith::ArithDialect, func::FuncDialect,
                       math::MathDialect, DorefaDialect>();
  FailureOr<std::unique_ptr<OnnxModel>> model =
      OnnxModel::parse(buffer, folder, context);
  if (failed(model))
    return failure();
  FailureOr<SmallVector<GraphInput>> inputs = readInputs(**model, options);
  if (failed(inputs))
    return failure();
  FailureOr<OwningOpRef<ModuleOp>> module =
      importWithBatch(**model, *inputs, options);
  if (failed(module))
    return failure();
  StringRef name = llvm::sys::path::stem(buffer.getBufferIdentifier());
  (**module)->setAttr("dorefa.model", StringAttr::get(context, name));
  if (failed(verify(**module)))
    return failure();
  return module;
}

FailureOr<OwningOpRef<ModuleOp>>
dorefa::importOnnx(StringRef path, MLIRContext *context,
                   const ImportOptions &options) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return emitError(UnknownLoc::get(context))
           << path << ": cannot read the file: "
           << buffer.getError().message();
  StringRef folder = llvm::sys::path::parent_path(path);
  return importOnnx(**buffer, folder.empty() ? "." : folder, context, options);
}
