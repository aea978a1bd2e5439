// REQUIRES: x86-registered-target
// The four pipelines from the graph to LLVM, by name, each on the result of the
// one before.
// RUN: dorefa-opt %s --dorefa-recognize-pipeline --dorefa-graph-to-layers-pipeline -o %t.layers.mlir
// RUN: FileCheck %s --check-prefix=LAYERS < %t.layers.mlir
// RUN: dorefa-opt %t.layers.mlir --dorefa-layers-to-packed-pipeline='triple=x86_64-unknown-linux-gnu cpu=x86-64-v3 engine=bytes' -o %t.packed.mlir
// RUN: FileCheck %s --check-prefix=PACKED < %t.packed.mlir
// RUN: dorefa-opt %t.packed.mlir --dorefa-packed-to-loops-pipeline='triple=x86_64-unknown-linux-gnu cpu=x86-64-v3' -o %t.loops.mlir
// RUN: FileCheck %s --check-prefix=LOOPS < %t.loops.mlir
// RUN: dorefa-opt %t.loops.mlir --dorefa-loops-to-llvm-pipeline | FileCheck %s --check-prefix=LLVM

// The quantizer is a comparison of the integer sum with thresholds.
// LAYERS-LABEL: func.func @net(
// LAYERS:           dorefa.quantize_scalar half_even
// LAYERS:         dorefa.layer products
// LAYERS:           dorefa.count_thresholds %{{.+}}, %{{.+}} : i32
// LAYERS:         return

// PACKED-LABEL: func.func @net(
// PACKED:         dorefa.layer products [#dorefa.product<conv
// PACKED-SAME:      #dorefa.layout<
// PACKED-SAME:      #dorefa.digits<
// PACKED:         {packed, {{.*}}schedule = #dorefa.schedule<bytes vectors

// LOOPS:        dorefa.inputs = [{name = "x", type = tensor<1x16xf32>}]
// LOOPS:        func.func private @step.
// LOOPS:          scf.for
// LOOPS-LABEL:  func.func @dorefa_network(
// LOOPS-LABEL:  func.func @dorefa_prepare(

// LLVM-NOT:     func.func
// LLVM:         llvm.func internal @dorefa_network(
// LLVM:         llvm.func internal @dorefa_prepare(
// LLVM-LABEL:   llvm.func @dorefa_images(
// LLVM-SAME:      %[[MEMORY:.+]]: !llvm.ptr, %[[WORKSPACE:.+]]: !llvm.ptr, %[[INPUTS:.+]]: !llvm.ptr, %[[OUTPUTS:.+]]: !llvm.ptr, %{{.+}}: !llvm.ptr)
// LLVM-DAG:       %[[X:.+]] = llvm.load %{{.+}} : !llvm.ptr -> !llvm.ptr
// LLVM:           llvm.call @dorefa_network(%[[MEMORY]], %[[WORKSPACE]], %
// LLVM-LABEL:   llvm.func @dorefa_pack(
// LLVM-SAME:      %[[MEMORY:.+]]: !llvm.ptr)
// LLVM:           llvm.call @dorefa_prepare(%[[MEMORY]])

func.func @net(%x: tensor<1x16xf32> {dorefa.name = "x"}) -> (tensor<1x16xf32> {dorefa.name = "y"}) {
  %one = arith.constant dense<1.0> : tensor<f32>
  %step = arith.constant dense<0.25> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : tensor<16x16xi8, #dorefa.code<s2>>
  %q = dorefa.quantize half_even %x : tensor<1x16xf32> to tensor<1x16xi8, #dorefa.code<u2>>
  %a = dorefa.dequantize %q, %one, %zero : tensor<1x16xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x16xf32>
  %v = dorefa.dequantize %w, %step, %zero : tensor<16x16xi8, #dorefa.code<s2>>, tensor<f32>, tensor<i32> to tensor<16x16xf32>
  %m = dorefa.matmul %a, %v : tensor<1x16xf32>, tensor<16x16xf32> to tensor<1x16xf32>
  %p = dorefa.quantize half_even %m : tensor<1x16xf32> to tensor<1x16xi8, #dorefa.code<u2>>
  %y = dorefa.dequantize %p, %step, %zero : tensor<1x16xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x16xf32>
  return %y : tensor<1x16xf32>
}
