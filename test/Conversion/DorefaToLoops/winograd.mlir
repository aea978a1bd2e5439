// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v3 engine=winograd tile=2x2})' -o %t.packed
// RUN: FileCheck %s --check-prefix=PACKED < %t.packed
// RUN: dorefa-opt %t.packed --split-input-file --dorefa-packed-to-loops-pipeline='target=x86-64-v3' | FileCheck %s
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni engine=winograd tile=2x2}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni})' | FileCheck %s --check-prefix=VNNI
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni engine=winograd tile=2x7}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni})' | FileCheck %s --check-prefix=MANY

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x64x14x14xi8, #dorefa.code<u8>>
!w = tensor<128x64x3x3xi8, #dorefa.code<s8>>
!y = tensor<1x128x14x14xi32, #dorefa.code<s32>>

// Four blocks of 32 output channels have 16 planes of 64 x 32 words each.
// PACKED-LABEL: func.func @squares(
// PACKED:         dorefa.pack %{{.+}} to tensor<128x64x3x3xi8, #dorefa.digits<bytes 262144 bits 8 offset 0 plane 1 digits [{{.*}}] winograd <plane 4096 bits 16>>>
// PACKED:         dorefa.layer
// PACKED-SAME:      layout<elements <u8> channels 64 border [1, 1, 1, 1] fill 0>
// PACKED:           schedule = #dorefa.schedule<winograd vectors 2 pixels 2>

// Kernels are transformed once, where they lie: 9 words become 16.
// CHECK-LABEL: func.func private @step.pack_0(
// CHECK:         call @dorefa_pack_digits
// CHECK:         scf.for %{{.+}} = %c0 to %c4 step
// CHECK:           scf.for %{{.+}} = %c0 to %c128 step
// CHECK-COUNT-9:     vector.load
// CHECK-COUNT-16:    vector.store

// All patches of this small image come first, then in each tile 16 positions with
// products of words, and four sums of each square.
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         scf.for %{{.+}} = %c0 to %c7 step
// CHECK:           scf.for %{{.+}} = %c0 to %c7 step
// CHECK:             scf.for %{{.+}} = %c0 to %c4 step
// CHECK-COUNT-16:      vector.store
// CHECK:         scf.for
// CHECK:           scf.for %{{.+}} = %c0 to %c4 step
// CHECK:             scf.for %{{.+}} = %c0 to %c16 step
// CHECK:               scf.for %{{.+}} = %c0 to %c16 step
// CHECK-COUNT-16:        llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NOT:             pmadd.wd
// CHECK-COUNT-32:    arith.shrsi
// CHECK-LABEL: func.func

// VNNI:          llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"

// Many squares of a tile are a loop for each unit of channels.
// MANY-LABEL:  func.func private @step.layer(
// MANY:          llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"
// MANY:          scf.for %{{.+}} = %c0 to %c7 step
// MANY-COUNT-4:    arith.shrsi
// MANY-NOT:        arith.shrsi
// MANY:          scf.for %{{.+}} = %c0 to %c7 step
// MANY-COUNT-4:    arith.shrsi
// MANY-NOT:      arith.shrsi
// MANY:        return

func.func @squares(%x: !x) -> !y {
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
!x = tensor<1x64x14x14xi8, #dorefa.code<u4>>
!w = tensor<128x64x3x3xi8, #dorefa.code<u4>>
!y = tensor<1x128x14x14xi32, #dorefa.code<s32>>

// Of codes of 4 bits transformed operands are bytes: patches with 30 added, so that
// sums start with -30 times the weights, but for position 5.
// PACKED-LABEL: func.func @bytes(
// PACKED:         digits<bytes 139264 bits 4 offset 1024 plane 1 digits [{{.*}}] winograd <plane 2176 bits 8 signed true start 128 offset 30>>>

// CHECK-LABEL: func.func private @step.pack_0(
// CHECK:         %[[TOP:.+]] = arith.constant dense<8> : vector<32xi8>
// CHECK:         call @dorefa_pack_digits
// CHECK:         arith.xori %{{.+}}, %[[TOP]]
// CHECK:         arith.subi %{{.+}}, %[[TOP]]
// CHECK-COUNT-15: arith.muli %{{.+}}, %{{.+}} : vector<8xi32>
// CHECK-NOT:     arith.muli %{{.+}}, %{{.+}} : vector<8xi32>
// CHECK-LABEL: func.func private @step.layer(
// CHECK:         dense<30> : vector<16xi8>
// CHECK:         llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// VNNI:          llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
func.func @bytes(%x: !x) -> !y {
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

#strided = #dorefa.conv<strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x64x14x14xi8, #dorefa.code<u8>>
!w = tensor<128x64x3x3xi8, #dorefa.code<s8>>

// Of other windows another engine is chosen.
// PACKED-LABEL: func.func @strided(
// PACKED:         schedule = #dorefa.schedule<bytes
func.func @strided(%x: !x) -> tensor<1x128x7x7xi32, #dorefa.code<s32>> {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #strided>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } -> tensor<1x128x7x7xi32, #dorefa.code<s32>>
  return %y : tensor<1x128x7x7xi32, #dorefa.code<s32>>
}
