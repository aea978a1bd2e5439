//===- ProgramBuilder.h - the functions of a network ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Builds the program of a network from its steps. ProgramSteps.cpp has the
// functions of steps, ConvertDorefaToLoops.cpp what is around them.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_PROGRAMBUILDER_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_PROGRAMBUILDER_H

#include "ConstantPool.h"
#include "PlanMemory.h"
#include "Steps.h"

namespace mlir::dorefa::loops {

/// Where the elements of a tensor lie.
struct Place {
  enum class Kind { Argument, Result, Workspace, Memory };
  Kind kind = Kind::Workspace;
  /// Number of the argument or result, or of the buffer in its memory.
  unsigned index = 0;
};

/// The functions of a step; those of borders may be missing.
struct StepFunctions {
  func::FuncOp borders, loops;
};

/// Builds the functions of one network.
class ProgramBuilder {
public:
  ProgramBuilder(func::FuncOp function, const TargetFeatures &target,
                 int64_t leastPartWork)
      : module(function->getParentOfType<ModuleOp>()), function(function),
        target(target), leastPartWork(leastPartWork), constants(module) {}

  LogicalResult run();

private:
  void assignPlaces();
  void describeTensors();
  LogicalResult emitStepFunctions(const Step &step);
  func::FuncOp createStepFunction(const Step &step, StringRef suffix,
                                  ArrayRef<Value> tensors, size_t numInputs,
                                  ArrayRef<Type> others);
  LogicalResult emitBorders(const Step &step);
  void emitCalls(ImplicitLocOpBuilder &builder, func::FuncOp program,
                 unsigned index);
  void emitProgram(StringRef name, bool isPrepare);
  Value getBuffer(OpBuilder &builder, func::FuncOp program, Value tensor);
  Value getView(OpBuilder &builder, Value memory, int64_t offset,
                MemRefType type);
  MemRefType getMemoryType(int64_t bytes) {
    return MemRefType::get({bytes}, IntegerType::get(module.getContext(), 8));
  }

  ModuleOp module;
  func::FuncOp function;
  const TargetFeatures &target;
  /// Work that is worth another thread's while, in nanoseconds.
  int64_t leastPartWork;
  ConstantPool constants;
  SmallVector<Step> steps;
  llvm::DenseMap<Value, Place> places;
  /// Buffers in the workspace of an image, and in model memory.
  SmallVector<Lifetime> workspaceBuffers, memoryBuffers;
  MemoryPlan workspace, memory;
  /// The most temporary memory of a step in a run.
  int64_t temporaryBytes = 0;
  SmallVector<StepFunctions> functions;
  /// The temporary buffer of each step at preparation.
  SmallVector<unsigned> scratch;
};
/// Marks `function` as one of the program's: pointers are bare, and private
/// ones stay functions of their own, which profilers then show by name.
void setConventions(func::FuncOp function);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PROGRAMBUILDER_H
