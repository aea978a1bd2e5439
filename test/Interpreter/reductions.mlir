// RUN: dorefa-interpret %s | FileCheck %s

// Lane 0 gets 1e8 + 1 - 1e8 = 0, the lanes 1 and 33 meet in the first half:
// 4, while a sum from left to right gives 0.
// CHECK-LABEL: @lanes
// CHECK-NEXT:    = [4]
// CHECK-NEXT:    = [0.0307692308]
// CHECK-NEXT:    = [100000000]
// CHECK-NEXT:    = [-100000000]
func.func @lanes() -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) {
  %x = arith.constant dense<[
    1.0e8, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0e8, 0.0]> : tensor<130xf32>
  %sum = dorefa.reduce sum %x axes [0] : tensor<130xf32> to tensor<1xf32>
  %mean = dorefa.reduce mean %x axes [0] : tensor<130xf32> to tensor<1xf32>
  %max = dorefa.reduce max %x axes [0] : tensor<130xf32> to tensor<1xf32>
  %min = dorefa.reduce min %x axes [0] : tensor<130xf32> to tensor<1xf32>
  return %sum, %mean, %max, %min : tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
}

// CHECK-LABEL: @axes
// CHECK-NEXT:    = [14, 22]
// CHECK-NEXT:    = [1.5, 3.5, 5.5, 7.5]
// CHECK-NEXT:    = [nan]
func.func @axes() -> (tensor<1x2x1xf32>, tensor<2x2x1xf32>, tensor<1xf32>) {
  %x = arith.constant dense<[[[1., 2.], [3., 4.]], [[5., 6.], [7., 8.]]]> : tensor<2x2x2xf32>
  %sum = dorefa.reduce sum %x axes [0, 2] : tensor<2x2x2xf32> to tensor<1x2x1xf32>
  %mean = dorefa.reduce mean %x axes [2] : tensor<2x2x2xf32> to tensor<2x2x1xf32>
  %y = arith.constant dense<[1.0, 0x7FC00000, 2.0]> : tensor<3xf32>
  %max = dorefa.reduce max %y axes [0] : tensor<3xf32> to tensor<1xf32>
  return %sum, %mean, %max : tensor<1x2x1xf32>, tensor<2x2x1xf32>, tensor<1xf32>
}

// Exact on codes with one scale along the reduced axes: 7 * 0.1 / 3. With
// several, the reals are summed, in three lanes: 2 - 2 + 2e-8.
// CHECK-LABEL: @codes
// CHECK-NEXT:    = [0.233333334]
// CHECK-NEXT:    = [0.699999988]
// CHECK-NEXT:    = [1.99999999e-08]
func.func @codes() -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) {
  %q = arith.constant dense<[3, 4, 3]> : tensor<3xi8, #dorefa.code<u3>>
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %z
    : tensor<3xi8, #dorefa.code<u3>>, tensor<f32>, tensor<i32> to tensor<3xf32>
  %mean = dorefa.reduce mean %x axes [0] : tensor<3xf32> to tensor<1xf32>
  %sum = dorefa.reduce sum %x axes [0] : tensor<3xf32> to tensor<1xf32>
  %p = arith.constant dense<[3, 3, -1]> : tensor<3xi8, #dorefa.code<s3>>
  %scales = arith.constant dense<[1.0, 1.0e-8, 1.0]> : tensor<3xf32>
  %y = dorefa.dequantize %p, %scales, %z
    : tensor<3xi8, #dorefa.code<s3>>, tensor<3xf32>, tensor<i32> to tensor<3xf32>
  %real = dorefa.reduce sum %y axes [0] : tensor<3xf32> to tensor<1xf32>
  return %mean, %sum, %real : tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
}

// CHECK-LABEL: @softmax
// CHECK-NEXT:    = [0.0628900155, 0.170952797, 0.76615721]
// CHECK-NEXT:    = [0.5, 0, 0.5, 1]
func.func @softmax() -> (tensor<1x3xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.5]]> : tensor<1x3xf32>
  %y = dorefa.softmax %x axis 1 : tensor<1x3xf32>
  %z = arith.constant dense<[[1000.0, -500.0], [1000.0, 500.0]]> : tensor<2x2xf32>
  %w = dorefa.softmax %z axis 0 : tensor<2x2xf32>
  return %y, %w : tensor<1x3xf32>, tensor<2x2xf32>
}

// CHECK-LABEL: @arg_max
// CHECK-NEXT:    = [1, 2]
// CHECK-NEXT:    = [3, 2]
// CHECK-NEXT:    = [1, 1, 1, 0]
func.func @arg_max() -> (tensor<2x1xi64>, tensor<2x1xi64>, tensor<1x4xi64>) {
  %x = arith.constant dense<[[1.0, 2.0, 0.0, 2.0], [5.0, 5.0, 0x7FC00000, 7.0]]> : tensor<2x4xf32>
  %first = dorefa.arg_max %x axis 1 : tensor<2x4xf32> to tensor<2x1xi64>
  %last = dorefa.arg_max %x axis 1 select_last : tensor<2x4xf32> to tensor<2x1xi64>
  %y = arith.constant dense<[[1.0, 2.0, 0.0, 0.0], [5.0, 5.0, 7.0, -0.0]]> : tensor<2x4xf32>
  %down = dorefa.arg_max %y axis 0 : tensor<2x4xf32> to tensor<1x4xi64>
  return %first, %last, %down : tensor<2x1xi64>, tensor<2x1xi64>, tensor<1x4xi64>
}

// CHECK-LABEL: @batch_norm
// CHECK-NEXT:    = [2.75546908, 0.0148436129, 0.477551013, 1.01690972]
func.func @batch_norm() -> tensor<1x2x2xf32> {
  %x = arith.constant dense<[[[1.7, -0.3], [1.7, -0.3]]]> : tensor<1x2x2xf32>
  %gamma = arith.constant dense<[1.3, -0.4]> : tensor<2xf32>
  %beta = arith.constant dense<[0.7, 0.1]> : tensor<2xf32>
  %mean = arith.constant dense<[0.2, 3.1]> : tensor<2xf32>
  %variance = arith.constant dense<[0.9, 2.2]> : tensor<2xf32>
  %y = dorefa.batch_norm %x, %gamma, %beta, %mean, %variance epsilon 1.0e-5
    : tensor<1x2x2xf32>, tensor<2xf32>
  return %y : tensor<1x2x2xf32>
}
