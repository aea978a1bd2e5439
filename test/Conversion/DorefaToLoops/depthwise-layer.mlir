// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni})' -o %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=WEIGHTS < %t

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 64>
!x = tensor<1x64x14x14xi8, #dorefa.code<u4>>
!w = tensor<64x1x3x3xi8, #dorefa.code<s4>>
!y = tensor<1x64x14x14xi8, #dorefa.code<u8>>

// Four neighbouring pixels of a unit of channels share the weights, each loaded
// once, and the 3x6 places of the input that their windows cover; the window is
// written out. Two pixels of a row are left.
// CHECK-LABEL: func.func private @step.layer(
// CHECK-SAME:    %[[X:.+]]: memref<16384xi8> {{.*}}
// CHECK:         scf.for %{{.+}} = %c0 to %c14 step
// CHECK:           scf.for %{{.+}} = %c0 to %c3 step
// CHECK:             scf.for %{{.+}} = %c0 to %c4 step
// CHECK-NOT:           scf.for
// CHECK-COUNT-18:      vector.load %[[X]][
// CHECK-NOT:           vector.load %[[X]][
// CHECK-COUNT-4:       vector.store
// CHECK-NOT:           vector.store
// CHECK:             scf.for %{{.+}} = %c0 to %c4 step
// CHECK-NOT:           scf.for
// CHECK-COUNT-12:      vector.load %[[X]][
// CHECK-NOT:           vector.load %[[X]][
// CHECK-COUNT-2:       vector.store
// CHECK-NOT:           vector.store
// CHECK:         return

// Nine for each tile.
// WEIGHTS-LABEL: func.func private @step.layer(
// WEIGHTS-SAME:    %[[W:[^ ]+]]: memref<576xi8>
// WEIGHTS-COUNT-18: vector.load %[[W]][
// WEIGHTS-NOT:      vector.load %[[W]][
func.func @depthwise(%x: !x) -> !y {
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
