// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --dorefa-choose-engines='triple=x86_64-unknown-linux-gnu cpu=x86-64-v3' | FileCheck %s
// RUN: dorefa-opt %s --dorefa-choose-engines='triple=x86_64-unknown-linux-gnu cpu=x86-64-v3 engine=planes' | FileCheck %s --check-prefix=PLANES
// RUN: dorefa-opt %s --dorefa-choose-engines='triple=x86_64-unknown-linux-gnu cpu=x86-64-v4 features=+avx512vnni' | FileCheck %s --check-prefix=VNNI

#conv = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
!x = tensor<1x16x9x9xi8, #dorefa.code<u2>>
!w = tensor<32x16x3x3xi8, #dorefa.code<u1>>
!y = tensor<1x32x9x9xi8, #dorefa.code<u2>>

// CHECK-LABEL:  func.func @one_bit_weights_are_looked_up(
// CHECK:          schedule = #dorefa.schedule<lookup vectors {{[0-9]+}} pixels {{[0-9]+}}>
// PLANES-LABEL: func.func @one_bit_weights_are_looked_up(
// PLANES:         schedule = #dorefa.schedule<planes vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @one_bit_weights_are_looked_up(%x: !x, %w: !w) -> !y {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv weight <zero = [1], step = 2>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// Tables of codes of more than 2 bits are built.
// CHECK-LABEL:  func.func @four_bit_codes_are_looked_up(
// CHECK:          schedule = #dorefa.schedule<lookup vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @four_bit_codes_are_looked_up(%x: tensor<1x16x9x9xi8, #dorefa.code<u4>>, %w: tensor<32x16x3x3xi8, #dorefa.code<u2>>) -> !y {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : tensor<1x16x9x9xi8, #dorefa.code<u4>>) weights(%w : tensor<32x16x3x3xi8, #dorefa.code<u2>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// Of every second row no tables are built.
// CHECK-LABEL:  func.func @pixels_of_a_projection_are_looked_up(
// CHECK:          schedule = #dorefa.schedule<lookup vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @pixels_of_a_projection_are_looked_up(%x: tensor<1x64x56x56xi8, #dorefa.code<u4>>, %w: tensor<128x64x1x1xi8, #dorefa.code<u1>>) -> tensor<1x128x28x28xi8, #dorefa.code<u2>> {
  %y = dorefa.layer products [#dorefa.product<conv geometry <strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>>]
      inputs(%x : tensor<1x64x56x56xi8, #dorefa.code<u4>>) weights(%w : tensor<128x64x1x1xi8, #dorefa.code<u1>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x128x28x28xi8, #dorefa.code<u2>>
  return %y : tensor<1x128x28x28xi8, #dorefa.code<u2>>
}

// The sum of four of them does not fit a byte.
// CHECK-LABEL:  func.func @seven_bit_codes_are_multiplied(
// CHECK:          schedule = #dorefa.schedule<bytes vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @seven_bit_codes_are_multiplied(%x: tensor<1x16x9x9xi8, #dorefa.code<u7>>, %w: !w) -> !y {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : tensor<1x16x9x9xi8, #dorefa.code<u7>>) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// Squares of 3 x 3 windows take fewer products, where those are of words anyway.
// CHECK-LABEL:  func.func @windows_of_wide_codes_are_transformed(
// CHECK:          schedule = #dorefa.schedule<winograd vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @windows_of_wide_codes_are_transformed(%x: tensor<1x64x14x14xi8, #dorefa.code<u8>>, %w: tensor<64x64x3x3xi8, #dorefa.code<s8>>) -> tensor<1x64x14x14xi8, #dorefa.code<u2>> {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : tensor<1x64x14x14xi8, #dorefa.code<u8>>) weights(%w : tensor<64x64x3x3xi8, #dorefa.code<s8>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x64x14x14xi8, #dorefa.code<u2>>
  return %y : tensor<1x64x14x14xi8, #dorefa.code<u2>>
}

// Where four bytes are multiplied at once, if bytes hold what is transformed.
// VNNI-LABEL:   func.func @windows_of_narrow_codes_are_transformed(
// VNNI:           schedule = #dorefa.schedule<winograd vectors {{[0-9]+}} pixels {{[0-9]+}}>
// VNNI-LABEL:   func.func @windows_of_eight_bits_are_multiplied(
// VNNI:           schedule = #dorefa.schedule<bytes vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @windows_of_narrow_codes_are_transformed(%x: tensor<1x128x28x28xi8, #dorefa.code<u4>>) -> tensor<1x128x28x28xi8, #dorefa.code<u2>> {
  %w = arith.constant dense<1> : tensor<128x128x3x3xi8, #dorefa.code<s4>>
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : tensor<1x128x28x28xi8, #dorefa.code<u4>>) weights(%w : tensor<128x128x3x3xi8, #dorefa.code<s4>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x128x28x28xi8, #dorefa.code<u2>>
  return %y : tensor<1x128x28x28xi8, #dorefa.code<u2>>
}
func.func @windows_of_eight_bits_are_multiplied(%x: tensor<1x128x28x28xi8, #dorefa.code<u8>>) -> tensor<1x128x28x28xi8, #dorefa.code<u2>> {
  %w = arith.constant dense<1> : tensor<128x128x3x3xi8, #dorefa.code<s8>>
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : tensor<1x128x28x28xi8, #dorefa.code<u8>>) weights(%w : tensor<128x128x3x3xi8, #dorefa.code<s8>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x128x28x28xi8, #dorefa.code<u2>>
  return %y : tensor<1x128x28x28xi8, #dorefa.code<u2>>
}

// No engine takes codes of more than 8 bits.
// CHECK-LABEL:  func.func @wide_codes_are_plain_loops(
// CHECK:          schedule = #dorefa.schedule<direct vectors 1 pixels 1>
// PLANES-LABEL: func.func @wide_codes_are_plain_loops(
// PLANES:         schedule = #dorefa.schedule<direct vectors 1 pixels 1>
func.func @wide_codes_are_plain_loops(%x: tensor<1x16x9x9xi32, #dorefa.code<u32>>, %w: !w) -> !y {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv>]
      inputs(%x : tensor<1x16x9x9xi32, #dorefa.code<u32>>) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// Also where another engine is asked for: none sums in 64 bits.
// CHECK-LABEL:  func.func @wide_sums_are_plain_loops(
// CHECK:          schedule = #dorefa.schedule<direct vectors 1 pixels 1>
// PLANES-LABEL: func.func @wide_sums_are_plain_loops(
// PLANES:         schedule = #dorefa.schedule<direct vectors 1 pixels 1>
func.func @wide_sums_are_plain_loops(%x: !x, %w: !w) -> !y {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv weight <zero = [1], step = 2>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i64):
        %c = arith.trunci %d : i64 to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// CHECK-LABEL: func.func @reals_are_fused_multiply_adds(
// CHECK:         schedule = #dorefa.schedule<fma vectors {{[0-9]+}} pixels {{[0-9]+}}>
func.func @reals_are_fused_multiply_adds(%x: tensor<1x64xf32>, %w: tensor<32x64xf32>) -> tensor<1x32xf32> {
  %y = dorefa.layer products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>]
      inputs(%x : tensor<1x64xf32>) weights(%w : tensor<32x64xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x32xf32>
  return %y : tensor<1x32xf32>
}

// CHECK-LABEL: func.func @a_schedule_that_is_there_is_kept(
// CHECK:         schedule = #dorefa.schedule<bytes vectors 1 pixels 2>
func.func @a_schedule_that_is_there_is_kept(%x: !x, %w: !w) -> !y {
  %y = dorefa.layer products [#dorefa.product<conv geometry #conv weight <zero = [1], step = 2>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<bytes vectors 1 pixels 2>} -> !y
  return %y : !y
}

// CHECK-LABEL: func.func @a_layer_without_products_has_none(
// CHECK-NOT:     schedule
// CHECK:         return
func.func @a_layer_without_products_has_none(%x: !x) -> !x {
  %y = dorefa.layer products [] residuals(%x : !x)
      epilogue {
      ^bb0(%c: i8):
        dorefa.yield %c : i8
      } -> !x
  return %y : !x
}
