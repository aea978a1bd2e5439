// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-recognize-pipeline)' | FileCheck %s

// The codes of 2*Quant(1/3) - 1 are 2q - 3 with scale 1/3.

// CHECK-LABEL: func.func @dorefa_weights_become_codes(
// CHECK-DAG:     %[[CODES:.+]] = arith.constant dense<{{\[}}[0, 3], [1, 2]]> : tensor<2x2xi8, #dorefa.code<u2>>
// CHECK-DAG:     %[[SCALE:.+]] = arith.constant dense<0.333333343> : tensor<f32>
// CHECK-DAG:     %[[THREE:.+]] = arith.constant dense<3> : tensor<i32>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[CODES]], %[[SCALE]], %[[THREE]] {step = 2 : i64}
// CHECK:         dorefa.matmul %{{.+}}, %[[W]]
func.func @dorefa_weights_become_codes(%x: tensor<1x2xi8, #dorefa.code<u2>>) -> tensor<1x2xf32> {
  %third = arith.constant dense<0.333333343> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[0.1, 0.9], [0.3, 0.6]]> : tensor<2x2xf32>
  %thirds = dorefa.broadcast %third : tensor<f32> to tensor<2x2xf32>
  %two = arith.constant dense<2.0> : tensor<2x2xf32>
  %one = arith.constant dense<1.0> : tensor<2x2xf32>
  %d = arith.divf %w, %thirds : tensor<2x2xf32>
  %q = dorefa.quantize half_even %d : tensor<2x2xf32> to tensor<2x2xi8, #dorefa.code<u2>>
  %v = dorefa.dequantize %q, %third, %zero : tensor<2x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<2x2xf32>
  %m = arith.mulf %v, %two : tensor<2x2xf32>
  %s = arith.subf %m, %one : tensor<2x2xf32>
  %xr = dorefa.dequantize %x, %third, %zero : tensor<1x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x2xf32>
  %y = dorefa.matmul %xr, %s : tensor<1x2xf32>, tensor<2x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
