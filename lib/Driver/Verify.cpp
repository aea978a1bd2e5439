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
#include "CompileVariants.h"
#include "EmitFile.h"
#include "LoadedModel.h"
#include "dorefa/Interpreter/Interpreter.h"
#include "dorefa/Interpreter/TensorFiles.h"
#include "dorefa/Runtime/artifact.h"
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
  SmallVector<FileParameter> parameters;
  for (BlockArgument argument : network.getArguments()) {
    unsigned index = argument.getArgNumber();
    parameters.emplace_back(network, index,
                            getName(network.getArgAttrDict(index), index));
  }
  // Errors are the file's, not a node's.
  return readTensors(path, parameters, UnknownLoc::get(network.getContext()));
}

/// The function's results from compiled code.
static FailureOr<SmallVector<Tensor>>
runCompiled(ModuleOp graph, ArrayRef<Tensor> inputs,
            ArrayRef<RankedTensorType> results, const CompileOptions &options,
            const VariantTarget &target, DiagnosticPrinter &diagnostics,
            TimingScope &timing) {
  FailureOr<CompiledVariant> variant =
      compileVariant(graph, target, options, diagnostics, timing);
  if (failed(variant))
    return failure();
  FailureOr<EmittedFiles> emitted = emitFile(
      variant->code, Stage::Library, "", "{}", options, diagnostics, timing);
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
       << " of " << value.expected.getNumElements()
       << " elements, the first at "
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

namespace {
/// What all targets are compared with.
struct Reference {
  OwningOpRef<ModuleOp> graph;
  func::FuncOp network;
  unsigned numOutputs;
  SmallVector<Tensor> inputs, expected;
};
} // namespace

static LogicalResult makeReference(ModuleOp graph, StringRef path,
                                   Reference &reference, TimingScope &timing) {
  reference.graph = graph.clone();
  FailureOr<func::FuncOp> network = findNetwork(*reference.graph);
  if (failed(network))
    return failure();
  reference.network = *network;
  reference.numOutputs = network->getNumResults();
  PassManager manager(graph.getContext(), ModuleOp::getOperationName());
  if (failed(parsePassPipeline("dorefa-expose-taps", manager)) ||
      failed(manager.run(*reference.graph)))
    return failure();
  FailureOr<SmallVector<Tensor>> inputs = readInputs(*network, path);
  if (failed(inputs))
    return failure();
  TimingScope interpreting = timing.nest("interpreter");
  FailureOr<SmallVector<Tensor>> expected =
      Interpreter().runImages(*network, *inputs);
  if (failed(expected))
    return failure();
  reference.inputs = std::move(*inputs);
  reference.expected = std::move(*expected);
  return success();
}

/// Prints that all is equal, behind `prefix`.
static LogicalResult verifyTarget(const Reference &reference,
                                  const VariantTarget &target, StringRef prefix,
                                  const CompileOptions &options,
                                  DiagnosticPrinter &diagnostics,
                                  TimingScope &timing) {
  func::FuncOp network = reference.network;
  SmallVector<RankedTensorType> types;
  for (Type type : network.getResultTypes())
    types.push_back(cast<RankedTensorType>(type));
  // Compiling consumes the module; the locations of the values must stay.
  OwningOpRef<ModuleOp> compiled = reference.graph.get().clone();
  FailureOr<SmallVector<Tensor>> found = runCompiled(
      *compiled, reference.inputs, types, options, target, diagnostics, timing);
  if (failed(found))
    return failure();
  SmallVector<ComparedValue> values =
      orderValues(network, reference.numOutputs, reference.expected, *found);
  for (const ComparedValue &value : values)
    if (failed(compareValue(value)))
      return failure();
  llvm::outs() << prefix << "all " << values.size() - reference.numOutputs
               << " layers with codes and " << reference.numOutputs
               << " outputs are equal to the interpreter's\n";
  return success();
}

LogicalResult mlir::dorefa::verifyGraph(ModuleOp graph,
                                        const CompileOptions &options,
                                        ArrayRef<VariantTarget> targets,
                                        DiagnosticPrinter &diagnostics,
                                        TimingScope &timing) {
  if (llvm::Triple(targets.front().target.triple).getArch() !=
      llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArch())
    return diagnostics.emitError(
        "--verify runs the code: expected a target of this machine");
  TimingScope scope = timing.nest("verify");
  Reference reference;
  if (failed(makeReference(graph, options.verify, reference, scope)))
    return failure();
  for (const VariantTarget &target : targets) {
    TimingScope nested = scope.nest(target.name);
    bool isRunnable =
        (target.requiredFeatures & ~dorefa_cpu_features()) == 0;
    if (targets.size() > 1 && !isRunnable) {
      llvm::outs() << options.verify << ": " << target.name
                   << ": not run, as this cpu lacks what it needs\n";
      continue;
    }
    std::string prefix =
        options.verify + ": " +
        (targets.size() > 1 ? target.name + ": " : std::string());
    if (failed(verifyTarget(reference, target, prefix, options, diagnostics,
                            nested)))
      return failure();
  }
  return success();
}
