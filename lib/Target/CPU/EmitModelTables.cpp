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
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Constant;

static uint64_t getModelMemoryBytes(const ModelInterface &interface) {
  return interface.memoryBytes + DOREFA_MEMORY_HEADER_BYTES;
}

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
  /// A function known by its address alone.
  Constant *getFunction(StringRef name) {
    auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), false);
    return llvm::cast<Constant>(
        module.getOrInsertFunction(name, type).getCallee());
  }
  Constant *addTensors(ArrayRef<ModelTensor> tensors, int64_t batch);
  /// A function that calls one of the runtime.
  void addEntry(StringRef name, StringRef runtimeName,
                llvm::FunctionType *type);

private:
  Constant *getTensor(const ModelTensor &tensor, int64_t batch);

  llvm::Module &module;
  llvm::LLVMContext &context;
};
} // namespace

/// dorefa_tensor.
Constant *TableBuilder::getTensor(const ModelTensor &tensor, int64_t batch) {
  SmallVector<int64_t> shape = tensor.shape;
  if (batch == 0 && !shape.empty() && !tensor.isShared)
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

void TableBuilder::addEntry(StringRef name, StringRef runtimeName,
                            llvm::FunctionType *type) {
  auto *function = llvm::Function::Create(
      type, llvm::GlobalValue::ExternalLinkage, name, module);
  llvm::IRBuilder<> builder(
      llvm::BasicBlock::Create(context, "entry", function));
  SmallVector<llvm::Value *> operands;
  for (llvm::Argument &argument : function->args())
    operands.push_back(&argument);
  builder.CreateRet(builder.CreateCall(
      module.getOrInsertFunction(runtimeName, type), operands));
}

ArrayRef<StringRef> mlir::dorefa::getModelFunctions() {
  static const StringRef names[] = {
      "dorefa_artifact_workspace_bytes", "dorefa_artifact_prepare",
      "dorefa_artifact_run", "dorefa_artifact_status_text"};
  return names;
}

/// dorefa_artifact_info.
void mlir::dorefa::addArtifactInfo(llvm::Module &module,
                                   const ModelInterface &interface,
                                   uint64_t hash) {
  TableBuilder builder(module);
  llvm::GlobalVariable *artifact = builder.addGlobal(
      builder.getStruct(
          {builder.getI64(hash), builder.getI64(getModelMemoryBytes(interface)),
           builder.getI64(interface.workspaceBytes),
           builder.getI64(interface.sliceBytes),
           builder.getI64(interface.threadBytes),
           builder.getI64(interface.batch),
           builder.getI64(interface.unitImages),
           builder.getI64(interface.groupImages),
           builder.getI32(interface.inputs.size()),
           builder.getI32(interface.outputs.size()),
           builder.addTensors(interface.inputs, interface.batch),
           builder.addTensors(interface.outputs, interface.batch)}),
      "dorefa_artifact");
  artifact->setLinkage(llvm::GlobalValue::ExternalLinkage);
}

namespace {
/// What the tables of all variants point to.
struct SharedFields {
  Constant *name, *compiler, *inputs, *outputs, *report, *variants;
};
} // namespace

/// dorefa_model.
static llvm::GlobalVariable *addModel(TableBuilder &builder,
                                      const EmittedVariant &variant,
                                      const SharedFields &shared,
                                      uint64_t reportBytes, int64_t count) {
  const ModelInterface &interface = variant.interface;
  SmallVector<Constant *> fields = {
      builder.getI32(DOREFA_ABI_VERSION),
      builder.getI32(sizeof(dorefa_model)),
      shared.name,
      shared.compiler,
      builder.addString(describeTarget(variant.target.target)),
      builder.getI32(interface.inputs.size()),
      builder.getI32(interface.outputs.size()),
      shared.inputs,
      shared.outputs,
      builder.getI64(interface.batch),
      builder.getI64(getModelMemoryBytes(interface)),
      shared.report,
      builder.getI64(reportBytes)};
  for (StringRef name : getModelFunctions())
    fields.push_back(
        builder.getFunction(getVariantSymbol(name, variant.target)));
  fields.append({builder.addString(variant.target.name), builder.getI32(count),
                 shared.variants});
  return builder.addGlobal(builder.getStruct(fields),
                           getVariantSymbol("dorefa_model", variant.target));
}

void mlir::dorefa::addModelTables(llvm::Module &module,
                                  ArrayRef<EmittedVariant> variants,
                                  const ModelFacts &facts) {
  TableBuilder builder(module);
  // Variants differ in nothing that a user of the network sees.
  const ModelInterface &interface = variants.front().interface;
  SmallVector<Constant *> names, entries;
  for (const EmittedVariant &variant : variants)
    names.push_back(builder.addString(variant.target.name));
  SharedFields shared = {
      builder.addString(interface.name),
      builder.addString(facts.compiler),
      builder.addTensors(interface.inputs, interface.batch),
      builder.addTensors(interface.outputs, interface.batch),
      builder.addString(facts.report),
      builder.addGlobal(builder.getStruct(names), "dorefa.names")};
  for (const EmittedVariant &variant : variants)
    entries.push_back(builder.getStruct(
        {addModel(builder, variant, shared, facts.report.size(),
                  variants.size()),
         builder.getI64(variant.target.requiredFeatures)}));
  llvm::GlobalVariable *table = builder.addGlobal(
      builder.getStruct(
          {builder.addGlobal(builder.getStruct(entries), "dorefa.variants"),
           builder.getI32(variants.size())}),
      "dorefa_artifact_variants");
  table->setLinkage(llvm::GlobalValue::ExternalLinkage);

  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  builder.addEntry(facts.entry, "dorefa_artifact_get_model",
                   llvm::FunctionType::get(pointer, false));
  builder.addEntry(facts.errorEntry, "dorefa_artifact_get_error",
                   llvm::FunctionType::get(i64, {pointer, i64}, false));
}
