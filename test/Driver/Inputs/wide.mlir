// A product of codes of 32 and 8 bits, and one of reals.
module attributes {dorefa.batch = 0 : i64, dorefa.model = "wide"} {
func.func @wide(%x: tensor<1x4xf32> {dorefa.name = "x"})
    -> (tensor<1x4xf32> {dorefa.name = "y"}) {
  %one = arith.constant dense<1.0> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %q = dorefa.quantize half_even %x : tensor<1x4xf32> to tensor<1x4xi32, #dorefa.code<s32>>
  %a = dorefa.dequantize %q, %one, %zero : tensor<1x4xi32, #dorefa.code<s32>>, tensor<f32>, tensor<i32> to tensor<1x4xf32>
  %codes = arith.constant dense<[[6, -7, 32, 5], [-27, 18, 65, 47], [-35, -63, -31, 2], [-116, -11, -62, -37]]> : tensor<4x4xi8, #dorefa.code<s8>>
  %w = dorefa.dequantize %codes, %one, %zero : tensor<4x4xi8, #dorefa.code<s8>>, tensor<f32>, tensor<i32> to tensor<4x4xf32>
  %u = dorefa.matmul %a, %w : tensor<1x4xf32>, tensor<4x4xf32> to tensor<1x4xf32>
  %reals = arith.constant dense<[[0.5, 0.25, 1.5, 0.1], [0.3, 0.7, 0.2, 2.5], [1.0, 0.9, 0.8, 0.6], [1.1, 1.2, 1.3, 1.4]]> : tensor<4x4xf32>
  %y = dorefa.matmul %u, %reals : tensor<1x4xf32>, tensor<4x4xf32> to tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
}
