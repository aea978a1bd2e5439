// RUN: dorefa-interpret %s | FileCheck %s

// Ties, overflow, infinities, NaN and both zeros in every rounding mode.

// CHECK-LABEL: @half_even
// CHECK-NEXT:    = [-2, -2, 0, 0, 0, 0, 2, 2, 3, -4, 3, -4, 0]
func.func @half_even() -> tensor<13xi8, #dorefa.code<s3>> {
  %x = arith.constant dense<[-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, 2.6,
                             -9.0, 0x7F800000, 0xFF800000, 0.25]> : tensor<13xf32>
  %q = dorefa.quantize half_even %x : tensor<13xf32> to tensor<13xi8, #dorefa.code<s3>>
  return %q : tensor<13xi8, #dorefa.code<s3>>
}

// CHECK-LABEL: @half_up
// CHECK-NEXT:    = [-3, -2, -1, 0, 1, 2, 3, 0]
func.func @half_up() -> tensor<8xi8, #dorefa.code<s4>> {
  %x = arith.constant dense<[-2.5, -1.5, -0.5, -0.0, 0.5, 1.5, 2.5, 0.49999997]> : tensor<8xf32>
  %q = dorefa.quantize half_up %x : tensor<8xf32> to tensor<8xi8, #dorefa.code<s4>>
  return %q : tensor<8xi8, #dorefa.code<s4>>
}

// CHECK-LABEL: @half_down
// CHECK-NEXT:    = [-2, -1, 0, 0, 0, 1, 2, 1, -1]
func.func @half_down() -> tensor<9xi8, #dorefa.code<s4>> {
  %x = arith.constant dense<[-2.5, -1.5, -0.5, -0.0, 0.5, 1.5, 2.5, 0.50000006, -0.75]> : tensor<9xf32>
  %q = dorefa.quantize half_down %x : tensor<9xf32> to tensor<9xi8, #dorefa.code<s4>>
  return %q : tensor<9xi8, #dorefa.code<s4>>
}

// CHECK-LABEL: @up_down_ceil_floor
// CHECK-NEXT:    = [-3, -1, 0, 1, 3]
// CHECK-NEXT:    = [-2, 0, 0, 0, 2]
// CHECK-NEXT:    = [-2, 0, 0, 1, 3]
// CHECK-NEXT:    = [-3, -1, 0, 0, 2]
func.func @up_down_ceil_floor()
    -> (tensor<5xi8, #dorefa.code<s4>>, tensor<5xi8, #dorefa.code<s4>>,
        tensor<5xi8, #dorefa.code<s4>>, tensor<5xi8, #dorefa.code<s4>>) {
  %x = arith.constant dense<[-2.25, -0.25, 0.0, 0.25, 2.25]> : tensor<5xf32>
  %u = dorefa.quantize up %x : tensor<5xf32> to tensor<5xi8, #dorefa.code<s4>>
  %d = dorefa.quantize down %x : tensor<5xf32> to tensor<5xi8, #dorefa.code<s4>>
  %c = dorefa.quantize ceil %x : tensor<5xf32> to tensor<5xi8, #dorefa.code<s4>>
  %f = dorefa.quantize floor %x : tensor<5xf32> to tensor<5xi8, #dorefa.code<s4>>
  return %u, %d, %c, %f
    : tensor<5xi8, #dorefa.code<s4>>, tensor<5xi8, #dorefa.code<s4>>,
      tensor<5xi8, #dorefa.code<s4>>, tensor<5xi8, #dorefa.code<s4>>
}

// NaN is no code: it takes the lowest one.
// CHECK-LABEL: @nan
// CHECK-NEXT:    = [-8]
// CHECK-NEXT:    = [-1]
// CHECK-NEXT:    = [0]
func.func @nan() -> (tensor<1xi8, #dorefa.code<s4>>, tensor<1xi8, #dorefa.code<s2>>,
                     tensor<1xi8, #dorefa.code<u1>>) {
  %x = arith.constant dense<0x7FC00000> : tensor<1xf32>
  %a = dorefa.quantize half_even %x : tensor<1xf32> to tensor<1xi8, #dorefa.code<s4>>
  %b = dorefa.quantize half_even %x {min = -1 : i64, max = 1 : i64}
    : tensor<1xf32> to tensor<1xi8, #dorefa.code<s2>>
  %c = dorefa.quantize sign %x : tensor<1xf32> to tensor<1xi8, #dorefa.code<u1>>
  return %a, %b, %c : tensor<1xi8, #dorefa.code<s4>>, tensor<1xi8, #dorefa.code<s2>>,
                      tensor<1xi8, #dorefa.code<u1>>
}

// CHECK-LABEL: @sign_counts_both_zeros
// CHECK-NEXT:    = [0, 0, 1, 1, 1, 1]
func.func @sign_counts_both_zeros() -> tensor<6xi8, #dorefa.code<u1>> {
  %x = arith.constant dense<[0xFF800000, -1.0e-45, -0.0, 0.0, 1.0e-45, 3.0]> : tensor<6xf32>
  %q = dorefa.quantize sign %x : tensor<6xf32> to tensor<6xi8, #dorefa.code<u1>>
  return %q : tensor<6xi8, #dorefa.code<u1>>
}

// CHECK-LABEL: @wide_codes
// CHECK-NEXT:    = [200, 255, 0]
// CHECK-NEXT:    = [4294967040, 4294967295, 0]
// CHECK-NEXT:    = [2147483520, 2147483647, -2147483648]
func.func @wide_codes() -> (tensor<3xi8, #dorefa.code<u8>>, tensor<3xi32, #dorefa.code<u32>>,
                            tensor<3xi32, #dorefa.code<s32>>) {
  %x = arith.constant dense<[200.0, 1.0e9, -3.0]> : tensor<3xf32>
  %a = dorefa.quantize half_even %x : tensor<3xf32> to tensor<3xi8, #dorefa.code<u8>>
  %y = arith.constant dense<[4294967040.0, 1.0e20, -3.0]> : tensor<3xf32>
  %b = dorefa.quantize half_even %y : tensor<3xf32> to tensor<3xi32, #dorefa.code<u32>>
  %z = arith.constant dense<[2147483520.0, 1.0e20, -1.0e20]> : tensor<3xf32>
  %c = dorefa.quantize half_even %z : tensor<3xf32> to tensor<3xi32, #dorefa.code<s32>>
  return %a, %b, %c : tensor<3xi8, #dorefa.code<u8>>, tensor<3xi32, #dorefa.code<u32>>,
                      tensor<3xi32, #dorefa.code<s32>>
}

// Thresholds count as they are written: those of channel 1 are not sorted. NaN
// meets none, a tie meets its threshold.
// CHECK-LABEL: @thresholds_of_channels
// CHECK-NEXT:    = [0, 1, 3, 0, 1, 2, 2, 3]
func.func @thresholds_of_channels() -> tensor<1x2x4xi8, #dorefa.code<u2>> {
  %x = arith.constant dense<[[[0.5, 1.0, 3.0, 0x7FC00000], [-6.0, 1.0, 4.0, 7.5]]]> : tensor<1x2x4xf32>
  %t = arith.constant dense<[[1.0, 2.0, 3.0], [5.0, -7.0, 0.0]]> : tensor<2x3xf32>
  %q = dorefa.quantize_thresholds %x, %t axis 1
    : tensor<1x2x4xf32>, tensor<2x3xf32> to tensor<1x2x4xi8, #dorefa.code<u2>>
  return %q : tensor<1x2x4xi8, #dorefa.code<u2>>
}

// CHECK-LABEL: @thresholds_of_all
// CHECK-NEXT:    = [0, 2, 1, 2]
func.func @thresholds_of_all() -> tensor<2x2xi8, #dorefa.code<u2>> {
  %x = arith.constant dense<[[-0.5, 2.0], [-0.0, 3.0]]> : tensor<2x2xf32>
  %t = arith.constant dense<[[0.0, 2.0]]> : tensor<1x2xf32>
  %q = dorefa.quantize_thresholds %x, %t axis 1
    : tensor<2x2xf32>, tensor<1x2xf32> to tensor<2x2xi8, #dorefa.code<u2>>
  return %q : tensor<2x2xi8, #dorefa.code<u2>>
}

// The code that equals the zero point stands for +0, whatever the step.
// CHECK-LABEL: @dequantize
// CHECK-NEXT:    = [-0.25, 0, 0.25, 0.5]
// CHECK-NEXT:    = [-1, 1]
// CHECK-NEXT:    = [-127, 128]
func.func @dequantize() -> (tensor<4xf32>, tensor<2xf32>, tensor<2xf32>) {
  %one = arith.constant dense<1> : tensor<i32>
  %unit = arith.constant dense<1.0> : tensor<f32>
  %quarter = arith.constant dense<0.25> : tensor<f32>
  %a = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi8, #dorefa.code<u2>>
  %x = dorefa.dequantize %a, %quarter, %one
    : tensor<4xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  %b = arith.constant dense<[0, 1]> : tensor<2xi8, #dorefa.code<u1>>
  %y = dorefa.dequantize %b, %unit, %one {step = 2 : i64}
    : tensor<2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<2xf32>
  %c = arith.constant dense<[0, -1]> : tensor<2xi8, #dorefa.code<u8>>
  %zero = arith.constant dense<127> : tensor<i32>
  %z = dorefa.dequantize %c, %unit, %zero
    : tensor<2xi8, #dorefa.code<u8>>, tensor<f32>, tensor<i32> to tensor<2xf32>
  return %x, %y, %z : tensor<4xf32>, tensor<2xf32>, tensor<2xf32>
}

// The integer is exact, even beyond 24 bits, and rounded before the scale.
// CHECK-LABEL: @dequantize_channels
// CHECK-NEXT:    = [0.5, 1, -2, 0]
// CHECK-NEXT:    = [16777216]
func.func @dequantize_channels() -> (tensor<2x2xf32>, tensor<1xf32>) {
  %q = arith.constant dense<[[2, 3], [0, 1]]> : tensor<2x2xi8, #dorefa.code<u2>>
  %s = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
  %z = arith.constant dense<1> : tensor<2xi32>
  %x = dorefa.dequantize %q, %s, %z axis 0
    : tensor<2x2xi8, #dorefa.code<u2>>, tensor<2xf32>, tensor<2xi32> to tensor<2x2xf32>
  %w = arith.constant dense<[16777217]> : tensor<1xi32, #dorefa.code<s32>>
  %one = arith.constant dense<1.0> : tensor<f32>
  %none = arith.constant dense<0> : tensor<i32>
  %y = dorefa.dequantize %w, %one, %none
    : tensor<1xi32, #dorefa.code<s32>>, tensor<f32>, tensor<i32> to tensor<1xf32>
  return %x, %y : tensor<2x2xf32>, tensor<1xf32>
}
