//===- Driver.cpp - the command line of dorefa-interpret --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Reads a model or a module, runs its functions on the given inputs, and prints
// or writes what they return. A model is recognised first, since the definition
// of a network is its recognised graph; a module is taken as it is, at the
// graph or the layer level.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Interpreter/Driver.h"
#include "dorefa/Driver/Diagnostics.h"
#include "dorefa/Driver/ParseOptions.h"
#include "dorefa/Import/OnnxImport.h"
#include "dorefa/Interpreter/Interpreter.h"
#include "dorefa/Interpreter/Taps.h"
#include "dorefa/Interpreter/TensorFiles.h"
#include "dorefa/Pipelines/RecognizePipeline.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
namespace cl = llvm::cl;

struct Options {
  cl::OptionCategory category{"Interpreter options"};
  cl::opt<std::string> model{cl::Positional, cl::Required,
                             cl::desc("<model.onnx or .mlir>"),
                             cl::cat(category)};
  cl::opt<std::string> inputs{
      "inputs",
      cl::desc("The arguments: a .npz, .npy, idx or ONNX tensor file"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> output{
      "o", cl::desc("Write the results to a .npz or .npy file instead of "
                    "printing them"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> taps{
      "taps", cl::desc("Write the codes of all quantizers to a .npz file"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> function{
      "function", cl::desc("The function to execute; default: all of them"),
      cl::value_desc("name"), cl::cat(category)};
};
} // namespace

/// The name that an argument or result has in files.
static std::string getName(Attribute attribute, StringRef fallback,
                           unsigned number) {
  if (auto name = dyn_cast_if_present<StringAttr>(attribute))
    return name.str();
  return (fallback + Twine(number)).str();
}

static FailureOr<SmallVector<Tensor>> getArguments(func::FuncOp function,
                                                   const Options &options) {
  if (function.getNumArguments() == 0)
    return SmallVector<Tensor>();
  if (options.inputs.empty())
    return function.emitError()
           << "'" << function.getSymName()
           << "' has arguments: give --inputs";
  SmallVector<FileParameter> parameters;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[i]);
    if (!type || !Tensor::isSupported(type))
      return function.emitOpError()
             << "argument " << i << ": unsupported by the interpreter: "
             << function.getArgumentTypes()[i];
    parameters.emplace_back(
        function, i, getName(function.getArgAttr(i, "dorefa.name"), "input", i));
  }
  // Errors are the file's, not a node's.
  return readTensors(options.inputs, parameters,
                     UnknownLoc::get(function.getContext()));
}

static LogicalResult interpret(func::FuncOp function, const Options &options) {
  FailureOr<SmallVector<Tensor>> arguments = getArguments(function, options);
  if (failed(arguments))
    return failure();
  Taps taps;
  Interpreter::Observer observer;
  if (!options.taps.empty())
    observer = [&](Operation *op, ArrayRef<Tensor> results) {
      taps.observe(op, results);
    };
  FailureOr<SmallVector<Tensor>> results =
      Interpreter(observer).runImages(function, *arguments);
  if (failed(results))
    return failure();

  // Errors are the file's, not a node's.
  Location file = UnknownLoc::get(function.getContext());
  if (!options.taps.empty() &&
      failed(writeTensors(options.taps, taps.getCodes(), file)))
    return failure();
  SmallVector<NamedTensor> named;
  for (auto [i, result] : llvm::enumerate(*results))
    named.push_back(
        {getName(function.getResultAttr(i, "dorefa.name"), "output", i),
         result});
  if (!options.output.empty())
    return writeTensors(options.output, named, file);
  llvm::outs() << '@' << function.getSymName() << '\n';
  for (const NamedTensor &result : named) {
    llvm::outs() << "  " << result.name << " : " << result.tensor.getType()
                 << " = ";
    result.tensor.printElements(llvm::outs());
    llvm::outs() << '\n';
  }
  return success();
}

/// Whether results can be written as the names of their files say.
static LogicalResult checkOutputs(const Options &options,
                                  MLIRContext &context) {
  auto emitFormat = [&](StringRef path, StringRef suffixes) {
    return emitError(UnknownLoc::get(&context))
           << "unsupported output file '" << path << "': expected "
           << suffixes;
  };
  StringRef output(options.output), taps(options.taps);
  if (!output.empty() && !output.ends_with(".npy") &&
      !output.ends_with(".npz"))
    return emitFormat(output, ".npy or .npz");
  if (!taps.empty() && !taps.ends_with(".npz"))
    return emitFormat(taps, ".npz");
  return success();
}

static bool isModule(StringRef path) {
  StringRef suffix = llvm::sys::path::extension(path);
  return suffix == ".mlir" || suffix == ".mlirbc";
}

/// The module of a file: MLIR as it is, other files as ONNX, with their
/// quantizers recognised.
static OwningOpRef<ModuleOp> readModel(StringRef path, llvm::SourceMgr &sources,
                                       MLIRContext &context) {
  if (isModule(path))
    return parseSourceFile<ModuleOp>(path, sources, &context);
  FailureOr<OwningOpRef<ModuleOp>> module = importOnnx(path, &context);
  if (failed(module))
    return nullptr;
  PassManager pm(&context);
  buildRecognizePipeline(pm);
  return succeeded(pm.run(**module)) ? std::move(*module) : nullptr;
}

LogicalResult mlir::dorefa::interpretMain(int argc, char **argv,
                                          DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  parseOptions(
      argc, argv,
      "Executes a model, or the functions of a module, by the definition of\n"
      "their ops.\n");
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  // Users know the lines of a module, and the nodes of a model.
  std::optional<SourceMgrDiagnosticHandler> lines;
  std::optional<DiagnosticPrinter> nodes;
  if (isModule(options.model)) {
    lines.emplace(sources, &context);
  } else {
    context.printOpOnDiagnostic(false);
    nodes.emplace(&context, options.model, llvm::errs());
  }
  if (failed(checkOutputs(options, context)))
    return failure();
  OwningOpRef<ModuleOp> module = readModel(options.model, sources, context);
  if (!module)
    return failure();

  SmallVector<func::FuncOp> functions;
  for (auto function : module->getOps<func::FuncOp>())
    if (options.function.empty() || options.function == function.getSymName())
      functions.push_back(function);
  if (functions.empty())
    return module->emitError("expected a function")
           << (options.function.empty() ? "" : " named ") << options.function;
  if (functions.size() > 1 && !(options.output.empty() && options.taps.empty()))
    return module->emitError("has several functions: give --function to write "
                             "files");
  for (func::FuncOp function : functions)
    if (failed(interpret(function, options)))
      return failure();
  return success();
}
