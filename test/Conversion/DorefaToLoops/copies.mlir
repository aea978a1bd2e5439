// RUN: dorefa-test-run %s | FileCheck %s

func.func @net(
    %x: tensor<2x3xf32> {test.input = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
    %q: tensor<1x4x2x1xi8, #dorefa.code<u3>> {test.input = dense<[[[[1], [2]], [[3], [4]], [[5], [6]], [[7], [0]]]]> : tensor<1x4x2x1xi8>})
  -> (tensor<3x2xf32>, tensor<2x2x3xf32>, tensor<2x2xf32>, tensor<2x5xf32>, tensor<4x4xf32>,
      tensor<1x2x4x1xi8, #dorefa.code<u3>>, tensor<8xi8, #dorefa.code<u3>>, tensor<2x3xf32>, tensor<2x3xf32>) {
  // CHECK: result0 = dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]>
  %t = dorefa.transpose %x permutation [1, 0] : tensor<2x3xf32> to tensor<3x2xf32>
  // CHECK: result1 = dense<{{\[\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00], [1.000000e+00, 2.000000e+00, 3.000000e+00]], {{\[\[}}4.000000e+00,
  %r = dorefa.reshape %x : tensor<2x3xf32> to tensor<2x1x3xf32>
  %b = dorefa.broadcast %r : tensor<2x1x3xf32> to tensor<2x2x3xf32>
  // CHECK: result2 = dense<{{\[\[}}6.000000e+00, 4.000000e+00], [3.000000e+00, 1.000000e+00]]>
  %s = dorefa.slice %x offsets [1, 2] steps [-1, -2] : tensor<2x3xf32> to tensor<2x2xf32>
  // CHECK: result3 = dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 6.000000e+00, 4.000000e+00], [4.000000e+00, 5.000000e+00, 6.000000e+00, 3.000000e+00, 1.000000e+00]]>
  %c = dorefa.concat %x, %s axis 1 : tensor<2x3xf32>, tensor<2x2xf32> to tensor<2x5xf32>
  // CHECK: result4 = dense<{{\[\[}}9.000000e+00, 9.000000e+00, 9.000000e+00, 9.000000e+00], [1.000000e+00, 2.000000e+00, 3.000000e+00, 9.000000e+00], [4.000000e+00, 5.000000e+00, 6.000000e+00, 9.000000e+00], [9.000000e+00,
  %nine = arith.constant dense<9.0> : tensor<f32>
  %p = dorefa.pad %x, %nine low [1, 0] high [1, 1] : tensor<2x3xf32>, tensor<f32> to tensor<4x4xf32>
  // CHECK: result5 = dense<{{\[\[\[\[}}1], [3], [5], [7]], {{\[\[}}2], [4], [6], [0]]]]>
  %qt = dorefa.transpose %q permutation [0, 2, 1, 3] : tensor<1x4x2x1xi8, #dorefa.code<u3>> to tensor<1x2x4x1xi8, #dorefa.code<u3>>
  // A reshape of an argument is a copy.
  // CHECK: result6 = dense<[1, 2, 3, 4, 5, 6, 7, 0]>
  %qr = dorefa.reshape %q : tensor<1x4x2x1xi8, #dorefa.code<u3>> to tensor<8xi8, #dorefa.code<u3>>
  // A constant, and an argument itself.
  // CHECK: result7 = dense<{{\[\[}}1.000000e+00, 2.000000e+00, 2.000000e+00], [1.000000e+00, 1.000000e+00, 1.000000e+00]]>
  // CHECK: result8 = dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00], [4.000000e+00,
  %k = arith.constant dense<[[1.0, 2.0, 2.0], [1.0, 1.0, 1.0]]> : tensor<2x3xf32>
  return %t, %b, %s, %c, %p, %qt, %qr, %k, %x : tensor<3x2xf32>, tensor<2x2x3xf32>, tensor<2x2xf32>, tensor<2x5xf32>, tensor<4x4xf32>,
      tensor<1x2x4x1xi8, #dorefa.code<u3>>, tensor<8xi8, #dorefa.code<u3>>, tensor<2x3xf32>, tensor<2x3xf32>
}
