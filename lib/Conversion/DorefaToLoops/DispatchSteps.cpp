//===- DispatchSteps.cpp - parts of steps as functions ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An executor calls functions of one type, while each step has arguments of its
// own: pointers and the number of images, then the range. So the network puts
// the former into an array on its stack, which lies there until all parts are
// done.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Conversion/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_DISPATCHSTEPS
#include "dorefa/Conversion/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

static constexpr StringLiteral workAttrName = "dorefa.work";

namespace {
struct DispatchStepsPass : dorefa::impl::DispatchStepsBase<DispatchStepsPass> {
  void runOnOperation() override;

private:
  void addExecutor();
  LogicalResult dispatch(LLVM::CallOp call, LLVM::LLVMFuncOp step);
  LLVM::LLVMFuncOp getPart(LLVM::LLVMFuncOp step, DictionaryAttr work);
  Value getSlot(ImplicitLocOpBuilder &builder, Value slots, int32_t index) {
    return LLVM::GEPOp::create(builder, pointer, pointer, slots,
                               ArrayRef<LLVM::GEPArg>{index});
  }

  LLVM::LLVMFuncOp network, runStep;
  Type pointer, i64;
  Value slots; ///< the network's array of pointers
  int64_t temporaryBytes = 0;
  llvm::DenseMap<Operation *, LLVM::LLVMFuncOp> parts;
};
} // namespace

static FailureOr<int64_t> getCount(LLVM::LLVMFuncOp step, DictionaryAttr work,
                                   StringRef name) {
  auto count = work.getAs<IntegerAttr>(name);
  if (!count || count.getInt() < 1)
    return step.emitError() << "expected '" << workAttrName
                            << "' to have a positive '" << name << "'";
  return count.getInt();
}

/// The function that does a part of a step.
LLVM::LLVMFuncOp DispatchStepsPass::getPart(LLVM::LLVMFuncOp step,
                                            DictionaryAttr work) {
  LLVM::LLVMFuncOp &part = parts[step];
  if (part)
    return part;
  ImplicitLocOpBuilder builder(step.getLoc(), step);
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(&getContext()), {pointer, i64, i64, i64});
  part = LLVM::LLVMFuncOp::create(builder, (step.getName() + ".part").str(),
                                  type, LLVM::Linkage::Internal);
  builder.setInsertionPointToStart(part.addEntryBlock(builder));
  unsigned numSlots = step.getNumArguments() - 2;
  SmallVector<Value> operands;
  for (unsigned i = 0; i < numSlots; ++i)
    operands.push_back(
        LLVM::LoadOp::create(builder, step.getArgument(i).getType(),
                             getSlot(builder, part.getArgument(0), i)));
  if (auto temporary = work.getAs<IntegerAttr>("temporary")) {
    Value bytes = LLVM::ConstantOp::create(
        builder, builder.getI64IntegerAttr(temporaryBytes));
    Value offset =
        LLVM::MulOp::create(builder, part.getArgument(3), bytes);
    Value &own = operands[temporary.getInt()];
    own = LLVM::GEPOp::create(builder, pointer, builder.getI8Type(), own,
                              ArrayRef<LLVM::GEPArg>{offset});
  }
  operands.push_back(part.getArgument(1));
  operands.push_back(part.getArgument(2));
  LLVM::CallOp::create(builder, step, operands);
  LLVM::ReturnOp::create(builder, ValueRange());
  return part;
}

LogicalResult DispatchStepsPass::dispatch(LLVM::CallOp call,
                                          LLVM::LLVMFuncOp step) {
  auto work = step->getAttrOfType<DictionaryAttr>(workAttrName);
  FailureOr<int64_t> items = getCount(step, work, "items"),
                     least = getCount(step, work, "least");
  if (failed(items) || failed(least))
    return failure();
  auto pointers = call.getArgOperands().drop_back(2);
  LLVM::LLVMFuncOp part = getPart(step, work);
  ImplicitLocOpBuilder builder(call.getLoc(), call);
  for (auto [i, value] : llvm::enumerate(pointers))
    LLVM::StoreOp::create(builder, value, getSlot(builder, slots, i));
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(builder, builder.getI64IntegerAttr(value));
  };
  LLVM::CallOp::create(
      builder, runStep,
      ValueRange{network.getArguments().back(),
                 LLVM::AddressOfOp::create(builder, part), slots,
                 constant(*items), constant(*least)});
  call.erase();
  return success();
}

/// Gives the network its last argument.
void DispatchStepsPass::addExecutor() {
  LLVM::LLVMFunctionType type = network.getFunctionType();
  SmallVector<Type> arguments(type.getParams());
  arguments.push_back(pointer);
  unsigned last = network.getNumArguments();
  function_interface_impl::insertFunctionArguments(
      network, last, pointer, DictionaryAttr(), network.getLoc(), last,
      LLVM::LLVMFunctionType::get(type.getReturnType(), arguments));
}

void DispatchStepsPass::runOnOperation() {
  ModuleOp module = getOperation();
  network = module.lookupSymbol<LLVM::LLVMFuncOp>("dorefa_network");
  auto temporary =
      module->getAttrOfType<IntegerAttr>("dorefa.temporary_bytes");
  if (!network || network.isExternal() || !temporary) {
    module.emitError("expected 'dorefa_network' and the attribute "
                     "'dorefa.temporary_bytes' that the conversion to loops "
                     "gives");
    return signalPassFailure();
  }
  parts.clear();
  runStep = {};
  temporaryBytes = temporary.getInt();
  pointer = LLVM::LLVMPointerType::get(&getContext());
  i64 = IntegerType::get(&getContext(), 64);
  addExecutor();

  SmallVector<std::pair<LLVM::CallOp, LLVM::LLVMFuncOp>> calls;
  size_t mostPointers = 0;
  network.walk([&](LLVM::CallOp call) {
    if (!call.getCallee())
      return;
    auto step = module.lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee());
    if (!step || !step->hasAttrOfType<DictionaryAttr>(workAttrName))
      return;
    calls.push_back({call, step});
    mostPointers = std::max<size_t>(mostPointers, step.getNumArguments() - 2);
  });
  if (calls.empty())
    return;
  ImplicitLocOpBuilder builder(network.getLoc(), module.getBodyRegion());
  builder.setInsertionPointToEnd(module.getBody());
  runStep = LLVM::LLVMFuncOp::create(
      builder, "dorefa_artifact_run_step",
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                  {pointer, pointer, pointer, i64, i64}));
  builder.setInsertionPointToStart(&network.getBody().front());
  slots = LLVM::AllocaOp::create(
      builder, pointer, pointer,
      LLVM::ConstantOp::create(builder,
                               builder.getI64IntegerAttr(mostPointers)));
  for (auto [call, step] : calls)
    if (failed(dispatch(call, step)))
      return signalPassFailure();
  for (auto &[step, part] : parts)
    step->removeAttr(workAttrName);
}
