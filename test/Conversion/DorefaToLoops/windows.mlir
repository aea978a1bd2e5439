// RUN: dorefa-test-run %s | FileCheck %s

func.func @net(
    %x: tensor<1x2x3x3xf32> {test.input = dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
        [[-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0], [-7.0, -8.0, -9.0]]]]> : tensor<1x2x3x3xf32>},
    %q: tensor<1x1x3x3xi8, #dorefa.code<s8>> {test.input = dense<[[[[1, -2, 3], [-128, 5, -6], [7, 127, 9]]]]> : tensor<1x1x3x3xi8>},
    %u: tensor<1x1x3x3xi8, #dorefa.code<u8>> {test.input = dense<[[[[1, -2, 3], [-128, 5, -6], [7, 127, 9]]]]> : tensor<1x1x3x3xi8>})
  -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x1x2x2xi8, #dorefa.code<s8>>,
      tensor<1x1x1x1xi8, #dorefa.code<u8>>, tensor<1x2x2x2xf32>, tensor<1x1x3x3xf32>, tensor<2x2xf32>, tensor<1x1x2x2xf32>, tensor<1x2x4xf32>) {
  // CHECK: result0 = dense<{{\[\[\[\[}}5.000000e+00, 6.000000e+00], [8.000000e+00, 9.000000e+00]], {{\[\[}}-1.000000e+00, -2.000000e+00], [-4.000000e+00, -5.000000e+00]]]]>
  %0 = dorefa.pool max %x window <kernel = [2, 2], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x2x3x3xf32> to tensor<1x2x2x2xf32>
  // Places outside are skipped, and count for count_padding alone.
  // CHECK: result1 = dense<{{\[\[\[\[}}1.000000e+00, 2.500000e+00], [5.500000e+00, 7.000000e+00]], {{\[\[}}-1.000000e+00,
  %1 = dorefa.pool average %x window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 0, 0], dilations = [1, 1]> : tensor<1x2x3x3xf32> to tensor<1x2x2x2xf32>
  // CHECK: result2 = dense<{{\[\[\[\[}}2.500000e-01, 1.250000e+00], [2.750000e+00, 7.000000e+00]],
  %2 = dorefa.pool average %x window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 0, 0], dilations = [1, 1]> count_padding : tensor<1x2x3x3xf32> to tensor<1x2x2x2xf32>
  // CHECK: result3 = dense<{{\[\[\[\[}}1.000000e+00, 5.000000e+00], [1.100000e+01, 2.800000e+01]],
  %3 = dorefa.pool sum %x window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 0, 0], dilations = [1, 1]> : tensor<1x2x3x3xf32> to tensor<1x2x2x2xf32>
  // CHECK: result4 = dense<{{\[\[\[\[}}5, 5], [127, 127]]]]>
  %4 = dorefa.pool max %q window <kernel = [2, 2], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x1x3x3xi8, #dorefa.code<s8>> to tensor<1x1x2x2xi8, #dorefa.code<s8>>
  // Unsigned: 254 (-2) is the largest.
  // CHECK: result5 = dense<-2>
  %5 = dorefa.pool max %u window <kernel = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x1x3x3xi8, #dorefa.code<u8>> to tensor<1x1x1x1xi8, #dorefa.code<u8>>
  // CHECK: result6 = dense<{{\[\[\[\[}}-8.000000e+00, -1.100000e+01], [-1.700000e+01, -2.000000e+01]], {{\[\[}}-3.000000e+00, -4.000000e+00], [-6.000000e+00, -7.000000e+00]]]]>
  %w = arith.constant dense<[[[[0.0, -1.0], [0.0, -1.0]], [[1.0, 0.0], [0.0, 0.0]]], [[[0.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]]> : tensor<2x2x2x2xf32>
  %6 = dorefa.conv %x, %w geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x2x3x3xf32>, tensor<2x2x2x2xf32> to tensor<1x2x2x2xf32>
  // Codes: (q - 1) * (2w - 1) over places inside, times 0.5 * 0.25.
  // CHECK: result7 = dense<{{\[\[\[\[}}-1.600000e+01, -1.662500e+01, 2.500000e-01], [5.000000e-01, 3.312500e+01, 1.525000e+01], [8.750000e-01, -5.000000e-01, -1.512500e+01]]]]>
  %half = arith.constant dense<0.5> : tensor<f32>
  %quarter = arith.constant dense<0.25> : tensor<f32>
  %one = arith.constant dense<1> : tensor<i32>
  %wq = arith.constant dense<[[[[1, 1, 1], [0, 1, 1], [1, 1, 1]]]]> : tensor<1x1x3x3xi8, #dorefa.code<u1>>
  %dq = dorefa.dequantize %q, %half, %one : tensor<1x1x3x3xi8, #dorefa.code<s8>>, tensor<f32>, tensor<i32> to tensor<1x1x3x3xf32>
  %dw = dorefa.dequantize %wq, %quarter, %one {step = 2 : i64} : tensor<1x1x3x3xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<1x1x3x3xf32>
  %7 = dorefa.conv %dq, %dw geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32> to tensor<1x1x3x3xf32>
  // CHECK: result8 = dense<{{\[\[}}2.850000e+02, -2.850000e+02], [-2.850000e+02, 2.850000e+02]]>
  %m = dorefa.reshape %x : tensor<1x2x3x3xf32> to tensor<2x9xf32>
  %mt = dorefa.transpose %m permutation [1, 0] : tensor<2x9xf32> to tensor<9x2xf32>
  %8 = dorefa.matmul %m, %mt : tensor<2x9xf32>, tensor<9x2xf32> to tensor<2x2xf32>
  // CHECK: result9 = dense<{{\[\[\[\[}}-1.600000e+01, -5.000000e-01], [8.750000e-01, 1.637500e+01]]]]>
  %9 = dorefa.pool average %dq window <kernel = [2, 2], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : tensor<1x1x3x3xf32> to tensor<1x1x2x2xf32>
  // CHECK: result10 = dense<{{\[\[\[}}3.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00], [-3.000000e+00,
  %row = dorefa.slice %x offsets [0, 0, 0, 0] steps [1, 1, 1, 1] : tensor<1x2x3x3xf32> to tensor<1x2x1x3xf32>
  %rows = dorefa.reshape %row : tensor<1x2x1x3xf32> to tensor<1x2x3xf32>
  %picks = arith.constant dense<[2, -3, 1, 7]> : tensor<4xi64>
  %10 = dorefa.gather %rows, %picks axis 2 : tensor<1x2x3xf32>, tensor<4xi64> to tensor<1x2x4xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x1x2x2xi8, #dorefa.code<s8>>,
      tensor<1x1x1x1xi8, #dorefa.code<u8>>, tensor<1x2x2x2xf32>, tensor<1x1x3x3xf32>, tensor<2x2xf32>, tensor<1x1x2x2xf32>, tensor<1x2x4xf32>
}
