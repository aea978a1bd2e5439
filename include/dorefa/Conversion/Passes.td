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
      the steps of one image in order, each buffer at its planned offset;
    - `@dorefa_prepare(memory)`, which calls the steps that depend on constants
      alone, such as the packing of weights;
    - private constants (`memref.global`), whose names begin with what they
      hold: `codes`, `reals`, `integers`, or `words` that are no part of the
      model; codes that are only packed are stored at their width, without
      gaps.

    The module's attributes `dorefa.inputs`, `dorefa.outputs`,
    `dorefa.memory_bytes`, `dorefa.workspace_bytes` and `dorefa.live_bytes`
    (the most that is alive at one step) describe the result.

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
  let options = targetOptions;
}

def AddEntryPoints : Pass<"dorefa-add-entry-points", "::mlir::ModuleOp"> {
  let summary = "add the functions that the artifact's runtime calls";
  let description = [{
    Behind the conversion to the LLVM dialect: adds `@dorefa_image(memory,
    workspace, inputs, outputs)` and `@dorefa_pack(memory)` of
    dorefa/Runtime/artifact.h, which load the pointers of the tensors and call
    `@dorefa_network` and `@dorefa_prepare`.

    ```mlir
    llvm.func @dorefa_image(%memory: !llvm.ptr, %workspace: !llvm.ptr,
                            %inputs: !llvm.ptr, %outputs: !llvm.ptr) {
      %x = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
      %y = llvm.load %outputs : !llvm.ptr -> !llvm.ptr
      llvm.call @dorefa_network(%memory, %workspace, %x, %y) : ...
      llvm.return
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // DOREFA_CONVERSION_PASSES
