//===- EmitModelTables.cpp - What the outside can ask of a network --------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the constants of dorefa_model.h and artifact.h as LLVM IR.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include "dorefa/Target/CPU/Emit.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Constant;

namespace {
/// Builds constants of one module.
class TableBuilder {
public:
  explicit TableBuilder(llvm::Module &module)
      : module(module), context(module.getContext()) {}

  Constant *getI32(uint64_t value) {
    return llvm::ConstantInt::get(llvm::Type::getInt32Ty(context), value);
  }
  Constant *getI64(uint64_t value) {
    return llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), value);
  }
  llvm::GlobalVariable *addGlobal(Constant *value, const Twine &name) {
    auto *global = new llvm::GlobalVariable(
        module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::PrivateLinkage, value, name);
    return global;
  }
  Constant *addString(StringRef text) {
    return addGlobal(llvm::ConstantDataArray::getString(context, text),
                     "dorefa.text");
  }
  /// A structure whose layout follows from its fields, as in C.
  Constant *getStruct(ArrayRef<Constant *> fields) {
    return llvm::ConstantStruct::getAnon(context, fields);
  }
  /// A function of the runtime, known by its address alone.
  Constant *getRuntimeFunction(StringRef name) {
    auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), false);
    return llvm::cast<Constant>(
        module.getOrInsertFunction(name, type).getCallee());
  }
  Constant *addTensors(ArrayRef<ModelTensor> tensors, int64_t batch);
  /// Code that returns the address of `table`.
  void addGetter(StringRef name, Constant *table);

private:
  Constant *getTensor(const ModelTensor &tensor, int64_t batch);

  llvm::Module &module;
  llvm::LLVMContext &context;
};
} // namespace

/// dorefa_tensor.
Constant *TableBuilder::getTensor(const ModelTensor &tensor, int64_t batch) {
  SmallVector<int64_t> shape = tensor.shape;
  if (batch == 0 && !shape.empty())
    shape.front() = -1;
  Constant *extents = addGlobal(
      llvm::ConstantDataArray::get(context, ArrayRef<int64_t>(shape)),
      "dorefa.shape");
  return getStruct({addString(tensor.name), getI32(tensor.elementType),
                    getI32(shape.size()), extents, getI64(tensor.bytes)});
}

Constant *TableBuilder::addTensors(ArrayRef<ModelTensor> tensors,
                                   int64_t batch) {
  SmallVector<Constant *> entries;
  for (const ModelTensor &tensor : tensors)
    entries.push_back(getTensor(tensor, batch));
  return addGlobal(getStruct(entries), "dorefa.tensors");
}

void TableBuilder::addGetter(StringRef name, Constant *table) {
  auto *type =
      llvm::FunctionType::get(llvm::PointerType::get(context, 0), false);
  auto *function = llvm::Function::Create(
      type, llvm::GlobalValue::ExternalLinkage, name, module);
  llvm::IRBuilder<> builder(
      llvm::BasicBlock::Create(context, "entry", function));
  builder.CreateRet(table);
}

/// Tells networks, and packings of one network, apart: model memory that one
/// filled is not valid for another.
static uint64_t computeHash(const llvm::Module &module) {
  SmallVector<char> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::WriteBitcodeToFile(module, stream);
  return llvm::xxh3_64bits(StringRef(bytes.data(), bytes.size()));
}

void mlir::dorefa::addModelTables(llvm::Module &module,
                                  const ModelInterface &interface,
                                  const ModelFacts &facts) {
  uint64_t hash = computeHash(module);
  TableBuilder builder(module);
  uint64_t memoryBytes = interface.memoryBytes + DOREFA_MEMORY_HEADER_BYTES;
  Constant *inputs = builder.addTensors(interface.inputs, interface.batch);
  Constant *outputs = builder.addTensors(interface.outputs, interface.batch);
  Constant *numInputs = builder.getI32(interface.inputs.size());
  Constant *numOutputs = builder.getI32(interface.outputs.size());

  llvm::GlobalVariable *artifact = builder.addGlobal(
      builder.getStruct({builder.getI64(hash), builder.getI64(memoryBytes),
                         builder.getI64(interface.workspaceBytes),
                         builder.getI64(interface.batch),
                         builder.getI64(interface.callImages), numInputs,
                         numOutputs, inputs, outputs}),
      "dorefa_artifact");
  artifact->setLinkage(llvm::GlobalValue::ExternalLinkage);

  Constant *table = builder.addGlobal(
      builder.getStruct(
          {builder.getI32(DOREFA_ABI_VERSION),
           builder.getI32(sizeof(dorefa_model)),
           builder.addString(interface.name), builder.addString(facts.compiler),
           builder.addString(facts.target), numInputs, numOutputs, inputs,
           outputs, builder.getI64(interface.batch),
           builder.getI64(memoryBytes), builder.addString(facts.report),
           builder.getI64(facts.report.size()),
           builder.getRuntimeFunction("dorefa_artifact_workspace_bytes"),
           builder.getRuntimeFunction("dorefa_artifact_prepare"),
           builder.getRuntimeFunction("dorefa_artifact_run"),
           builder.getRuntimeFunction("dorefa_artifact_status_text")}),
      "dorefa_model");
  builder.addGetter(facts.entry, table);
}
