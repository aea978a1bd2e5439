// RUN: dorefa-opt %s --pass-pipeline='builtin.module(dorefa-recognize-pipeline)' | FileCheck %s

!q = tensor<1x2x4x4xi8, #dorefa.code<u2>>
!f = tensor<1x2x4x4xf32>

// CHECK-LABEL: func.func @shape_ops_move_in_front(
// CHECK:         %[[T:.+]] = dorefa.transpose %arg0
// CHECK:         %[[C:.+]] = dorefa.slice %[[T]]
// CHECK:         %[[R:.+]] = dorefa.reshape %[[C]]
// CHECK:         %[[B:.+]] = dorefa.transpose %[[R]]
// CHECK:         %[[Y:.+]] = dorefa.reshape %[[B]]
// CHECK:         %[[S:.+]] = arith.constant dense<[2.000000e-01, 2.000000e-01, 2.000000e-01, 1.000000e-01, 1.000000e-01, 1.000000e-01]>
// CHECK:         dorefa.dequantize %[[Y]], %[[S]], %{{.+}} axis 1 : 
func.func @shape_ops_move_in_front(%q: !q) -> tensor<1x6xf32> {
  %s = arith.constant dense<[0.1, 0.2]> : tensor<2xf32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z axis 1 : !q, tensor<2xf32>, tensor<i32> to !f
  %t = dorefa.transpose %v permutation [0, 2, 3, 1] : !f to tensor<1x4x4x2xf32>
  %c = dorefa.slice %t offsets [0, 1, 0, 1] steps [1, 1, 1, -1] : tensor<1x4x4x2xf32> to tensor<1x1x3x2xf32>
  %r = dorefa.reshape %c : tensor<1x1x3x2xf32> to tensor<1x3x1x2xf32>
  %b = dorefa.transpose %r permutation [0, 3, 1, 2] : tensor<1x3x1x2xf32> to tensor<1x2x3x1xf32>
  %y = dorefa.reshape %b : tensor<1x2x3x1xf32> to tensor<1x6xf32>
  return %y : tensor<1x6xf32>
}

// CHECK-LABEL: func.func @channels_spread_over_two_dimensions_stay(
// CHECK:         %[[V:.+]] = dorefa.dequantize %arg0
// CHECK:         dorefa.reshape %[[V]]
func.func @channels_spread_over_two_dimensions_stay(%q: tensor<1x4xi8, #dorefa.code<u2>>) -> tensor<2x2xf32> {
  %s = arith.constant dense<[0.1, 0.2, 0.3, 0.4]> : tensor<4xf32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z axis 1 : tensor<1x4xi8, #dorefa.code<u2>>, tensor<4xf32>, tensor<i32> to tensor<1x4xf32>
  %y = dorefa.reshape %v : tensor<1x4xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: func.func @max_pool_takes_codes(
// CHECK:         %[[P:.+]] = dorefa.pool max %arg0
// CHECK:         dorefa.dequantize %[[P]]
func.func @max_pool_takes_codes(%q: !q) -> tensor<1x2x2x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %y = dorefa.pool max %v window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : !f to tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: func.func @max_pool_with_an_empty_window_stays(
// CHECK:         %[[V:.+]] = dorefa.dequantize %arg0
// CHECK:         dorefa.pool max %[[V]]
func.func @max_pool_with_an_empty_window_stays(%q: !q) -> tensor<1x2x3x3xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %y = dorefa.pool max %v window <kernel = [2, 2], strides = [2, 2], pads = [2, 2, 0, 0], dilations = [1, 1]> : !f to tensor<1x2x3x3xf32>
  return %y : tensor<1x2x3x3xf32>
}

// CHECK-LABEL: func.func @average_pool_keeps_dequantize(
// CHECK:         %[[V:.+]] = dorefa.dequantize %arg0
// CHECK:         dorefa.pool average %[[V]]
func.func @average_pool_keeps_dequantize(%q: !q) -> tensor<1x2x1x1xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %y = dorefa.pool average %v window <kernel = [4, 4], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : !f to tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}

// Codes of step 2 get codes of their own, so that scales stay as declared.
// CHECK-LABEL: func.func @concat_joins_scales(
// CHECK:         %[[N:.+]] = dorefa.dequantize %arg0
// CHECK:         %[[U:.+]] = dorefa.quantize half_even %[[N]] {max = 3 : i64, min = 0 : i64} : {{.+}}#dorefa.code<u3>>
// CHECK:         %[[V:.+]] = dorefa.dequantize %arg0, {{.+}} {step = 2 : i64}
// CHECK:         %[[W:.+]] = dorefa.quantize half_even %[[V]] {max = 6 : i64} : {{.+}}#dorefa.code<u3>>
// CHECK:         %[[C:.+]] = dorefa.concat %[[U]], %[[W]]
// CHECK:         %[[S:.+]] = arith.constant dense<[1.000000e-01, 1.000000e-01, 2.000000e-01, 2.000000e-01]>
// CHECK:         dorefa.dequantize %[[C]], %[[S]], %{{.+}} axis 1 : {{.+}}, tensor<4xf32>, tensor<i32>
func.func @concat_joins_scales(%q: !q) -> tensor<1x4x4x4xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %t = arith.constant dense<0.2> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %w = dorefa.dequantize %q, %t, %z {step = 2 : i64} : !q, tensor<f32>, tensor<i32> to !f
  %y = dorefa.concat %v, %w axis 1 : !f, !f to tensor<1x4x4x4xf32>
  return %y : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func.func @concat_of_other_scales_is_contracted_in_float(
// CHECK:         dorefa.conv {{.+}} {dorefa.float_reason = "the scale of the input varies along a contracted dimension"}
func.func @concat_of_other_scales_is_contracted_in_float(%q: !q) -> tensor<1x1x4x4xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %t = arith.constant dense<0.2> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %k = arith.constant dense<1.0> : tensor<1x4x1x1xf32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %w = dorefa.dequantize %q, %t, %z : !q, tensor<f32>, tensor<i32> to !f
  %c = dorefa.concat %v, %w axis 1 : !f, !f to tensor<1x4x4x4xf32>
  %y = dorefa.conv %c, %k geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x4x4x4xf32>, tensor<1x4x1x1xf32> to tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}

// CHECK-LABEL: func.func @scale_of_a_group_leaves(
// CHECK:         dorefa.conv
// CHECK-NOT:     float_reason
func.func @scale_of_a_group_leaves(%q: tensor<1x4x4x4xi8, #dorefa.code<u2>>, %k: tensor<2x2x1x1xi8, #dorefa.code<u1>>) -> tensor<1x2x4x4xf32> {
  %s = arith.constant dense<[0.1, 0.1, 0.2, 0.2]> : tensor<4xf32>
  %t = arith.constant dense<0.2> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z axis 1 : tensor<1x4x4x4xi8, #dorefa.code<u2>>, tensor<4xf32>, tensor<i32> to tensor<1x4x4x4xf32>
  %w = dorefa.dequantize %k, %t, %z : tensor<2x2x1x1xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<2x2x1x1xf32>
  %y = dorefa.conv %v, %w geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], groups = 2> : tensor<1x4x4x4xf32>, tensor<2x2x1x1xf32> to tensor<1x2x4x4xf32>
  return %y : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: func.func @pad_becomes_padding_of_conv(
// CHECK-NOT:     dorefa.pad
// CHECK:         %[[V:.+]] = dorefa.dequantize %arg0
// CHECK:         dorefa.conv %[[V]], %{{.+}} geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
func.func @pad_becomes_padding_of_conv(%q: !q) -> tensor<1x1x5x5xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %k = arith.constant dense<1.0> : tensor<1x2x2x2xf32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pad %v, %zero low [0, 0, 1, 0] high [0, 0, 1, 1] : !f, tensor<f32> to tensor<1x2x6x5xf32>
  %y = dorefa.conv %p, %k geometry <strides = [1, 1], pads = [0, 1, 0, 0], dilations = [1, 1]> : tensor<1x2x6x5xf32>, tensor<1x2x2x2xf32> to tensor<1x1x5x5xf32>
  return %y : tensor<1x1x5x5xf32>
}

// CHECK-LABEL: func.func @pad_of_ones_is_real(
// CHECK:         %[[P:.+]] = dorefa.pad
// CHECK:         dorefa.conv %[[P]]
func.func @pad_of_ones_is_real(%q: !q) -> tensor<1x1x5x5xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %k = arith.constant dense<1.0> : tensor<1x2x2x2xf32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pad %v, %one low [0, 0, 1, 1] high [0, 0, 1, 1] : !f, tensor<f32> to tensor<1x2x6x6xf32>
  %y = dorefa.conv %p, %k geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x2x6x6xf32>, tensor<1x2x2x2xf32> to tensor<1x1x5x5xf32>
  return %y : tensor<1x1x5x5xf32>
}

// CHECK-LABEL: func.func @average_pool_counts_the_pad(
// CHECK-NOT:     dorefa.pad
// CHECK:         dorefa.pool average %{{.+}} window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1]> count_padding
func.func @average_pool_counts_the_pad(%q: !q) -> tensor<1x2x3x3xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pad %v, %zero low [0, 0, 1, 1] high [0, 0, 1, 1] : !f, tensor<f32> to tensor<1x2x6x6xf32>
  %y = dorefa.pool average %p window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x2x6x6xf32> to tensor<1x2x3x3xf32>
  return %y : tensor<1x2x3x3xf32>
}

// CHECK-LABEL: func.func @average_pool_with_own_padding_keeps_the_pad(
// CHECK:         %[[P:.+]] = dorefa.pad
// CHECK:         dorefa.pool average %[[P]]
func.func @average_pool_with_own_padding_keeps_the_pad(%q: !q) -> tensor<1x2x3x3xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pad %v, %zero low [0, 0, 1, 1] high [0, 0, 0, 0] : !f, tensor<f32> to tensor<1x2x5x5xf32>
  %y = dorefa.pool average %p window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 1, 1], dilations = [1, 1]> : tensor<1x2x5x5xf32> to tensor<1x2x3x3xf32>
  return %y : tensor<1x2x3x3xf32>
}

// CHECK-LABEL: func.func @max_pool_skips_a_pad_below_all_codes(
// CHECK:         dorefa.pool max %arg0 window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1]>
func.func @max_pool_skips_a_pad_below_all_codes(%q: !q) -> tensor<1x2x3x3xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pad %v, %zero low [0, 0, 1, 1] high [0, 0, 1, 1] : !f, tensor<f32> to tensor<1x2x6x6xf32>
  %y = dorefa.pool max %p window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x2x6x6xf32> to tensor<1x2x3x3xf32>
  return %y : tensor<1x2x3x3xf32>
}

// CHECK-LABEL: func.func @max_pool_of_codes_below_zero_keeps_the_pad(
// CHECK:         %[[P:.+]] = dorefa.pad
// CHECK:         dorefa.pool max %[[P]]
func.func @max_pool_of_codes_below_zero_keeps_the_pad(%q: !q) -> tensor<1x2x3x3xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pad %v, %zero low [0, 0, 1, 1] high [0, 0, 1, 1] : !f, tensor<f32> to tensor<1x2x6x6xf32>
  %y = dorefa.pool max %p window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x2x6x6xf32> to tensor<1x2x3x3xf32>
  return %y : tensor<1x2x3x3xf32>
}

// CHECK-LABEL: func.func @gather_and_resize(
// CHECK:         %[[G:.+]] = dorefa.gather %arg0
// CHECK:         %[[R:.+]] = dorefa.resize %[[G]]
// CHECK:         %[[Z:.+]] = arith.constant dense<[1, 0, 1]> : tensor<3xi32>
// CHECK:         %[[S:.+]] = arith.constant dense<[2.000000e-01, 1.000000e-01, 2.000000e-01]>
// CHECK:         dorefa.dequantize %[[R]], %[[S]], %[[Z]] axis 1
func.func @gather_and_resize(%q: !q) -> tensor<1x3x8x4xf32> {
  %s = arith.constant dense<[0.1, 0.2]> : tensor<2xf32>
  %z = arith.constant dense<[0, 1]> : tensor<2xi32>
  %i = arith.constant dense<[1, 0, -1]> : tensor<3xi64>
  %v = dorefa.dequantize %q, %s, %z axis 1 : !q, tensor<2xf32>, tensor<2xi32> to !f
  %g = dorefa.gather %v, %i axis 1 : !f, tensor<3xi64> to tensor<1x3x4x4xf32>
  %y = dorefa.resize %g indices [array<i64: 0>, array<i64: 0, 1, 2>, array<i64: 0, 0, 1, 1, 2, 2, 3, 3>, array<i64: 0, 1, 2, 3>] : tensor<1x3x4x4xf32> to tensor<1x3x8x4xf32>
  return %y : tensor<1x3x8x4xf32>
}

// CHECK-LABEL: func.func @concat_widens_codes(
// CHECK:         %[[P:.+]] = dorefa.quantize half_even %arg0 {max = 3 : i64, min = 0 : i64} : {{.+}} to tensor<1x2x4x4xi8, #dorefa.code<s3>>
// CHECK:         %[[N:.+]] = dorefa.quantize floor %arg1
// CHECK:         %[[PP:.+]] = dorefa.pool max %[[P]]
// CHECK:         %[[NP:.+]] = dorefa.pool max %[[N]]
// CHECK:         %[[C:.+]] = dorefa.concat %[[PP]], %[[NP]] axis 1 : {{.+}} to tensor<1x4x2x2xi8, #dorefa.code<s3>>
// CHECK:         dorefa.dequantize %[[C]]
func.func @concat_widens_codes(%x: !f, %y: !f) -> tensor<1x4x2x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %p = dorefa.quantize half_even %x : !f to !q
  %n = dorefa.quantize floor %y {min = -3 : i64} : !f to tensor<1x2x4x4xi8, #dorefa.code<s3>>
  %v = dorefa.dequantize %p, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %w = dorefa.dequantize %n, %s, %z : tensor<1x2x4x4xi8, #dorefa.code<s3>>, tensor<f32>, tensor<i32> to !f
  %vp = dorefa.pool max %v window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : !f to tensor<1x2x2x2xf32>
  %wp = dorefa.pool max %w window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : !f to tensor<1x2x2x2xf32>
  %c = dorefa.concat %vp, %wp axis 1 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32> to tensor<1x4x2x2xf32>
  return %c : tensor<1x4x2x2xf32>
}

// CHECK-LABEL: func.func @concat_of_a_concat_widens_codes(
// CHECK-DAG:     %[[N:.+]] = dorefa.quantize half_even %arg0 {max = 3 : i64, min = 0 : i64} : {{.+}}#dorefa.code<u4>>
// CHECK-DAG:     %[[W:.+]] = dorefa.quantize half_even %arg1 : {{.+}}#dorefa.code<u4>>
// CHECK:         %[[C:.+]] = dorefa.concat %[[N]], %[[N]] axis 1 : {{.+}} to tensor<1x4x4x4xi8, #dorefa.code<u4>>
// CHECK:         %[[D:.+]] = dorefa.concat %[[C]], %[[W]] axis 1 : {{.+}} to tensor<1x6x4x4xi8, #dorefa.code<u4>>
// CHECK:         dorefa.dequantize %[[D]]
func.func @concat_of_a_concat_widens_codes(%x: !f, %y: !f) -> tensor<1x6x4x4xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %p = dorefa.quantize half_even %x : !f to !q
  %q = dorefa.quantize half_even %y : !f to tensor<1x2x4x4xi8, #dorefa.code<u4>>
  %v = dorefa.dequantize %p, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %w = dorefa.dequantize %q, %s, %z : tensor<1x2x4x4xi8, #dorefa.code<u4>>, tensor<f32>, tensor<i32> to !f
  %c = dorefa.concat %v, %v axis 1 : !f, !f to tensor<1x4x4x4xf32>
  %d = dorefa.concat %c, %w axis 1 : tensor<1x4x4x4xf32>, !f to tensor<1x6x4x4xf32>
  return %d : tensor<1x6x4x4xf32>
}

// Signs beside signed codes of the same scale: -1 and 1, in one integer sum.
// CHECK-LABEL: func.func @concat_of_signs_and_signed_codes(
// CHECK:         %[[B:.+]] = dorefa.quantize sign %arg0
// CHECK:         %[[V:.+]] = dorefa.dequantize %[[B]], %{{.+}}, %{{.+}} {step = 2 : i64}
// CHECK:         %[[O:.+]] = dorefa.quantize half_even %[[V]] {max = 1 : i64, min = -1 : i64} : {{.+}}#dorefa.code<s3>>
// CHECK:         %[[C:.+]] = dorefa.concat %[[O]], %{{.+}} axis 1 : {{.+}} to tensor<1x4x4x4xi8, #dorefa.code<s3>>
// CHECK:         dorefa.dequantize %[[C]], %{{.+}}, %{{.+}} : {{.+}}, tensor<f32>, tensor<i32>
func.func @concat_of_signs_and_signed_codes(%x: !f, %y: !f) -> tensor<1x4x4x4xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %b = dorefa.quantize sign %x : !f to tensor<1x2x4x4xi8, #dorefa.code<u1>>
  %n = dorefa.quantize floor %y : !f to tensor<1x2x4x4xi8, #dorefa.code<s3>>
  %v = dorefa.dequantize %b, %s, %one {step = 2 : i64} : tensor<1x2x4x4xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to !f
  %w = dorefa.dequantize %n, %s, %z : tensor<1x2x4x4xi8, #dorefa.code<s3>>, tensor<f32>, tensor<i32> to !f
  %c = dorefa.concat %v, %w axis 1 : !f, !f to tensor<1x4x4x4xf32>
  return %c : tensor<1x4x4x4xf32>
}

// Whole numbers are codes of scale 1.
// CHECK-LABEL: func.func @concat_with_whole_constant(
// CHECK:         %[[K:.+]] = dorefa.conv
// CHECK-NOT:     float_reason
func.func @concat_with_whole_constant(%x: !f) -> tensor<1x1x4x4xf32> {
  %s = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %k = arith.constant dense<2.0> : tensor<1x4x1x1xf32>
  %whole = arith.constant dense<3.0> : !f
  %p = dorefa.quantize half_even %x : !f to !q
  %v = dorefa.dequantize %p, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %c = dorefa.concat %v, %whole axis 1 : !f, !f to tensor<1x4x4x4xf32>
  %y = dorefa.conv %c, %k geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x4x4x4xf32>, tensor<1x4x1x1xf32> to tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}

// CHECK-LABEL: func.func @concat_with_reals_is_real(
// CHECK:         %[[V:.+]] = dorefa.dequantize %arg1
// CHECK:         dorefa.concat %[[V]], %arg0
func.func @concat_with_reals_is_real(%x: !f, %q: !q) -> tensor<1x4x4x4xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !q, tensor<f32>, tensor<i32> to !f
  %c = dorefa.concat %v, %x axis 1 : !f, !f to tensor<1x4x4x4xf32>
  return %c : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func.func @quantizing_codes_again_goes(
// CHECK:         %[[P:.+]] = dorefa.pool max %arg0
// CHECK-NOT:     dorefa.quantize
// CHECK:         dorefa.dequantize %[[P]]
func.func @quantizing_codes_again_goes(%q: tensor<1x2x4x4xi8, #dorefa.code<u8>>) -> tensor<1x2x2x2xf32> {
  %s = arith.constant dense<0.0203> : tensor<f32>
  %z = arith.constant dense<12> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : tensor<1x2x4x4xi8, #dorefa.code<u8>>, tensor<f32>, tensor<i32> to !f
  %p = dorefa.pool max %v window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : !f to tensor<1x2x2x2xf32>
  %sb = dorefa.broadcast %s : tensor<f32> to tensor<1x2x2x2xf32>
  %zf = arith.constant dense<12.0> : tensor<1x2x2x2xf32>
  %d = arith.divf %p, %sb : tensor<1x2x2x2xf32>
  %r = math.roundeven %d : tensor<1x2x2x2xf32>
  %a = arith.addf %r, %zf : tensor<1x2x2x2xf32>
  %again = dorefa.quantize half_even %a : tensor<1x2x2x2xf32> to tensor<1x2x2x2xi8, #dorefa.code<u8>>
  %y = dorefa.dequantize %again, %s, %z : tensor<1x2x2x2xi8, #dorefa.code<u8>>, tensor<f32>, tensor<i32> to tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: func.func @quantizing_by_another_scale_stays(
// CHECK:         dorefa.quantize
func.func @quantizing_by_another_scale_stays(%q: tensor<4xi8, #dorefa.code<u8>>) -> tensor<4xi8, #dorefa.code<u8>> {
  %s = arith.constant dense<0.0203> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : tensor<4xi8, #dorefa.code<u8>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  %t = arith.constant dense<0.0205> : tensor<4xf32>
  %d = arith.divf %v, %t : tensor<4xf32>
  %again = dorefa.quantize half_even %d : tensor<4xf32> to tensor<4xi8, #dorefa.code<u8>>
  return %again : tensor<4xi8, #dorefa.code<u8>>
}
