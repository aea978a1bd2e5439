//===- Verify.cpp - Compiled code beside the interpreter ------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// `--verify`: the recognised graph, with the codes of each quantizer as further
// results, runs in the interpreter and, compiled, as a library. Codes are
// compared in the order of execution, so that the first difference names the
// layer at fault.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "EmitFile.h"
#include "LoadedModel.h"
#include "Pipeline.h"
#include "dorefa/Interpreter/Interpreter.h"
#include "dorefa/Interpreter/TensorFiles.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/TargetParser/Host.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// A result of the function under comparison.
struct ComparedValue {
  std::string name;
  Location location;
  Tensor expected, found;
};
} // namespace

static FailureOr<func::FuncOp> findNetwork(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isDeclaration())
      return function;
  return module.emitError("expected a function to verify");
}

static std::string getName(DictionaryAttr attributes, unsigned index) {
  if (auto name = attributes ? attributes.getAs<StringAttr>("dorefa.name")
                             : StringAttr())
    return name.getValue().str();
  return std::to_string(index);
}

static FailureOr<SmallVector<Tensor>> readInputs(func::FuncOp network,
                                                 StringRef path) {
  SmallVector<std::pair<std::string, RankedTensorType>> parameters;
  for (BlockArgument argument : network.getArguments()) {
    unsigned index = argument.getArgNumber();
    parameters.emplace_back(getName(network.getArgAttrDict(index), index),
                            cast<RankedTensorType>(argument.getType()));
  }
  // Errors are the file's, not a node's.
  return readTensors(path, parameters, UnknownLoc::get(network.getContext()));
}

/// The function's results from compiled code.
static FailureOr<SmallVector<Tensor>>
runCompiled(ModuleOp graph, ArrayRef<Tensor> inputs,
            ArrayRef<RankedTensorType> results, const CompileOptions &options,
            const TargetDescription &target, DiagnosticPrinter &diagnostics,
            TimingScope &timing) {
  for (int i = static_cast<int>(Stage::Layers);
       i <= static_cast<int>(Stage::LLVM); ++i)
    if (failed(runPipelineTo(static_cast<Stage>(i), graph, options, target,
                             timing)) ||
        diagnostics.hasErrors())
      return failure();
  FailureOr<EmittedFiles> emitted = emitFile(
      graph, Stage::Library, "", "{}", options, target, diagnostics, timing);
  if (failed(emitted))
    return failure();
  TimingScope scope = timing.nest("compiled code");
  auto model = LoadedModel::open(emitted->files.front().getTemporaryPath());
  if (!model)
    return diagnostics.emitError(model.takeError());
  auto found = model->run(inputs, results);
  if (!found)
    return diagnostics.emitError(found.takeError());
  return std::move(*found);
}

/// Zeros of both signs are equal, and so are all NaNs.
static bool isEqual(const Tensor &a, const Tensor &b, int64_t i) {
  if (!a.isReal())
    return a.getIntegers()[i] == b.getIntegers()[i];
  float x = a.getReals()[i], y = b.getReals()[i];
  return x == y || (std::isnan(x) && std::isnan(y));
}

static void printElement(Diagnostic &diagnostic, const Tensor &tensor,
                         int64_t i) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (tensor.isReal())
    os << llvm::format("%.9g", tensor.getReals()[i]);
  else
    os << tensor.getIntegers()[i];
  diagnostic << text;
}

static std::string getIndexText(ArrayRef<int64_t> shape, int64_t position) {
  SmallVector<std::string> index;
  for (int64_t extent : llvm::reverse(shape)) {
    index.push_back(std::to_string(position % extent));
    position /= extent;
  }
  std::reverse(index.begin(), index.end());
  return "[" + llvm::join(index, ", ") + "]";
}

/// Emits an error if the values differ.
static LogicalResult compareValue(const ComparedValue &value) {
  int64_t first = -1, count = 0;
  for (int64_t i = 0, e = value.expected.getNumElements(); i < e; ++i)
    if (!isEqual(value.expected, value.found, i)) {
      first = first < 0 ? i : first;
      ++count;
    }
  if (count == 0)
    return success();
  InFlightDiagnostic error = emitError(value.location);
  Diagnostic &text = *error.getUnderlyingDiagnostic();
  text << "'" << value.name << "' differs from the interpreter's in " << count
       << " of " << value.expected.getNumElements() << " elements, the first at "
       << getIndexText(value.expected.getShape(), first) << ": expected ";
  printElement(text, value.expected, first);
  text << ", but got ";
  printElement(text, value.found, first);
  return error;
}

/// The function's results: first the codes, in the order of execution, then the
/// outputs. Taps come behind the outputs that the function had.
static SmallVector<ComparedValue> orderValues(func::FuncOp network,
                                              unsigned numOutputs,
                                              ArrayRef<Tensor> expected,
                                              ArrayRef<Tensor> found) {
  Operation *terminator = network.getBody().front().getTerminator();
  SmallVector<ComparedValue> values;
  for (auto [i, operand] : llvm::enumerate(terminator->getOperands()))
    values.push_back({getName(network.getResultAttrDict(i), i),
                      operand.getLoc(), expected[i], found[i]});
  std::rotate(values.begin(), values.begin() + numOutputs, values.end());
  return values;
}

LogicalResult mlir::dorefa::verifyGraph(ModuleOp graph,
                                        const CompileOptions &options,
                                        const TargetDescription &target,
                                        DiagnosticPrinter &diagnostics,
                                        TimingScope &timing) {
  if (llvm::Triple(target.triple).getArch() !=
      llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArch())
    return diagnostics.emitError(
        "--verify runs the code: expected a target of this machine");
  TimingScope scope = timing.nest("verify");
  OwningOpRef<ModuleOp> copy = graph.clone();
  FailureOr<func::FuncOp> network = findNetwork(*copy);
  if (failed(network))
    return failure();
  unsigned numOutputs = network->getNumResults();
  PassManager manager(copy->getContext(), ModuleOp::getOperationName());
  if (failed(parsePassPipeline("dorefa-expose-taps", manager)) ||
      failed(manager.run(*copy)))
    return failure();

  FailureOr<SmallVector<Tensor>> inputs = readInputs(*network, options.verify);
  if (failed(inputs))
    return failure();
  TimingScope interpreting = scope.nest("interpreter");
  FailureOr<SmallVector<Tensor>> expected =
      Interpreter().runImages(*network, *inputs);
  interpreting.stop();
  if (failed(expected))
    return failure();
  SmallVector<RankedTensorType> types;
  for (Type type : network->getResultTypes())
    types.push_back(cast<RankedTensorType>(type));
  // Compiling consumes the module; the locations of the values must stay.
  OwningOpRef<ModuleOp> compiled = copy->clone();
  FailureOr<SmallVector<Tensor>> found = runCompiled(
      *compiled, *inputs, types, options, target, diagnostics, scope);
  if (failed(found))
    return failure();
  SmallVector<ComparedValue> values =
      orderValues(*network, numOutputs, *expected, *found);
  for (const ComparedValue &value : values)
    if (failed(compareValue(value)))
      return failure();
  llvm::outs() << options.verify << ": all " << values.size() - numOutputs
               << " layers with codes and " << numOutputs
               << " outputs are equal to the interpreter's\n";
  return success();
}
