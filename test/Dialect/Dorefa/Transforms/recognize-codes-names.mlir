// RUN: dorefa-opt %s --pass-pipeline='builtin.module(dorefa-recognize-pipeline)' | FileCheck %s

// By what names of the model codes are known once they are recognised.

!u2 = tensor<1x4xi8, #dorefa.code<u2>>
!f = tensor<1x4xf32>
!p2 = tensor<1x1x4x4xi8, #dorefa.code<u2>>
!pf = tensor<1x1x4x4xf32>
!h = tensor<1x1x2x2xf32>

// CHECK-LABEL: func.func @quantizer_that_changes_nothing(
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %{{.+}} {dorefa.taps = ["second", "third"], dorefa.value = "first"}
// CHECK-NOT:     dorefa.quantize
// CHECK:         dorefa.dequantize %[[Q]]
func.func @quantizer_that_changes_nothing(%x: !f) -> !f {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %half = arith.constant dense<0.5> : !f
  %q = dorefa.quantize half_even %x : !f to !u2
  %v = dorefa.dequantize %q, %s, %z {dorefa.value = "first"} : !u2, tensor<f32>, tensor<i32> to !f
  %d = arith.divf %v, %half : !f
  %again = dorefa.quantize half_even %d {dorefa.value = "integers"} : !f to !u2
  %w = dorefa.dequantize %again, %s, %z {dorefa.value = "second"} : !u2, tensor<f32>, tensor<i32> to !f
  %e = arith.divf %w, %half : !f
  %last = dorefa.quantize half_even %e {dorefa.value = "integers"} : !f to !u2
  %y = dorefa.dequantize %last, %s, %z {dorefa.value = "third"} : !u2, tensor<f32>, tensor<i32> to !f
  return %y : !f
}

// CHECK-LABEL: func.func @quantizer_behind_a_pool(
// CHECK:         %[[Q:.+]] = dorefa.quantize {{.+}} {dorefa.value = "first"}
// CHECK:         dorefa.pool max %[[Q]] window {{.+}} {dorefa.taps = ["second"], dorefa.value = "pool"}
// CHECK-NOT:     dorefa.quantize
// CHECK:         return
func.func @quantizer_behind_a_pool(%x: !pf) -> !h {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %half = arith.constant dense<0.5> : !h
  %q = dorefa.quantize half_even %x : !pf to !p2
  %v = dorefa.dequantize %q, %s, %z {dorefa.value = "first"} : !p2, tensor<f32>, tensor<i32> to !pf
  %m = dorefa.pool max %v window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> {dorefa.value = "pool"} : !pf to !h
  %d = arith.divf %m, %half : !h
  %again = dorefa.quantize half_even %d : !h to tensor<1x1x2x2xi8, #dorefa.code<u2>>
  %w = dorefa.dequantize %again, %s, %z {dorefa.value = "second"} : tensor<1x1x2x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to !h
  return %w : !h
}

// CHECK-LABEL: func.func @quantizer_of_an_argument(
// CHECK:         %[[R:.+]] = dorefa.reshape %arg0 {dorefa.taps = ["second"]}
// CHECK-NOT:     dorefa.quantize
// CHECK:         dorefa.dequantize %[[R]]
func.func @quantizer_of_an_argument(%q: !u2) -> !f {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %half = arith.constant dense<0.5> : !f
  %v = dorefa.dequantize %q, %s, %z {dorefa.value = "first"} : !u2, tensor<f32>, tensor<i32> to !f
  %d = arith.divf %v, %half : !f
  %again = dorefa.quantize half_even %d : !f to !u2
  %w = dorefa.dequantize %again, %s, %z {dorefa.value = "second"} : !u2, tensor<f32>, tensor<i32> to !f
  return %w : !f
}

// What a contraction reads is named as its codes, and not as the product.
// CHECK-LABEL: func.func @codes_and_their_multiples(
// CHECK:         %[[Q:.+]] = dorefa.quantize {{.+}} {dorefa.value = "rounded"}
// CHECK:         dorefa.dequantize %[[Q]], %{{.+}}, %{{.+}} {dorefa.value = "rounded"}
// CHECK:         dorefa.matmul
func.func @codes_and_their_multiples(%x: !f, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %third = arith.constant dense<0.3> : !f
  %q = dorefa.quantize half_even %x {dorefa.value = "rounded"} : !f to !u2
  %v = dorefa.dequantize %q, %s, %z {dorefa.value = "rounded"} : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.mulf %v, %third {dorefa.value = "product"} : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
