// RUN: dorefa-opt %s --convert-dorefa-to-loops | FileCheck %s

// Nothing is alive beside inputs and results but %s, which two steps read.
// CHECK: dorefa.inputs = [{name = "x", type = tensor<4x16xf32>}]
// CHECK-SAME: dorefa.live_bytes = 256
// CHECK-SAME: dorefa.memory_bytes = 192
// CHECK-SAME: dorefa.outputs = [{name = "y", type = tensor<4x16xf32>}, {name = "z", type = tensor<16x4xf32>}]
// CHECK-SAME: dorefa.workspace_bytes = 256

// Codes that are only packed are stored at their width: 32 of 2 bits.
// CHECK: memref.global "private" constant @codes{{.*}} : memref<8xi8> = dense<27> {alignment = 64 : i64}

// The chain in front of the multiplication is one step.
// CHECK-LABEL: func.func private @step.first(
// CHECK-SAME: memref<4x16xf32> {llvm.noalias, llvm.readonly}
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK: return

// The last two read its result.
// CHECK-LABEL: func.func private @step.second(
// CHECK-SAME: memref<4x16xf32> {llvm.align = 64 : i64, llvm.noalias, llvm.readonly}
// CHECK: arith.mulf
// CHECK-LABEL: func.func private @step.transpose(

// CHECK-LABEL: func.func @dorefa_network(
// CHECK-SAME: %[[MEMORY:.+]]: memref<192xi8>, %[[WORKSPACE:.+]]: memref<256xi8>, %[[X:.+]]: memref<4x16xf32>, %[[Y:.+]]: memref<4x16xf32>, %[[Z:.+]]: memref<16x4xf32>)
// CHECK: call @step.first(%[[X]], %[[S:.+]])
// CHECK: call @step.second(
// CHECK-SAME: %[[Y]])
// CHECK: call @step.transpose(
// CHECK-SAME: %[[Z]])

// CHECK-LABEL: func.func @dorefa_prepare(
// CHECK: call @step.pack(
func.func @net(%x: tensor<4x16xf32> {dorefa.name = "x"}) -> (tensor<4x16xf32> {dorefa.name = "y"}, tensor<16x4xf32> {dorefa.name = "z"}) {
  %one = arith.constant dense<1.0> : tensor<4x16xf32>
  %a = arith.addf %x, %one : tensor<4x16xf32>
  %s = arith.maximumf %a, %one : tensor<4x16xf32> loc("first")
  %codes = arith.constant dense<[[3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0]]> : tensor<1x32xi8, #dorefa.code<u2>>
  %p = dorefa.pack %codes : tensor<1x32xi8, #dorefa.code<u2>> to tensor<1x32xi8, #dorefa.layout<elements <u2> channels 32 border [] fill 0>>
  %u = dorefa.unpack %p : tensor<1x32xi8, #dorefa.layout<elements <u2> channels 32 border [] fill 0>> to tensor<1x32xi8, #dorefa.code<u2>>
  %k = arith.constant dense<0.5> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %w = dorefa.dequantize %u, %k, %zero : tensor<1x32xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x32xf32>
  %v = dorefa.reshape %w : tensor<1x32xf32> to tensor<2x16xf32>
  %row = dorefa.slice %v offsets [1, 0] steps [1, 1] : tensor<2x16xf32> to tensor<1x16xf32>
  %rows = dorefa.broadcast %row : tensor<1x16xf32> to tensor<4x16xf32>
  %y = arith.mulf %s, %rows : tensor<4x16xf32> loc("second")
  %z = dorefa.transpose %s permutation [1, 0] : tensor<4x16xf32> to tensor<16x4xf32>
  return %y, %z : tensor<4x16xf32>, tensor<16x4xf32>
}
