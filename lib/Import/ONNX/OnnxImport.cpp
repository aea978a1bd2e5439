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
// Inputs that declare neither are then shared by all images. Otherwise the
// leading dimension is part of the shape.
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
    if (!input.isShared)
      input.shape.front() = batch;
  return changed;
}

/// The inputs with those marked that have no batch: with a symbol as leading
/// dimension, or one of 1 unless `hasSymbol` is asked for, it is a batch.
static SmallVector<GraphInput> markShared(ArrayRef<GraphInput> inputs,
                                          bool hasSymbol) {
  SmallVector<GraphInput> marked(inputs);
  for (GraphInput &input : marked)
    input.isShared = hasSymbol ? !input.hasSymbolicBatch
                               : input.shape.empty() || input.shape[0] != 1;
  return marked;
}

static size_t countShared(ArrayRef<GraphInput> inputs) {
  return llvm::count_if(
      inputs, [](const GraphInput &input) { return input.isShared; });
}

/// The leading extent that all inputs share; nothing if there is none.
static std::optional<int64_t> getCommonBatch(ArrayRef<GraphInput> inputs) {
  for (const GraphInput &input : inputs)
    if (input.shape.empty() ||
        input.shape.front() != inputs.front().shape.front())
      return std::nullopt;
  return inputs.front().shape.front();
}

/// An import that may fail: of its error only the node matters, which goes into
/// the `reason`.
static OwningOpRef<ModuleOp> importSilently(OnnxModel &model,
                                            ArrayRef<GraphInput> inputs,
                                            std::string &reason) {
  ScopedDiagnosticHandler handler(
      model.getContext(), [&](Diagnostic &diagnostic) {
        std::string text = diagnostic.str();
        StringRef node = text;
        node.consume_front(model.getFileName());
        node.consume_front(": ");
        size_t end = node.find("): ");
        if (node.starts_with("node ") && end != StringRef::npos)
          reason = (node.take_front(end + 1) + " does not treat it as a batch")
                       .str();
        return success();
      });
  FailureOr<OwningOpRef<ModuleOp>> module =
      importGraph(model, inputs, /*hasDeclaredInputs=*/false);
  return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
}

/// Whether the function, of a batch of 1, computes each image of any batch
/// where some inputs have a batch and others are shared. If so, marks the
/// latter.
static bool hasFreeBatch(OnnxModel &model, ArrayRef<GraphInput> inputs,
                         func::FuncOp one, std::string &reason) {
  if (countShared(inputs) == inputs.size())
    return false;
  OwningOpRef<ModuleOp> probe =
      importSilently(model, withBatch(inputs, probeBatch), reason);
  if (!probe || !isBatchIndependent(one, getFunction(*probe), probeBatch,
                                    reason))
    return false;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (input.isShared)
      one.setArgAttr(i, sharedAttribute, UnitAttr::get(model.getContext()));
  return true;
}

/// The function for one image, of a declared batch of more; null if its images
/// depend on each other.
static OwningOpRef<ModuleOp> importOneImage(OnnxModel &model,
                                            ArrayRef<GraphInput> inputs,
                                            int64_t batch, func::FuncOp many) {
  std::string reason;
  OwningOpRef<ModuleOp> one =
      importSilently(model, withBatch(inputs, 1), reason);
  if (one && isBatchIndependent(getFunction(*one), many, batch, reason))
    return one;
  return {};
}

/// Imports with the declared shapes, then looks whether the leading dimension
/// is a batch: if so, the result is the function for one image.
static FailureOr<OwningOpRef<ModuleOp>>
importWithBatch(OnnxModel &model, ArrayRef<GraphInput> inputs,
                const ImportOptions &options) {
  FailureOr<OwningOpRef<ModuleOp>> module =
      importGraph(model, inputs, options.shapes.empty());
  if (failed(module))
    return failure();
  func::FuncOp function = getFunction(**module);
  bool isAutomatic = options.batch == BatchPolicy::Automatic;
  bool isSymbolic = llvm::any_of(
      inputs, [](const GraphInput &input) { return input.hasSymbolicBatch; });
  int64_t batch = getCommonBatch(inputs).value_or(1);
  std::string reason, otherReason;
  if (isAutomatic && batch == 1) {
    SmallVector<GraphInput> ones = markShared(inputs, /*hasSymbol=*/false);
    SmallVector<GraphInput> symbols = markShared(inputs, /*hasSymbol=*/true);
    // Beside a symbol an extent of 1 is what it says, if that is possible.
    bool differ = isSymbolic && countShared(symbols) != countShared(ones);
    if ((differ && hasFreeBatch(model, symbols, function, otherReason)) ||
        hasFreeBatch(model, ones, function, reason))
      batch = 0;
  } else if (isAutomatic) {
    if (OwningOpRef<ModuleOp> one =
            importOneImage(model, inputs, batch, function))
      *module = std::move(one);
  }
  Builder builder(model.getContext());
  (**module)->setAttr("dorefa.batch", builder.getI64IntegerAttr(batch));
  if (isSymbolic && batch != 0 && isAutomatic)
    emitWarning(UnknownLoc::get(model.getContext()))
        << model.getFileName() << ": the leading dimension is a symbol, but "
        << (reason.empty() ? "the graph does not treat it as a batch" : reason)
        << ": it is fixed to 1";
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
