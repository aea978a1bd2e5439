//===- TimeSteps.cpp - tell the executor where steps begin ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The executor is the one thing that code is handed from outside, so it hears
// of steps without any function of the runtime. Steps themselves get none, as
// on one thread.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Conversion/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_TIMESTEPS
#include "dorefa/Conversion/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// The integer that is fused into a location, or -1.
static int64_t getNumber(Location location) {
  auto fused = location->findInstanceOf<FusedLocWith<IntegerAttr>>();
  return fused ? fused.getMetadata().getInt() : -1;
}

namespace {
/// Calls `parallel_for` of dorefa_executor, whose fields are those of `layout`.
class ExecutorCalls {
public:
  ExecutorCalls(ImplicitLocOpBuilder &builder, Value executor)
      : builder(builder), pointer(executor.getType()) {
    Type i32 = builder.getI32Type();
    auto layout = LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                                   {pointer, i32, pointer});
    auto load = [&](int32_t field) -> Value {
      Value address = LLVM::GEPOp::create(builder, pointer, layout, executor,
                                          ArrayRef<LLVM::GEPArg>{0, field});
      return LLVM::LoadOp::create(builder, pointer, address);
    };
    self = load(0);
    function = load(2);
    null = LLVM::ZeroOp::create(builder, pointer);
  }

  Value getNull() const { return null; }

  Value getConstant(int64_t number) {
    return LLVM::ConstantOp::create(builder, builder.getI64IntegerAttr(number));
  }

  /// What says that so many images are done: -1 and one less for each.
  Value getEnd(LLVM::LLVMFuncOp network) {
    Value images = network.getArguments().drop_back().back();
    if (isa<LLVM::LLVMPointerType>(images.getType()))
      return getConstant(-2);
    return LLVM::SubOp::create(builder, getConstant(-1), images);
  }

  void emit(Value number) {
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(builder.getContext()),
        {pointer, pointer, pointer, builder.getI64Type()});
    LLVM::CallOp::create(builder, type,
                         ValueRange{function, self, null, null, number});
  }

private:
  ImplicitLocOpBuilder &builder;
  Type pointer;
  Value self, function, null;
};

struct TimeStepsPass : dorefa::impl::TimeStepsBase<TimeStepsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto network = module.lookupSymbol<LLVM::LLVMFuncOp>("dorefa_network");
    if (!network || network.isExternal() || network.getNumArguments() < 2 ||
        !isa<LLVM::LLVMPointerType>(network.getArguments().back().getType())) {
      module.emitError("expected 'dorefa_network' with an executor as its last "
                       "argument, as dorefa-dispatch-steps makes it");
      return signalPassFailure();
    }
    SmallVector<LLVM::CallOp> calls;
    network.walk([&](LLVM::CallOp call) { calls.push_back(call); });
    ImplicitLocOpBuilder builder(network.getLoc(), &getContext());
    builder.setInsertionPointToStart(&network.getBody().front());
    Value executor = network.getArguments().back();
    ExecutorCalls executorCalls(builder, executor);
    for (LLVM::CallOp call : calls) {
      builder.setInsertionPoint(call);
      executorCalls.emit(executorCalls.getConstant(getNumber(call.getLoc())));
      for (OpOperand &operand : call->getOpOperands())
        if (operand.get() == executor)
          operand.set(executorCalls.getNull());
    }
    network.walk([&](LLVM::ReturnOp end) {
      builder.setInsertionPoint(end);
      executorCalls.emit(executorCalls.getEnd(network));
    });
  }
};
} // namespace
