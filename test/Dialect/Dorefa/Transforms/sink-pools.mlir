// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(dorefa-sink-pools))' | FileCheck %s

!x = tensor<1x2x4x4xi8, #dorefa.code<u2>>
!xr = tensor<1x2x4x4xf32>
!w = tensor<2x2x1x1xi8, #dorefa.code<s2>>
!wr = tensor<2x2x1x1xf32>
!pr = tensor<1x2x2x2xf32>
!p = tensor<1x2x2x2xi8, #dorefa.code<u2>>
#unit = #dorefa.conv<strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>
#halve = #dorefa.window<kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>

// CHECK-LABEL: func.func @rising_chain(
// CHECK:         %[[Y:.+]] = dorefa.conv
// CHECK:         %[[N:.+]] = dorefa.batch_norm %[[Y]]
// CHECK:         %[[R:.+]] = arith.maximumf %[[N]], %{{.+}} : tensor<1x2x4x4xf32>
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %[[R]] : tensor<1x2x4x4xf32> to tensor<1x2x4x4xi8, #dorefa.code<u2>>
// CHECK:         %[[P:.+]] = dorefa.pool max %[[Q]] {{.*}} {dorefa.value = "codes"}
// CHECK:         return %[[P]]
func.func @rising_chain(%x: !x) -> !p {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %a = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %v = arith.constant dense<1.0> : tensor<2xf32>
  %zero = arith.constant dense<0.0> : !pr
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %y = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %p = dorefa.pool max %y window #halve : !xr to !pr
  %n = dorefa.batch_norm %p, %a, %a, %a, %v epsilon 0.0 : !pr, tensor<2xf32>
  %r = arith.maximumf %n, %zero : !pr
  %q = dorefa.quantize half_even %r {dorefa.value = "codes"} : !pr to !p
  return %q : !p
}

// CHECK-LABEL: func.func @falling_chain_needs_the_minimum(
// CHECK:         %[[Q:.+]] = dorefa.quantize
// CHECK:         dorefa.pool min %[[Q]]
func.func @falling_chain_needs_the_minimum(%x: !x) -> !p {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %one = arith.constant dense<1.0> : !pr
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %y = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %p = dorefa.pool max %y window #halve : !xr to !pr
  %n = arith.subf %one, %p : !pr
  %q = dorefa.quantize half_even %n : !pr to !p
  return %q : !p
}

// CHECK-LABEL: func.func @both_signs_complement_codes(
// CHECK:         %[[Q:.+]] = dorefa.quantize
// CHECK:         %[[M:.+]] = arith.constant dense<{{\[\[\[\[}}0]], {{\[\[}}3]]]]> : tensor<1x2x1x1xi8, #dorefa.code<u2>>
// CHECK:         %[[B:.+]] = dorefa.broadcast %[[M]]
// CHECK:         %[[C:.+]] = arith.xori %[[Q]], %[[B]] : tensor<1x2x4x4xi8
// CHECK:         %[[P:.+]] = dorefa.pool max %[[C]]
// CHECK:         %[[R:.+]] = arith.xori %[[P]], %{{.+}} : tensor<1x2x2x2xi8
// CHECK:         return %[[R]]
func.func @both_signs_complement_codes(%x: !x) -> !p {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %a = arith.constant dense<[1.0, -1.0]> : tensor<2xf32>
  %v = arith.constant dense<1.0> : tensor<2xf32>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %y = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %p = dorefa.pool max %y window #halve : !xr to !pr
  %n = dorefa.batch_norm %p, %a, %a, %a, %v epsilon 0.0 : !pr, tensor<2xf32>
  %q = dorefa.quantize half_even %n : !pr to !p
  return %q : !p
}

// An input may hold NaN, for which a maximum of reals is NaN and its code the
// lowest.
// CHECK-LABEL: func.func @reals_of_the_input_stay(
// CHECK:         dorefa.pool max %{{.+}} : tensor<1x2x4x4xf32>
func.func @reals_of_the_input_stay(%x: !xr) -> !p {
  %p = dorefa.pool max %x window #halve : !xr to !pr
  %q = dorefa.quantize half_even %p : !pr to !p
  return %q : !p
}

// CHECK-LABEL: func.func @square_is_not_monotone(
// CHECK:         dorefa.pool max %{{.+}} : tensor<1x2x4x4xf32>
func.func @square_is_not_monotone(%x: !x) -> !p {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %p = dorefa.pool max %xr window #halve : !xr to !pr
  %n = arith.mulf %p, %p : !pr
  %q = dorefa.quantize half_even %n : !pr to !p
  return %q : !p
}

// A constant that varies along the image does not commute.
// CHECK-LABEL: func.func @constant_of_positions(
// CHECK:         dorefa.pool max %{{.+}} : tensor<1x2x4x4xf32>
func.func @constant_of_positions(%x: !x) -> !p {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %c = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]]]> : !pr
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %p = dorefa.pool max %xr window #halve : !xr to !pr
  %n = arith.addf %p, %c : !pr
  %q = dorefa.quantize half_even %n : !pr to !p
  return %q : !p
}
