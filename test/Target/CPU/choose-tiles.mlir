// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --dorefa-choose-engines='target=x86-64-v4-vbmi' | FileCheck %s
// RUN: dorefa-opt %s --split-input-file --dorefa-choose-engines='target=x86-64-v4-vnni' | FileCheck %s --check-prefix=VNNI
// RUN: dorefa-opt %s --split-input-file --dorefa-choose-engines='target=x86-64-v3' | FileCheck %s --check-prefix=AVX2
// RUN: dorefa-opt %s --split-input-file --dorefa-choose-engines='target=x86-64-v4-vbmi engine=quad tile=4x2x3' | FileCheck %s --check-prefix=QUAD
// RUN: dorefa-opt %s --split-input-file --dorefa-choose-engines='target=x86-64-v4-vbmi engine=winograd tile=2x3' | FileCheck %s --check-prefix=SQUARES

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x128x28x28xi8, #dorefa.code<u2>>
!w = tensor<128x128x3x3xi8, #dorefa.code<u1>>
!y = tensor<1x128x28x28xi8, #dorefa.code<u2>>
!a = tensor<1x16x28x28xi8, #dorefa.code<u8>>
!b = tensor<128x16x3x3xi8, #dorefa.code<s8>>

// What writes table numbers does so 64 channels at a time.
// CHECK-LABEL: func.func @reader_of_table_numbers(
// CHECK:         schedule = #dorefa.schedule<bytes vectors 4 pixels
// CHECK:         schedule = #dorefa.schedule<lookup64 vectors
// VNNI-LABEL:  func.func @reader_of_table_numbers(
// VNNI:          schedule = #dorefa.schedule<bytes vectors 2 pixels 14>
// VNNI:          schedule = #dorefa.schedule<lookup vectors
// QUAD-LABEL:  func.func @reader_of_table_numbers(
// QUAD:          schedule = #dorefa.schedule<bytes vectors 4 pixels 2 passes 3>
// QUAD:          schedule = #dorefa.schedule<quad vectors 4 pixels 2 passes 3>
// SQUARES-LABEL: func.func @reader_of_table_numbers(
// SQUARES:       schedule = #dorefa.schedule<winograd vectors 4 pixels 3>
// SQUARES:       schedule = #dorefa.schedule<lookup64 vectors
func.func @reader_of_table_numbers(%a: !a, %w: !w) -> !y {
  %b = arith.constant dense<1> : !b
  %x = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%a : !a) weights(%b : !b)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !x
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv weight <zero = [1], step = 2>>]
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
!x = tensor<1x4096xi8, #dorefa.code<u2>>
!w = tensor<4096x4096xi8, #dorefa.code<u1>>
!y = tensor<1x4096xi8, #dorefa.code<u2>>
!v = tensor<256x4096xi8, #dorefa.code<u1>>
!z = tensor<1x256xi8, #dorefa.code<u2>>

// Weights that memory must bring are best one bit each; few of them stay in the
// second-level cache, and may take more.
// CHECK-LABEL: func.func @dense(
// CHECK:         schedule = #dorefa.schedule<planes vectors 4 pixels 4>
// CHECK:         schedule = #dorefa.schedule<lookup64 vectors 4 pixels 2>
func.func @dense(%x: !x, %w: !w, %v: !v) -> !z {
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit weight <zero = [1], step = 2>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  %z = dorefa.layer products [#dorefa.product<conv geometry #unit weight <zero = [1], step = 2>>]
      inputs(%y : !y) weights(%v : !v)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !z
  return %z : !z
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>

// Memory brings the weights of one image as slowly for any tile: one that several
// images share is chosen.
// AVX2-LABEL: func.func @real_dense(
// AVX2:         schedule = #dorefa.schedule<fma vectors 2 pixels 3>
func.func @real_dense(%x: tensor<1x2352xf32>, %w: tensor<1024x2352xf32>) -> tensor<1x1024xf32> {
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x2352xf32>) weights(%w : tensor<1024x2352xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x1024xf32>
  return %y : tensor<1x1024xf32>
}
