// RUN: dorefa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(func.func(dorefa-recognize-codes))'

func.func @scale_of_zero(%q: tensor<4xi8, #dorefa.code<u2>>) -> tensor<4xf32> {
  %s = arith.constant dense<0.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  // expected-error @below {{expected finite scales greater than 0, but got 0}}
  %v = dorefa.dequantize %q, %s, %z : tensor<4xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  return %v : tensor<4xf32>
}

// -----

func.func @sums_of_more_than_62_bits(%q: tensor<1x4xi32, #dorefa.code<u32>>, %w: tensor<4x1xi32, #dorefa.code<u32>>) -> tensor<1x1xf32> {
  %s = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : tensor<1x4xi32, #dorefa.code<u32>>, tensor<f32>, tensor<i32> to tensor<1x4xf32>
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x1xi32, #dorefa.code<u32>>, tensor<f32>, tensor<i32> to tensor<4x1xf32>
  // expected-error @below {{expected integer sums of at most 62 bits, but this one needs 66}}
  %y = dorefa.matmul %v, %wr : tensor<1x4xf32>, tensor<4x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
