// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v3 engine=lookup}, dorefa-packed-to-loops-pipeline{target=x86-64-v3})' | FileCheck %s
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v3 engine=lookup tile=1x4}, dorefa-packed-to-loops-pipeline{target=x86-64-v3})' | FileCheck %s --check-prefix=FOUR
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v3 engine=lookup tile=2x4}, dorefa-packed-to-loops-pipeline{target=x86-64-v3})' | FileCheck %s --check-prefix=APART

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x128x14x14xi8, #dorefa.code<u2>>
!w = tensor<64x128x3x3xi8, #dorefa.code<s2>>
!y = tensor<1x64x14x14xi8, #dorefa.code<u8>>

// Two planes of weights look up in each table that is loaded: of five pixels, with
// the indices of one half of a chunk at a time in registers.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         memref.get_global @dorefa_subset_sums_u2
// CHECK:         %{{.+}}:10 = scf.for {{.+}} -> (vector<32xi8>,
// CHECK-COUNT-2:   vector.load %{{.+}} : memref<18432xi8>, vector<32xi8>
// CHECK:           vector.load %{{.+}} : memref<4096xi8>, vector<16xi8>
// CHECK-COUNT-2:   llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// CHECK:           vector.load %{{.+}} : memref<4096xi8>, vector<16xi8>
// CHECK-COUNT-8:   llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// CHECK:           llvm.inline_asm
// CHECK-COUNT-2:   vector.load %{{.+}} : memref<18432xi8>, vector<32xi8>
// CHECK-COUNT-10:  llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// CHECK:           scf.yield
// The second plane counts twice.
// CHECK:         %[[LOWER:.+]] = arith.addi %{{.+}} : vector<16xi16>
// CHECK:         %[[TWICE:.+]] = arith.shli %{{.+}} : vector<16xi16>
// CHECK:         arith.addi %[[LOWER]], %[[TWICE]] : vector<16xi16>

// FOUR-LABEL: func.func private @step.layer(
// FOUR:          %{{.+}}:8 = scf.for {{.+}} -> (vector<32xi8>,
// FOUR-COUNT-16:   llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// FOUR-NOT:        llvm.inline_asm
// FOUR:            scf.yield

// Sums of both planes would not fit the registers: the second plane comes first,
// and what it gave is doubled.
// APART-LABEL: func.func private @step.layer(
// APART:         %{{.+}}:8 = scf.for {{.+}} -> (vector<32xi8>,
// APART-COUNT-16:  llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// APART:         arith.addi %[[HIGH:.+]], %[[HIGH]] : vector<16xi16>
// APART:         scf.for
// APART-COUNT-16:  llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
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

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x128x7x7xi8, #dorefa.code<u1>>
!w = tensor<64x128x3x3xi8, #dorefa.code<u1>>
!y = tensor<1x64x7x7xi8, #dorefa.code<u8>>

// Seven pixels: three pairs, whose codes make up a table's number, and one alone.
// Three look-ups fit the half of a byte that a pixel has.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         %[[NUMBERS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<768xi8>
// CHECK:         scf.for %{{.+}} = %c0 to %c6 step
// CHECK:           %[[FIRST:.+]] = vector.bitcast %{{.+}} : vector<32xi8> to vector<16xi16>
// CHECK:           %[[SECOND:.+]] = vector.bitcast %{{.+}} : vector<32xi8> to vector<16xi16>
// CHECK:           %[[MOVED:.+]] = arith.shli %[[SECOND]], %{{.+}} : vector<16xi16>
// CHECK:           arith.ori %[[FIRST]], %[[MOVED]] : vector<16xi16>
// CHECK-COUNT-4:   vector.store %{{.+}}, %[[NUMBERS]][
// CHECK:         memref.get_global @dorefa_subset_sums_u1_pairs : memref<4096xi8>
// CHECK:         %{{.+}}:7 = scf.for {{.+}} -> (vector<32xi8>,
// CHECK-COUNT-3:   vector.load %[[NUMBERS]][%{{.+}}] : memref<768xi8>, vector<2xi8>
// CHECK:           %[[FOUND:.+]] = arith.addi %{{.+}} : vector<32xi8>
// CHECK:           arith.addi %{{.+}}, %[[FOUND]] : vector<32xi8>
// CHECK:           %[[UPPER:.+]] = arith.shrui %{{.+}} : vector<16xi16>
// CHECK:           arith.andi %{{.+}} : vector<32xi8>
// CHECK:           arith.addi %{{.+}} : vector<32xi8>
// CHECK-COUNT-21:  vector.load %[[NUMBERS]][%{{.+}}] : memref<768xi8>, vector<2xi8>
// CHECK-NOT:       vector.load %[[NUMBERS]]
// CHECK:           scf.yield
// CHECK:         arith.subi %{{.+}} : vector<32xi8>
func.func @pairs(%x: !x) -> !y {
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

!x = tensor<1x64x14x14xi8, #dorefa.code<u4>>
!w = tensor<32x64x1x1xi8, #dorefa.code<u1>>
!y = tensor<1x32x7x7xi8, #dorefa.code<u8>>

// Tables are built for every second row, the seven that are read.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         scf.for %[[Y:.+]] = %c0 to %c7 step
// CHECK-NEXT:      arith.muli %[[Y]], %c2 : index
// CHECK:           scf.for %{{.+}} = %c0 to %c112 step
// CHECK-COUNT-4:     llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// CHECK-NEXT:        arith.addi
// CHECK-NEXT:        vector.store
func.func @projection(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry <strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}
