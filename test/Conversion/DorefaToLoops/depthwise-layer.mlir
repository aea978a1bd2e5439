// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni})' | FileCheck %s
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v3}, dorefa-packed-to-loops-pipeline{target=x86-64-v3})' | FileCheck %s --check-prefix=AVX2

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 64>
!x = tensor<1x64x14x14xi8, #dorefa.code<u4>>
!w = tensor<64x1x3x3xi8, #dorefa.code<s4>>
!y = tensor<1x64x14x14xi8, #dorefa.code<u8>>

// Along a row with a unit of channels, whose nine weights are loaded once and are
// 16-bit numbers less 8. Four neighbouring pixels share the 3x6 places of the
// input that their windows cover; the window is written out. Two pixels of a row
// are left. 9 * 15 * 8 fits 16 bits.
// CHECK-LABEL: func.func private @step.layer(
// CHECK-SAME:    %[[X:.+]]: memref<16384xi8> {{.*}}, %[[W:[^ ]+]]: memref<576xi8>
// CHECK:         scf.for %{{.+}} = %c0 to %c14 step
// CHECK:           scf.for %{{.+}} = %c0 to %c4 step
// CHECK-NOT:         scf.for
// CHECK-COUNT-9:     vector.load %[[W]][
// CHECK-NOT:         vector.load
// CHECK:             scf.for %{{.+}} = %c0 to %c3 step
// CHECK-NOT:           scf.for
// CHECK-COUNT-18:      vector.load %[[X]][
// CHECK-NOT:           vector.load
// CHECK:               arith.muli {{.*}} : vector<16xi16>
// CHECK:               arith.trunci {{.*}} : vector<16xi16> to vector<16xi8>
// CHECK-COUNT-4:       vector.store
// CHECK-NOT:           vector.store
// CHECK:             }
// CHECK-NOT:         scf.for
// CHECK-COUNT-12:    vector.load %[[X]][
// CHECK-NOT:         vector.load
// CHECK-COUNT-2:     vector.store
// CHECK-NOT:         vector.store
// CHECK:         return
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

// -----

#wide = #dorefa.conv<strides = [1, 1], pads = [2, 2, 2, 2], dilations = [1, 1], groups = 16>
!x5 = tensor<1x16x6x6xi8, #dorefa.code<u8>>
!w5 = tensor<16x1x5x5xi8, #dorefa.code<u4>>
!y5 = tensor<1x16x6x6xi8, #dorefa.code<u8>>

// 25 * 255 * 15 needs 32 bits.
// CHECK-LABEL: func.func private @step.layer(
// CHECK-SAME:    memref<1600xi8>
// CHECK-NOT:     i16>
// CHECK:         arith.muli {{.*}} : vector<16xi32>
// CHECK-NOT:     i16>
// CHECK:         return
func.func @wide(%x: !x5) -> !y5 {
  %w = arith.constant dense<1> : !w5
  %y = dorefa.layer products [#dorefa.product<conv geometry #wide>]
      inputs(%x : !x5) weights(%w : !w5)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y5
  return %y : !y5
}

// -----

#narrow = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 32>
!x2 = tensor<1x32x4x4xi8, #dorefa.code<u2>>
!w2 = tensor<32x1x3x3xi8, #dorefa.code<u1>>

// Counts of 32 channels, in two vectors of AVX2, become one of bytes.
// AVX2:         func.func private @step.layer({{.*}}memref<1152xi8>
// AVX2:         arith.cmpi slt, {{.*}} : vector<32xi16>
// AVX2-COUNT-2: llvm.inline_asm {{.*}} -> vector<16xi16>
// AVX2:         arith.trunci {{.*}} : vector<32xi16> to vector<32xi8>
func.func @narrow(%x: !x2) -> !x2 {
  %w = arith.constant dense<1> : !w2
  %t = arith.constant dense<[[1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7], [6, 7, 8], [7, 8, 9], [8, 9, 10],
                             [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7], [6, 7, 8], [7, 8, 9], [8, 9, 10],
                             [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7], [6, 7, 8], [7, 8, 9], [8, 9, 10],
                             [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7], [6, 7, 8], [7, 8, 9], [8, 9, 10]]> : tensor<32x3xi32>
  %y = dorefa.layer products [#dorefa.product<conv geometry #narrow>]
      inputs(%x : !x2) weights(%w : !w2) parameters(%t : tensor<32x3xi32>)
      epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %v : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } -> !x2
  return %y : !x2
}
