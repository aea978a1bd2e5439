// RUN: dorefa-test-run %s | FileCheck %s

func.func @net(
    %x: tensor<2x3xf32> {test.input = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
    %y: tensor<1x4xf32> {test.input = dense<[[2.0, 7.0, 7.0, -1.0]]> : tensor<1x4xf32>},
    %n: tensor<1x4xf32> {test.input = dense<[[2.0, 0x7FC00000, 7.0, 0x7FC00000]]> : tensor<1x4xf32>},
    %q: tensor<1x3x2x2xi8, #dorefa.code<u2>> {test.input = dense<[[[[0, 1], [2, 3]], [[3, 3], [3, 3]], [[1, 1], [0, 0]]]]> : tensor<1x3x2x2xi8>})
  -> (tensor<2x1xf32>, tensor<1x3xf32>, tensor<1x1xf32>, tensor<2x1xf32>, tensor<2x3xf32>, tensor<1x1xi64>, tensor<1x1xi64>,
      tensor<1x1xi64>, tensor<1x1xi64>, tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>) {
  // CHECK: result0 = dense<{{\[\[}}6.000000e+00], [1.500000e+01]]>
  %0 = dorefa.reduce sum %x axes [1] : tensor<2x3xf32> to tensor<2x1xf32>
  // CHECK: result1 = dense<{{\[\[}}2.500000e+00, 3.500000e+00, 4.500000e+00]]>
  %1 = dorefa.reduce mean %x axes [0] : tensor<2x3xf32> to tensor<1x3xf32>
  // CHECK: result2 = dense<6.000000e+00>
  %2 = dorefa.reduce max %x axes [0, 1] : tensor<2x3xf32> to tensor<1x1xf32>
  // CHECK: result3 = dense<{{\[\[}}1.000000e+00], [4.000000e+00]]>
  %3 = dorefa.reduce min %x axes [1] : tensor<2x3xf32> to tensor<2x1xf32>
  // CHECK: result4 = dense<{{\[\[}}0.09003{{[0-9]*}}, 0.24472{{[0-9]*}}, 0.66524{{[0-9]*}}], [0.09003
  %4 = dorefa.softmax %x axis 1 : tensor<2x3xf32>
  // The first and the last of equal ones; NaN is the largest.
  // CHECK: result5 = dense<1>
  %5 = dorefa.arg_max %y axis 1 : tensor<1x4xf32> to tensor<1x1xi64>
  // CHECK: result6 = dense<2>
  %6 = dorefa.arg_max %y axis 1 select_last : tensor<1x4xf32> to tensor<1x1xi64>
  // CHECK: result7 = dense<1>
  %7 = dorefa.arg_max %n axis 1 : tensor<1x4xf32> to tensor<1x1xi64>
  // CHECK: result8 = dense<3>
  %8 = dorefa.arg_max %n axis 1 select_last : tensor<1x4xf32> to tensor<1x1xi64>
  // Sums of codes are exact: (2q - 1) * scale.
  // CHECK: result9 = dense<{{\[\[\[\[}}1.000000e+00]], {{\[\[}}1.000000e+01]], {{\[\[}}0.000000e+00]]]]>
  %scales = arith.constant dense<[0.5, 2.0, 1.0]> : tensor<3xf32>
  %scale = arith.constant dense<0.25> : tensor<f32>
  %one = arith.constant dense<1> : tensor<i32>
  %d = dorefa.dequantize %q, %scales, %one axis 1 {step = 2 : i64} : tensor<1x3x2x2xi8, #dorefa.code<u2>>, tensor<3xf32>, tensor<i32> to tensor<1x3x2x2xf32>
  %9 = dorefa.reduce mean %d axes [2, 3] : tensor<1x3x2x2xf32> to tensor<1x3x1x1xf32>
  // CHECK: result10 = dense<7.000000e+00>
  %e = dorefa.dequantize %q, %scale, %one axis 1 {step = 2 : i64} : tensor<1x3x2x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x3x2x2xf32>
  %10 = dorefa.reduce sum %e axes [1, 2, 3] : tensor<1x3x2x2xf32> to tensor<1x1x1x1xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10 : tensor<2x1xf32>, tensor<1x3xf32>, tensor<1x1xf32>, tensor<2x1xf32>, tensor<2x3xf32>, tensor<1x1xi64>, tensor<1x1xi64>,
      tensor<1x1xi64>, tensor<1x1xi64>, tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>
}
