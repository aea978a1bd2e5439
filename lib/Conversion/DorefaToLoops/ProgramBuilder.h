//===- ProgramBuilder.h - the functions of a network ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Builds the program of a network from its steps. ProgramSteps.cpp has the
// functions of steps, ProgramCalls.cpp the functions that call them, and
// ConvertDorefaToLoops.cpp what is around them.
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
  enum class Kind { Argument, Result, Workspace, Slice, Memory };
  Kind kind = Kind::Workspace;
  /// Number of the argument or result, or of the buffer in its memory.
  unsigned index = 0;
};

/// What a call of a step needs beside the step: the image that it is for, and
/// where the planned buffers begin. Both are null where there is one image.
struct CallSite {
  func::FuncOp program;
  Value image, arena;
};

/// The functions of a step. Those of borders and rings, which come before the
/// loops, may be missing.
struct StepFunctions {
  func::FuncOp borders, rings, loops;
};

/// Builds the functions of one network.
class ProgramBuilder {
public:
  ProgramBuilder(func::FuncOp function, const TargetFeatures &target,
                 int64_t leastPartWork, int64_t groupImages)
      : module(function->getParentOfType<ModuleOp>()), function(function),
        target(target), leastPartWork(leastPartWork),
        groupImages(groupImages), constants(module) {}

  LogicalResult run();

private:
  void assignPlaces();
  void planWorkspace();
  void describeTensors();
  LogicalResult emitStepFunctions(const Step &step);
  func::FuncOp createStepFunction(const Step &step, StringRef suffix,
                                  ArrayRef<Value> tensors, size_t numInputs,
                                  ArrayRef<Type> others, bool ofGroup);
  LogicalResult emitBorders(const Step &step);
  LogicalResult emitRings(const Step &step);
  MemRefType getRingType(const Step &step) {
    return getMemoryType((groupImages - 1) * slice.bytes + step.ringBytes);
  }
  void emitCalls(ImplicitLocOpBuilder &builder, CallSite site,
                 unsigned index);
  /// Calls what comes before the loops.
  void emitFirstCalls(ImplicitLocOpBuilder &builder, CallSite site,
                      unsigned index);
  Value getRings(ImplicitLocOpBuilder &builder, CallSite site, unsigned index);
  void emitGroupCalls(ImplicitLocOpBuilder &builder, func::FuncOp program);
  /// Calls `body` for each image of the group.
  void overImages(ImplicitLocOpBuilder &builder, CallSite site,
                  function_ref<void(CallSite)> body);
  void emitProgram(StringRef name, bool isPrepare);
  SmallVector<Type> getProgramTypes(bool isPrepare);
  /// The buffer of a tensor of one image, or (`ofGroup`) of all.
  Value getBuffer(ImplicitLocOpBuilder &builder, CallSite site,
                  Value tensor, bool ofGroup = false);
  MemRefType getType(Value tensor, bool ofGroup);
  /// Bytes from a tensor of an image to that of the next one.
  int64_t getStride(Value tensor);
  MemRefType getMemoryType(int64_t bytes) {
    return MemRefType::get({bytes}, IntegerType::get(module.getContext(), 8));
  }

  ModuleOp module;
  func::FuncOp function;
  const TargetFeatures &target;
  /// Work that is worth another thread's while, in nanoseconds.
  int64_t leastPartWork;
  /// The most images of a call; 0 before it is chosen.
  int64_t groupImages;
  ConstantPool constants;
  SmallVector<Step> steps;
  llvm::DenseMap<Value, Place> places;
  /// Buffers in the workspace, in an image's slice of it, and in model memory.
  SmallVector<Lifetime> workspaceBuffers, sliceBuffers, memoryBuffers;
  MemoryPlan workspace, slice, memory;
  /// The most temporary memory of a step in a run.
  int64_t temporaryBytes = 0;
  SmallVector<StepFunctions> functions;
  /// The temporary buffer of each step at preparation, and in a slice.
  SmallVector<unsigned> scratch, rings;
};
/// Marks `function` as one of the program's: pointers are bare, and private
/// ones stay functions of their own, which profilers then show by name.
void setConventions(func::FuncOp function);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_PROGRAMBUILDER_H
