// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v3 engine=bytes tile=1x4}, dorefa-packed-to-loops-pipeline{target=x86-64-v3})' | FileCheck %s

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x64x8x8xi8, #dorefa.code<u4>>
!w = tensor<16x64x3x3xi8, #dorefa.code<u4>>
!y = tensor<1x16x8x8xi32, #dorefa.code<s32>>

// Sums of pairs of products of 4-bit numbers stay in 16 bits over a whole loop of
// chunks, and are widened behind it.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         %{{.+}}:8 = scf.for {{.+}} -> (vector<16xi16>,
// CHECK-COUNT-8:   llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// CHECK-NOT:       pmadd
// CHECK:           scf.yield
// CHECK-COUNT-8: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NOT:     pmadd
func.func @long_sums(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } -> !y
  return %y : !y
}

// -----

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x64x8x8xi8, #dorefa.code<u6>>
!w = tensor<16x64x3x3xi8, #dorefa.code<u6>>
!y = tensor<1x16x8x8xi32, #dorefa.code<s32>>

// Those of 6-bit numbers do over two chunks.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         %{{.+}}:8 = scf.for {{.+}} -> (vector<8xi32>,
// CHECK-COUNT-2:   llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// CHECK:           llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-COUNT-2:   llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// CHECK:           llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
func.func @short_sums(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } -> !y
  return %y : !y
}
