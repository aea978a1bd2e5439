//===- Passes.td - conversions between levels ---*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The passes behind the packed level: one gives every step of the network a
// function on buffers in planned memory, the other adds the functions by which
// the artifact's runtime calls it once all is in the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_PASSES
#define DOREFA_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"
include "dorefa/Target/CPU/TargetOptions.td"

def ConvertDorefaToLoops : Pass<"convert-dorefa-to-loops", "::mlir::ModuleOp">,
                           Dorefa_TargetOptions {
  let summary = "turn a packed network into functions on buffers";
  let description = [{
    The module's one function on tensors becomes

    - a private function for each *step*: a layer, or an op on tensors together
      with the elementwise ops that are fused into it, as loops on memrefs;
    - `@dorefa_network(memory, workspace, inputs..., outputs...)`, which calls
      the steps of one image in order, each buffer at its planned offset. A
      step with enough work for several threads has a range of its work items
      as last arguments, and the attribute `dorefa.work` with the number of
      `items`, the `least` that are worth a thread's while, and which argument
      is `temporary` memory; the network asks for all items. What must be
      written before the first of them is a step of its own, `@step.X.borders`;
    - dense layers whose weights should be read once for several images have
      steps that compute a group of them; their number is an argument behind the
      outputs. `@dorefa_network` has it as its last argument then, its tensors
      are bytes of all images, and the other steps are called in loops over the
      images. Such a network has the attributes `dorefa.group_images`, the most
      images of a call, and `dorefa.slice_bytes`, what each more image needs in
      front of the workspace;
    - `@dorefa_prepare(memory)`, which calls the steps that depend on constants
      alone, such as the packing of weights;
    - private constants (`memref.global`), whose names begin with what they
      hold: `codes`, `reals`, `integers`, or `words` that are no part of the
      model; codes that are only packed are stored at their width, without
      gaps.

    The module's attributes `dorefa.inputs`, `dorefa.outputs`,
    `dorefa.memory_bytes`, `dorefa.workspace_bytes`, `dorefa.live_bytes` (the
    most that is alive at one step) and `dorefa.temporary_bytes` (at the end of
    the workspace, what each thread needs for itself) describe the result.

    ```mlir
    func.func @net(%x: tensor<1x4xf32> {dorefa.name = "x"})
        -> (tensor<1x4xf32> {dorefa.name = "y"}) {
      %y = arith.addf %x, %x : tensor<1x4xf32>
      return %y : tensor<1x4xf32>
    }
    // becomes
    func.func private @step.y(%x: memref<1x4xf32>, %y: memref<1x4xf32>) { ... }
    func.func @dorefa_network(%memory: memref<0xi8>, %workspace: memref<0xi8>,
                              %x: memref<1x4xf32>, %y: memref<1x4xf32>) {
      call @step.y(%x, %y) : (memref<1x4xf32>, memref<1x4xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let options = targetOptions # [
    Option<"leastPartWork", "least-part-work", "unsigned", /*default=*/"3000",
           "nanoseconds of a step's work, as estimated, that are worth handing "
           "to another thread; at least 1">,
    Option<"groupImages", "group-images", "unsigned", /*default=*/"0",
           "the most images of a call: 1 for one by one, more for groups of which "
           "every dense layer that can computes all images at once; 0 chooses">
  ];
}

def DispatchSteps : Pass<"dorefa-dispatch-steps", "::mlir::ModuleOp"> {
  let summary = "let the artifact's runtime hand parts of steps to threads";
  let description = [{
    Behind the conversion to the LLVM dialect: `@dorefa_network` gets an executor
    as last argument. Calls of steps with `dorefa.work` become calls of
    `@dorefa_artifact_run_step` of dorefa/Runtime/artifact.h with the step's
    pointers in an array, and a function that does a part of it: it loads them,
    moves the temporary memory on to that of its thread, and calls the step.

    ```mlir
    llvm.call @step.y(%x, %y, %temporary, %zero, %items) : ...
    // becomes
    llvm.store %x, %slot0 : !llvm.ptr, !llvm.ptr
    ...
    llvm.call @dorefa_artifact_run_step(%executor, %part, %slots, %items, %least)
    // with
    llvm.func internal @step.y.part(%slots: !llvm.ptr, %begin: i64, %end: i64,
                                    %thread: i64) {
      %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr
      ...
      llvm.call @step.y(%x, %y, %own, %begin, %end) : ...
      llvm.return
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def TimeSteps : Pass<"dorefa-time-steps", "::mlir::ModuleOp"> {
  let summary = "tell the executor where each step begins";
  let description = [{
    For measurements, never for what users get: in front of each call of
    `@dorefa_network`, and behind the last, the executor's `parallel_for` is
    called without a body, with the number of the step as `count`. The number is
    the integer that is fused into the call's location, or -1; behind the last
    call it is -2, or -1 and one less for each image of a group. Steps run on
    one thread.

    ```mlir
    llvm.call @step.y(%x, %y) : ... loc(fused<3>["y"])
    // becomes
    llvm.call %parallel_for(%self, %null, %null, %three) : !llvm.ptr, ...
    llvm.call @step.y(%x, %y) : ...
    llvm.call %parallel_for(%self, %null, %null, %minus_two) : !llvm.ptr, ...
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def AddEntryPoints : Pass<"dorefa-add-entry-points", "::mlir::ModuleOp"> {
  let summary = "add the functions that the artifact's runtime calls";
  let description = [{
    Behind the conversion to the LLVM dialect: adds `@dorefa_images(memory,
    workspace, inputs, outputs, images, executor)` and `@dorefa_pack(memory)` of
    dorefa/Runtime/artifact.h, which load the pointers of the tensors and call
    `@dorefa_network` and `@dorefa_prepare`. A network that does not compute
    groups gets no number of images.

    ```mlir
    llvm.func @dorefa_images(%memory: !llvm.ptr, %workspace: !llvm.ptr,
                             %inputs: !llvm.ptr, %outputs: !llvm.ptr,
                             %images: i64, %executor: !llvm.ptr) {
      %x = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
      %y = llvm.load %outputs : !llvm.ptr -> !llvm.ptr
      llvm.call @dorefa_network(%memory, %workspace, %x, %y, %executor) : ...
      llvm.return
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // DOREFA_CONVERSION_PASSES
