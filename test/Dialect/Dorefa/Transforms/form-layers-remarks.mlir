// RUN: dorefa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(func.func(dorefa-form-layers))'

!x = tensor<1x4xi8, #dorefa.code<u2>>

func.func @weights_are_real(%x: !x) -> tensor<1x3xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<0.5> : tensor<4x3xf32>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to tensor<1x4xf32>
  // expected-remark @below {{stays in float: the second operand is real}}
  %y = dorefa.matmul %xr, %w : tensor<1x4xf32>, tensor<4x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

!x = tensor<1x4xi8, #dorefa.code<u2>>

func.func @scale_varies_along_the_sum(%x: !x) -> tensor<1x3xf32> {
  %s = arith.constant dense<[0.5, 0.25, 0.5, 0.5]> : tensor<4xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : tensor<4x3xi8, #dorefa.code<u1>>
  %xr = dorefa.dequantize %x, %s, %z axis 1 : !x, tensor<4xf32>, tensor<i32> to tensor<1x4xf32>
  %wr = dorefa.dequantize %w, %one, %z : tensor<4x3xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x3xf32>
  // expected-remark @below {{stays in float: the scale of the first operand varies along a contracted dimension}}
  %y = dorefa.matmul %xr, %wr : tensor<1x4xf32>, tensor<4x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

func.func @weights_are_computed(%x: tensor<1x4xf32>, %w: tensor<4x3xf32>) -> tensor<1x3xf32> {
  // expected-remark @below {{is not part of a layer: its second operand is not constant}}
  %y = dorefa.matmul %x, %w : tensor<1x4xf32>, tensor<4x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

!x = tensor<1x4x2x2xi8, #dorefa.code<u2>>

func.func @channels_are_summed(%x: !x) -> tensor<1x1x2x2xf32> {
  %s = arith.constant dense<0.3> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to tensor<1x4x2x2xf32>
  // expected-remark @below {{is not part of a layer: it does not reduce along spatial dimensions alone}}
  %y = dorefa.reduce sum %v axes [1] : tensor<1x4x2x2xf32> to tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// -----

!x = tensor<1x4xi16, #dorefa.code<u12>>

func.func @wide_codes(%x: !x) -> tensor<1x3xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : tensor<4x3xi8, #dorefa.code<u1>>
  %xr = dorefa.dequantize %x, %one, %z : !x, tensor<f32>, tensor<i32> to tensor<1x4xf32>
  %wr = dorefa.dequantize %w, %one, %z : tensor<4x3xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x3xf32>
  // expected-remark @below {{runs in a generic integer loop: engines have codes of up to 8 bits, and these have 12}}
  %y = dorefa.matmul %xr, %wr : tensor<1x4xf32>, tensor<4x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
