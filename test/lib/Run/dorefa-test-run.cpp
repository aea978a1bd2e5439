//===- dorefa-test-run.cpp - runs a packed network in this process ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Reads a function on tensors at the packed level, takes it through the
// pipelines to LLVM, compiles it for this machine and runs it once. Tests of
// lowerings look at the results, which are printed as MLIR attributes.
//
// Argument i is filled from its attribute `test.input = dense<..>`, or with
// pseudo-random elements of its type.
//
//===----------------------------------------------------------------------===//

#include "dorefa/InitAll.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Pipelines/LoopPipelines.h"
#include "dorefa/Runtime/ArtifactBitcode.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include <chrono>
#include <random>

using namespace mlir;
using namespace mlir::dorefa;

static llvm::cl::opt<std::string> inputFile(llvm::cl::Positional,
                                            llvm::cl::init("-"));
static llvm::cl::opt<std::string> target("target", llvm::cl::init("native"));
static llvm::cl::opt<unsigned> seed("seed", llvm::cl::init(1));
static llvm::cl::opt<unsigned>
    repeat("repeat", llvm::cl::desc("runs that are timed"), llvm::cl::init(0));
static llvm::cl::opt<bool> quiet("quiet", llvm::cl::desc("print no results"));

static llvm::ExitOnError exitOnError("dorefa-test-run: ");

namespace {
/// Memory aligned as the ABI wants it, or one element off for tensors.
class AlignedBytes {
public:
  explicit AlignedBytes(size_t size, size_t shift = 0)
      : storage(size + 128 + shift, 0xA5), shift(shift) {}
  char *data() {
    auto address = reinterpret_cast<uintptr_t>(storage.data());
    return reinterpret_cast<char *>(llvm::alignTo(address, 64) + shift);
  }

private:
  std::vector<uint8_t> storage;
  size_t shift;
};
} // namespace

static RankedTensorType getPlainType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get(tensor.getShape(), tensor.getElementType());
}

static size_t getElementBytes(RankedTensorType type) {
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

static void fillInput(char *data, RankedTensorType type, Attribute given,
                      std::mt19937 &random) {
  RankedTensorType plain = getPlainType(type);
  size_t bytes = getElementBytes(plain), count = plain.getNumElements();
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(given)) {
    for (size_t i = 0; i < count; ++i)
      if (plain.getElementType().isInteger(1))
        data[i] = dense.getValues<bool>()[i];
      else
        std::memcpy(data + i * bytes,
                    dense.getRawData().data() +
                        (dense.isSplat() ? 0 : i * bytes),
                    bytes);
    return;
  }
  std::normal_distribution<float> normal;
  CodeAttr code = getCode(type);
  for (size_t i = 0; i < count; ++i) {
    if (plain.getElementType().isF32()) {
      float value = normal(random);
      std::memcpy(data + i * bytes, &value, bytes);
      continue;
    }
    int64_t low = code ? code.getMin() : 0, high = code ? code.getMax() : 1;
    int64_t value =
        low + static_cast<int64_t>(random() % (uint64_t(high - low) + 1));
    std::memcpy(data + i * bytes, &value, bytes);
  }
}

static void printResult(StringRef name, RankedTensorType type,
                        const char *data) {
  RankedTensorType plain = getPlainType(type);
  size_t count = plain.getNumElements();
  DenseElementsAttr elements;
  if (plain.getElementType().isInteger(1)) {
    SmallVector<bool> values;
    for (size_t i = 0; i < count; ++i)
      values.push_back(data[i]);
    elements = DenseElementsAttr::get(plain, values);
  } else {
    elements = DenseElementsAttr::getFromRawBuffer(
        plain, ArrayRef(data, count * getElementBytes(plain)));
  }
  llvm::outs() << name << " = " << elements << "\n";
}

/// The optimised LLVM module, with the artifact's runtime linked in.
static std::unique_ptr<llvm::Module> translate(ModuleOp module,
                                               llvm::LLVMContext &context,
                                               llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> program =
      translateModuleToLLVMIR(module, context);
  if (!program)
    return nullptr;
  program->setTargetTriple(machine.getTargetTriple());
  program->setDataLayout(machine.createDataLayout());
  StringRef bitcode = getArtifactBitcode(machine.getTargetTriple().getArch());
  auto runtime = exitOnError(llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(bitcode, "artifact"), context));
  runtime->setTargetTriple(machine.getTargetTriple());
  runtime->setDataLayout(machine.createDataLayout());
  if (llvm::Linker::linkModules(*program, std::move(runtime),
                          llvm::Linker::Flags::LinkOnlyNeeded))
    return nullptr;
  for (llvm::Function &function : *program)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", machine.getTargetCPU());
      function.addFnAttr("target-features", machine.getTargetFeatureString());
    }
  llvm::PassBuilder passes(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(sccs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, sccs, modules);
  passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O1)
      .run(*program, modules);
  return program;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::cl::ParseCommandLineOptions(argc, argv, "runs a packed network\n");
  DialectRegistry registry;
  mlir::dorefa::registerAllDialects(registry);
  registerAllToLLVMIRTranslations(registry);
  MLIRContext context(registry);
  ParserConfig config(&context);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(inputFile, config);
  if (!module)
    return 1;
  SmallVector<Attribute> given;
  for (auto function : module->getOps<func::FuncOp>())
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      given.push_back(function.getArgAttr(i, "test.input"));

  PassManager passes(&context);
  PackedToLoopsOptions options;
  options.target = target;
  buildPackedToLoopsPipeline(passes, options);
  buildLoopsToLLVMPipeline(passes, {});
  if (failed(passes.run(*module)))
    return 1;

  auto machineBuilder =
      exitOnError(llvm::orc::JITTargetMachineBuilder::detectHost());
  machineBuilder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  auto machine = exitOnError(machineBuilder.createTargetMachine());
  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  auto program = translate(*module, *llvmContext, *machine);
  if (!program)
    return 1;
  auto jit = exitOnError(llvm::orc::LLJITBuilder()
                             .setJITTargetMachineBuilder(machineBuilder)
                             .create());
  exitOnError(jit->addIRModule(
      llvm::orc::ThreadSafeModule(std::move(program), std::move(llvmContext))));
  auto image = exitOnError(jit->lookup("dorefa_images"))
                   .toPtr<void (*)(char *, char *, char **, char **, int64_t,
                                    void *)>();
  auto pack = exitOnError(jit->lookup("dorefa_pack")).toPtr<void (*)(char *)>();

  std::mt19937 random(seed);
  std::vector<AlignedBytes> tensors;
  auto allocate = [&](StringRef list) {
    std::vector<char *> pointers;
    auto descriptions = (*module)->getAttrOfType<ArrayAttr>(list);
    for (auto description : descriptions.getAsRange<DictionaryAttr>()) {
      auto type = cast<RankedTensorType>(
          cast<TypeAttr>(description.get("type")).getValue());
      size_t bytes = getElementBytes(type);
      tensors.emplace_back(bytes * type.getNumElements(), bytes);
      pointers.push_back(tensors.back().data());
    }
    return pointers;
  };
  auto bytesOf = [&](StringRef name) {
    return (*module)->getAttrOfType<IntegerAttr>(name).getInt();
  };
  std::vector<char *> inputs = allocate("dorefa.inputs");
  std::vector<char *> outputs = allocate("dorefa.outputs");
  auto getType = [&](StringRef list, size_t i) {
    auto entry =
        cast<DictionaryAttr>((*module)->getAttrOfType<ArrayAttr>(list)[i]);
    return cast<RankedTensorType>(cast<TypeAttr>(entry.get("type")).getValue());
  };
  for (size_t i = 0; i < inputs.size(); ++i)
    fillInput(inputs[i], getType("dorefa.inputs", i), given[i], random);

  AlignedBytes memory(bytesOf("dorefa.memory_bytes"));
  AlignedBytes workspace(bytesOf("dorefa.workspace_bytes"));
  std::memset(memory.data(), 0, bytesOf("dorefa.memory_bytes"));
  pack(memory.data());
  image(memory.data(), workspace.data(), inputs.data(), outputs.data(),
        /*images=*/1, nullptr);
  // Once more, on a used workspace.
  image(memory.data(), workspace.data(), inputs.data(), outputs.data(),
        /*images=*/1, nullptr);
  for (size_t i = 0; i < outputs.size() && !quiet; ++i)
    printResult("result" + std::to_string(i), getType("dorefa.outputs", i),
                outputs[i]);
  if (repeat) {
    double best = 1e30;
    for (unsigned i = 0; i < repeat; ++i) {
      auto start = std::chrono::steady_clock::now();
      image(memory.data(), workspace.data(), inputs.data(), outputs.data(),
        /*images=*/1, nullptr);
      std::chrono::duration<double, std::micro> time =
          std::chrono::steady_clock::now() - start;
      best = std::min(best, time.count());
    }
    llvm::errs() << "best of " << repeat << ": " << best << " us\n";
  }
  return 0;
}
