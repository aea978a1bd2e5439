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
// On AVX2 the products of two places are added at once: 3x3 places are five pairs,
// the last with a weight of 0 for the place before.
// AVX2-LABEL:   func.func private @step.layer(
// AVX2:           scf.for %{{.+}} = %c0 to %c4 step
// AVX2:             scf.for %{{.+}} = %c0 to %c3 step
// AVX2-NOT:           scf.for
// AVX2-NOT:           arith.muli {{.*}} : vector
// AVX2:               %[[P:.+]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"({{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// AVX2-NEXT:          llvm.inline_asm has_side_effects "", "=v,0" %[[P]]
// AVX2-COUNT-19:      pmadd.ub.sw
// AVX2-NOT:           pmadd
// AVX2-COUNT-4:       vector.store
// AVX2:             }
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
// Pairs of words, of 16 channels in two registers, that are put in order in the end.
// AVX2-LABEL:   func.func private @step.layer(
// AVX2-SAME:      memref<1600xi8>
// AVX2:           vector.shuffle {{.*}} [0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27] : vector<16xi16>
// AVX2:           vector.shuffle {{.*}} [4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31] : vector<16xi16>
// AVX2:           llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"({{.*}}) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
// AVX2:           vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15] : vector<8xi32>
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

// 32 channels in two registers of pairs; their counts become one vector of bytes, in
// the order of channels.
// AVX2-LABEL:   func.func private @step.layer(
// AVX2-SAME:      memref<1152xi8>
// AVX2:           pmadd.ub.sw
// AVX2:           vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, {{.*}} : vector<16xi16>
// AVX2:           arith.cmpi slt, {{.*}} : vector<32xi16>
// AVX2-NOT:       arith.trunci
// AVX2:           %[[B:.+]] = llvm.call_intrinsic "llvm.x86.avx2.packuswb"({{.*}}) : (vector<16xi16>, vector<16xi16>) -> vector<32xi8>
// AVX2-NEXT:      %[[Q:.+]] = vector.bitcast %[[B]] : vector<32xi8> to vector<4xi64>
// AVX2:           vector.shuffle %[[Q]], %{{.+}} [0, 2, 1, 3] : vector<4xi64>
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
