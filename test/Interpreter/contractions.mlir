// RUN: dorefa-interpret %s | FileCheck %s

// Codes u2, zero point 1, and weights 2q - 1: borders contribute nothing,
// though the code 0 stands for -1.
//   x = -1 0 1    w = 1 -1
//        2 1 0       -1  1
//       -1 2 2
// CHECK-LABEL: @padding_is_no_code
// CHECK-NEXT:    = [-1, 1, 1, -1, 3, -2, -2, 1, -3, 4, 1, -2, 1, -3, 0, 2]
func.func @padding_is_no_code() -> tensor<1x1x4x4xf32> {
  %q = arith.constant dense<[[[[0, 1, 2], [3, 2, 1], [0, 3, 3]]]]> : tensor<1x1x3x3xi8, #dorefa.code<u2>>
  %p = arith.constant dense<[[[[1, 0], [0, 1]]]]> : tensor<1x1x2x2xi8, #dorefa.code<u1>>
  %s = arith.constant dense<1.0> : tensor<f32>
  %one = arith.constant dense<1> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %one
    : tensor<1x1x3x3xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x1x3x3xf32>
  %w = dorefa.dequantize %p, %s, %one {step = 2 : i64}
    : tensor<1x1x2x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<1x1x2x2xf32>
  %y = dorefa.conv %x, %w geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
    : tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32> to tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}

// The sum times fl(0.1 * 0.3): any other order of the three factors gives
// 0.51000005.
// CHECK-LABEL: @scales_are_multiplied_first
// CHECK-NEXT:    = [0.50999999]
func.func @scales_are_multiplied_first() -> tensor<1x1xf32> {
  %q = arith.constant dense<17> : tensor<1x1xi8, #dorefa.code<u8>>
  %p = arith.constant dense<1> : tensor<1x1xi8, #dorefa.code<u1>>
  %sq = arith.constant dense<0.1> : tensor<f32>
  %sp = arith.constant dense<0.3> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %sq, %zero
    : tensor<1x1xi8, #dorefa.code<u8>>, tensor<f32>, tensor<i32> to tensor<1x1xf32>
  %w = dorefa.dequantize %p, %sp, %zero
    : tensor<1x1xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<1x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x1xf32>, tensor<1x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// The sum is exact where a chain of floats is not: 2^24 + 1 + 1.
// CHECK-LABEL: @exact_beyond_24_bits
// CHECK-NEXT:    = [16777218]
func.func @exact_beyond_24_bits() -> tensor<1x1xf32> {
  %q = arith.constant dense<[[16777216, 1, 1]]> : tensor<1x3xi32, #dorefa.code<u32>>
  %p = arith.constant dense<1> : tensor<3x1xi8, #dorefa.code<u1>>
  %s = arith.constant dense<1.0> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %zero
    : tensor<1x3xi32, #dorefa.code<u32>>, tensor<f32>, tensor<i32> to tensor<1x3xf32>
  %w = dorefa.dequantize %p, %s, %zero
    : tensor<3x1xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<3x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x3xf32>, tensor<3x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// 2^31 * 2^20 and more: summed in 64 bits.
// CHECK-LABEL: @wide_sum
// CHECK-NEXT:    = [4.50359963e+15]
func.func @wide_sum() -> tensor<1x1xf32> {
  %q = arith.constant dense<[[-2147483648, -2147483648]]> : tensor<1x2xi32, #dorefa.code<s32>>
  %p = arith.constant dense<[[-1048576], [-1048576]]> : tensor<2x1xi32, #dorefa.code<s21>>
  %s = arith.constant dense<1.0> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %zero
    : tensor<1x2xi32, #dorefa.code<s32>>, tensor<f32>, tensor<i32> to tensor<1x2xf32>
  %w = dorefa.dequantize %p, %s, %zero
    : tensor<2x1xi32, #dorefa.code<s21>>, tensor<f32>, tensor<i32> to tensor<2x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<2x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// A scale that varies along the contracted dimension keeps the product real:
// 1 + 1e-8 - 1, from left to right. One along the other dimension leaves it.
// CHECK-LABEL: @scale_along_k_is_real
// CHECK-NEXT:    = [0]
// CHECK-NEXT:    = [2, 4]
func.func @scale_along_k_is_real() -> (tensor<1x1xf32>, tensor<1x2xf32>) {
  %q = arith.constant dense<[[1, 1, -1]]> : tensor<1x3xi8, #dorefa.code<s2>>
  %p = arith.constant dense<1> : tensor<3x1xi8, #dorefa.code<u1>>
  %scales = arith.constant dense<[1.0, 1.0e-8, 1.0]> : tensor<3xf32>
  %s = arith.constant dense<1.0> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %zero
    : tensor<1x3xi8, #dorefa.code<s2>>, tensor<f32>, tensor<i32> to tensor<1x3xf32>
  %w = dorefa.dequantize %p, %scales, %zero
    : tensor<3x1xi8, #dorefa.code<u1>>, tensor<3xf32>, tensor<i32> to tensor<3x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x3xf32>, tensor<3x1xf32> to tensor<1x1xf32>

  %r = arith.constant dense<[[1, 1], [2, 2], [1, 1]]> : tensor<3x2xi8, #dorefa.code<u2>>
  %columns = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = dorefa.dequantize %r, %columns, %zero axis 1
    : tensor<3x2xi8, #dorefa.code<u2>>, tensor<2xf32>, tensor<i32> to tensor<3x2xf32>
  %z = dorefa.matmul %x, %v : tensor<1x3xf32>, tensor<3x2xf32> to tensor<1x2xf32>
  return %y, %z : tensor<1x1xf32>, tensor<1x2xf32>
}

// Two groups with one scale each stay coded (0.1 * 10 is 1 in one rounding, ten
// times 0.1 added is not); zero points may differ from channel to channel.
// CHECK-LABEL: @groups
// CHECK-NEXT:    = [1, 4]
func.func @groups() -> tensor<1x2x1xf32> {
  %q = arith.constant dense<[[[6], [7], [5], [6]]]> : tensor<1x4x1xi8, #dorefa.code<u4>>
  %p = arith.constant dense<1> : tensor<2x2x1xi8, #dorefa.code<u1>>
  %scales = arith.constant dense<[0.1, 0.1, 0.5, 0.5]> : tensor<4xf32>
  %zeros = arith.constant dense<[1, 2, 1, 2]> : tensor<4xi32>
  %s = arith.constant dense<1.0> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %scales, %zeros axis 1
    : tensor<1x4x1xi8, #dorefa.code<u4>>, tensor<4xf32>, tensor<4xi32> to tensor<1x4x1xf32>
  %w = dorefa.dequantize %p, %s, %zero
    : tensor<2x2x1xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<2x2x1xf32>
  %y = dorefa.conv %x, %w geometry <strides = [1], pads = [0, 0], dilations = [1], groups = 2>
    : tensor<1x4x1xf32>, tensor<2x2x1xf32> to tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// Depthwise, one scale a channel, input and weights.
// CHECK-LABEL: @depthwise
// CHECK-NEXT:    = [3, 5, 16, 8]
func.func @depthwise() -> tensor<1x2x2xf32> {
  %q = arith.constant dense<[[[1, 2, 3], [3, 1, 1]]]> : tensor<1x2x3xi8, #dorefa.code<u2>>
  %p = arith.constant dense<1> : tensor<2x1x2xi8, #dorefa.code<u1>>
  %scales = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
  %doubles = arith.constant dense<[2.0, 2.0]> : tensor<2xf32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %scales, %zero axis 1
    : tensor<1x2x3xi8, #dorefa.code<u2>>, tensor<2xf32>, tensor<i32> to tensor<1x2x3xf32>
  %w = dorefa.dequantize %p, %doubles, %zero
    : tensor<2x1x2xi8, #dorefa.code<u1>>, tensor<2xf32>, tensor<i32> to tensor<2x1x2xf32>
  %y = dorefa.conv %x, %w geometry <strides = [1], pads = [0, 0], dilations = [1], groups = 2>
    : tensor<1x2x3xf32>, tensor<2x1x2xf32> to tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

// Stride 2 x 1, dilation 1 x 2, pads top 1, left 0, bottom 0, right 2; a weight
// for each position tells them apart.
// CHECK-LABEL: @geometry
// CHECK-NEXT:    = [103, 204, 300, 400, 923, 1026, 1107, 1208]
func.func @geometry() -> tensor<1x1x2x4xf32> {
  %x = arith.constant dense<[[[[1., 2., 3., 4.], [5., 6., 7., 8.], [9., 10., 11., 12.]]]]>
    : tensor<1x1x3x4xf32>
  %w = arith.constant dense<[[[[1., 1.], [100., 1.]]]]> : tensor<1x1x2x2xf32>
  %y = dorefa.conv %x, %w geometry <strides = [2, 1], pads = [1, 0, 0, 2], dilations = [1, 2]>
    : tensor<1x1x3x4xf32>, tensor<1x1x2x2xf32> to tensor<1x1x2x4xf32>
  return %y : tensor<1x1x2x4xf32>
}

// Reals: kernel positions outside, channels inside: 1e8 - 1e8 + 1 + 2, while
// channels outside would give 2.
// CHECK-LABEL: @order_of_conv
// CHECK-NEXT:    = [3]
func.func @order_of_conv() -> tensor<1x1x1xf32> {
  %x = arith.constant dense<[[[1.0e8, 1.0], [-1.0e8, 2.0]]]> : tensor<1x2x2xf32>
  %w = arith.constant dense<1.0> : tensor<1x2x2xf32>
  %y = dorefa.conv %x, %w geometry <strides = [1], pads = [0, 0], dilations = [1]>
    : tensor<1x2x2xf32>, tensor<1x2x2xf32> to tensor<1x1x1xf32>
  return %y : tensor<1x1x1xf32>
}

// Each step is one fma: the product is not rounded.
// CHECK-LABEL: @fused
// CHECK-NEXT:    = [0.000488340855]
func.func @fused() -> tensor<1x1xf32> {
  %x = arith.constant dense<[[-1.0, 1.000244140625]]> : tensor<1x2xf32>
  %w = arith.constant dense<[[1.0], [1.000244140625]]> : tensor<2x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<2x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Leading dimensions of a matrix product repeat.
// CHECK-LABEL: @batched
// CHECK-NEXT:    = [17, 39, 23, 53]
func.func @batched() -> tensor<2x2x1xf32> {
  %x = arith.constant dense<[[[1., 2.], [3., 4.]]]> : tensor<1x2x2xf32>
  %w = arith.constant dense<[[[5.], [6.]], [[7.], [8.]]]> : tensor<2x2x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2x2xf32>, tensor<2x2x1xf32> to tensor<2x2x1xf32>
  return %y : tensor<2x2x1xf32>
}

// The same on codes, with scales along the leading dimension and along rows.
// CHECK-LABEL: @batched_codes
// CHECK-NEXT:    = [5, 22, 14, 68]
func.func @batched_codes() -> tensor<2x2x1xf32> {
  %q = arith.constant dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi8, #dorefa.code<u3>>
  %p = arith.constant dense<[[[1], [2]], [[3], [2]]]> : tensor<2x2x1xi8, #dorefa.code<u2>>
  %rows = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %rows, %zero axis 1
    : tensor<1x2x2xi8, #dorefa.code<u3>>, tensor<2xf32>, tensor<i32> to tensor<1x2x2xf32>
  %w = dorefa.dequantize %p, %rows, %zero
    : tensor<2x2x1xi8, #dorefa.code<u2>>, tensor<2xf32>, tensor<i32> to tensor<2x2x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2x2xf32>, tensor<2x2x1xf32> to tensor<2x2x1xf32>
  return %y : tensor<2x2x1xf32>
}
