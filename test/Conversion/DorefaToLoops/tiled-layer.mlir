// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni engine=bytes tile=2x7x3}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni})' | FileCheck %s

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x64x14x14xi8, #dorefa.code<u4>>
!w = tensor<128x64x3x3xi8, #dorefa.code<s4>>
!y = tensor<1x128x14x14xi8, #dorefa.code<u8>>

// Three passes over the kernel's rows, of which those outside of the image are
// left out; between passes a row's sums are in memory. On the way the next
// block's weights are asked for, into the second-level cache.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         scf.for %[[ITEM:.+]] = %{{.+}} to %{{.+}} step
// CHECK:           %[[ROW:.+]] = arith.remui %[[ITEM]], %c14
// CHECK:           %[[BLOCK:.+]] = arith.divui %[[ITEM]], %c14
// CHECK:           %[[ABOVE:.+]] = arith.subi %c1, %[[ROW]]
// CHECK:           %[[BELOW:.+]] = arith.subi %c15, %[[ROW]]
// CHECK:           %[[FIRST:.+]] = arith.maxsi %[[ABOVE]], %c0
// CHECK:           %[[END:.+]] = arith.minsi %[[BELOW]], %c3
// CHECK:           scf.for %[[PASS:.+]] = %c0 to %{{.+}} step
// CHECK:             %[[FROM:.+]] = arith.maxsi %[[FIRST]], %[[PASS]]
// CHECK:             scf.for %[[TILE:.+]] = %c0 to %c2 step
// CHECK:               scf.if
// CHECK:                 vector.load %[[SUMS:.+]][%{{.+}}] : memref<1792xi8>
// CHECK:               scf.for %{{.+}} = %[[FROM]] to
// CHECK:                 memref.prefetch %{{.+}}, read, locality<2>, data : memref<73728xi8>
// CHECK:                 scf.for
// CHECK-COUNT-14:          llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK-NOT:               vpdpbusd
// CHECK:               vector.store %{{.+}}, %[[SUMS]][
func.func @conv(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x1024xi8, #dorefa.code<u4>>
!w = tensor<512x1024xi8, #dorefa.code<s4>>
!y = tensor<1x512xi8, #dorefa.code<u8>>

// One pixel reads each weight once: they are asked for where they are read,
// some lines ahead, into the first-level cache.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         scf.for %{{.+}} = %c0 to %c256 step
// CHECK:           memref.prefetch %{{.+}}, read, locality<3>, data
// CHECK:           llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
func.func @dense(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// -----

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x64x14x14xi8, #dorefa.code<s4>>
!w = tensor<128x64x3x3xi8, #dorefa.code<s4>>
!y = tensor<1x128x14x14xi8, #dorefa.code<u8>>

// The border's codes stand for -8 as stored numbers: its rows count.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         scf.for %[[ITEM:.+]] = %{{.+}} to %{{.+}} step
// CHECK-NOT:       arith.subi
// CHECK:           vpdpbusd
func.func @border_is_not_zero(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}
