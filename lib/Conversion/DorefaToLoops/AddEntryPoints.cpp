//===- AddEntryPoints.cpp - the functions that the runtime calls ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The runtime hands over tensors as arrays of pointers, since it cannot know
// how many a network has; `@dorefa_network` has one argument a tensor. The
// functions added here load the pointers and pass them on, and the network
// becomes internal to the module.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Conversion/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_ADDENTRYPOINTS
#include "dorefa/Conversion/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// The pointer number `index` of an array of them.
static Value loadPointer(ImplicitLocOpBuilder &builder, Value array,
                         int32_t index) {
  Type pointer = array.getType();
  Value address = LLVM::GEPOp::create(builder, pointer, pointer, array,
                                      ArrayRef<LLVM::GEPArg>{index});
  return LLVM::LoadOp::create(builder, pointer, address);
}

namespace {
struct AddEntryPointsPass
    : dorefa::impl::AddEntryPointsBase<AddEntryPointsPass> {
  LLVM::LLVMFuncOp addFunction(ImplicitLocOpBuilder &builder, StringRef name,
                               ArrayRef<Type> types) {
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(&getContext()), types);
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto function = LLVM::LLVMFuncOp::create(builder, name, type);
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    return function;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto network = module.lookupSymbol<LLVM::LLVMFuncOp>("dorefa_network");
    auto prepare = module.lookupSymbol<LLVM::LLVMFuncOp>("dorefa_prepare");
    auto inputs = module->getAttrOfType<ArrayAttr>("dorefa.inputs");
    auto outputs = module->getAttrOfType<ArrayAttr>("dorefa.outputs");
    if (!network || !prepare || !inputs || !outputs) {
      module.emitError("expected 'dorefa_network', 'dorefa_prepare' and the "
                       "attributes 'dorefa.inputs' and 'dorefa.outputs' that "
                       "the conversion to loops gives");
      return signalPassFailure();
    }
    ImplicitLocOpBuilder builder(network.getLoc(), &getContext());
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    LLVM::LLVMFuncOp images = addFunction(
        builder, "dorefa_images",
        {pointer, pointer, pointer, pointer, builder.getI64Type(), pointer});
    SmallVector<Value> operands = {images.getArgument(0),
                                   images.getArgument(1)};
    for (unsigned i = 0; i < inputs.size(); ++i)
      operands.push_back(loadPointer(builder, images.getArgument(2), i));
    for (unsigned i = 0; i < outputs.size(); ++i)
      operands.push_back(loadPointer(builder, images.getArgument(3), i));
    if (module->hasAttr("dorefa.group_images"))
      operands.push_back(images.getArgument(4));
    operands.push_back(images.getArgument(5));
    if (TypeRange(operands) != TypeRange(network.getArgumentTypes())) {
      network.emitError("expected arguments for memory, workspace, each tensor, "
                        "the images of a group if there are some, and an "
                        "executor");
      return signalPassFailure();
    }
    LLVM::CallOp::create(builder, network, operands);
    LLVM::ReturnOp::create(builder, ValueRange());

    LLVM::LLVMFuncOp pack = addFunction(builder, "dorefa_pack", pointer);
    LLVM::CallOp::create(builder, prepare, ValueRange{pack.getArgument(0)});
    LLVM::ReturnOp::create(builder, ValueRange());
    for (LLVM::LLVMFuncOp function : {network, prepare})
      function.setLinkage(LLVM::Linkage::Internal);
  }
};
} // namespace
