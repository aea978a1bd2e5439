// RUN: dorefa-interpret %s | FileCheck %s

// CHECK-LABEL: @broadcast
// CHECK-NEXT:    = [1, 1, 2, 2, 1, 1, 2, 2]
// CHECK-NEXT:    = [7, 7]
func.func @broadcast() -> (tensor<2x2x2xf32>, tensor<2xi8, #dorefa.code<u3>>) {
  %x = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %y = dorefa.broadcast %x : tensor<2x1xf32> to tensor<2x2x2xf32>
  %q = arith.constant dense<7> : tensor<i8, #dorefa.code<u3>>
  %p = dorefa.broadcast %q : tensor<i8, #dorefa.code<u3>> to tensor<2xi8, #dorefa.code<u3>>
  return %y, %p : tensor<2x2x2xf32>, tensor<2xi8, #dorefa.code<u3>>
}

// CHECK-LABEL: @reshape
// CHECK-NEXT:    tensor<3x2xi8, #dorefa.code<u3>> = [1, 2, 3, 4, 5, 6]
func.func @reshape() -> tensor<3x2xi8, #dorefa.code<u3>> {
  %x = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8, #dorefa.code<u3>>
  %y = dorefa.reshape %x : tensor<2x3xi8, #dorefa.code<u3>> to tensor<3x2xi8, #dorefa.code<u3>>
  return %y : tensor<3x2xi8, #dorefa.code<u3>>
}

// CHECK-LABEL: @transpose
// CHECK-NEXT:    = [1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12]
// CHECK-NEXT:    = [1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12]
func.func @transpose() -> (tensor<2x3x2xf32>, tensor<2x3x2xf32>) {
  %x = arith.constant dense<[[[1., 2., 3.], [4., 5., 6.]], [[7., 8., 9.], [10., 11., 12.]]]> : tensor<2x2x3xf32>
  %y = dorefa.transpose %x permutation [0, 2, 1] : tensor<2x2x3xf32> to tensor<2x3x2xf32>
  %z = dorefa.transpose %x permutation [1, 2, 0] : tensor<2x2x3xf32> to tensor<2x3x2xf32>
  return %y, %z : tensor<2x3x2xf32>, tensor<2x3x2xf32>
}

// CHECK-LABEL: @concat
// CHECK-NEXT:    = [1, 2, 5, 3, 4, 6]
// CHECK-NEXT:    = [1, 2, 3, 4, 1, 2, 3, 4]
func.func @concat() -> (tensor<2x3xi8, #dorefa.code<u3>>, tensor<4x2xi8, #dorefa.code<u3>>) {
  %x = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8, #dorefa.code<u3>>
  %y = arith.constant dense<[[5], [6]]> : tensor<2x1xi8, #dorefa.code<u3>>
  %z = dorefa.concat %x, %y axis 1
    : tensor<2x2xi8, #dorefa.code<u3>>, tensor<2x1xi8, #dorefa.code<u3>> to tensor<2x3xi8, #dorefa.code<u3>>
  %w = dorefa.concat %x, %x axis 0
    : tensor<2x2xi8, #dorefa.code<u3>>, tensor<2x2xi8, #dorefa.code<u3>> to tensor<4x2xi8, #dorefa.code<u3>>
  return %z, %w : tensor<2x3xi8, #dorefa.code<u3>>, tensor<4x2xi8, #dorefa.code<u3>>
}

// CHECK-LABEL: @slice
// CHECK-NEXT:    = [6, 4, 3, 1]
func.func @slice() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1., 2., 3.], [4., 5., 6.]]> : tensor<2x3xf32>
  %y = dorefa.slice %x offsets [1, 2] steps [-1, -2] : tensor<2x3xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: @gather
// CHECK-NEXT:    = [3, 1, 2, 3, 6, 4, 5, 6]
func.func @gather() -> tensor<2x2x2xf32> {
  %x = arith.constant dense<[[1., 2., 3.], [4., 5., 6.]]> : tensor<2x3xf32>
  %i = arith.constant dense<[[2, 0], [-2, -1]]> : tensor<2x2xi64>
  %y = dorefa.gather %x, %i axis 1 : tensor<2x3xf32>, tensor<2x2xi64> to tensor<2x2x2xf32>
  return %y : tensor<2x2x2xf32>
}

// Indices that are not constant are clamped.
// CHECK-LABEL: @gather_outside
// CHECK-NEXT:    = [3, 1]
func.func @gather_outside() -> tensor<2xf32> {
  %x = arith.constant dense<[1., 2., 3.]> : tensor<3xf32>
  %i = arith.constant dense<[4, -4]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<2xi64>
  %j = arith.addi %i, %zero : tensor<2xi64>
  %y = dorefa.gather %x, %j axis 0 : tensor<3xf32>, tensor<2xi64> to tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK-LABEL: @pad
// CHECK-NEXT:    = [3, 3, 3, 1, 2, 3]
func.func @pad() -> tensor<2x3xi8, #dorefa.code<u2>> {
  %x = arith.constant dense<[[1, 2]]> : tensor<1x2xi8, #dorefa.code<u2>>
  %v = arith.constant dense<3> : tensor<i8, #dorefa.code<u2>>
  %y = dorefa.pad %x, %v low [1, 0] high [0, 1]
    : tensor<1x2xi8, #dorefa.code<u2>>, tensor<i8, #dorefa.code<u2>> to tensor<2x3xi8, #dorefa.code<u2>>
  return %y : tensor<2x3xi8, #dorefa.code<u2>>
}

// CHECK-LABEL: @resize
// CHECK-NEXT:    = [1, 1, 2, 1, 1, 2, 3, 3, 4]
func.func @resize() -> tensor<3x3xf32> {
  %x = arith.constant dense<[[1., 2.], [3., 4.]]> : tensor<2x2xf32>
  %y = dorefa.resize %x indices [array<i64: 0, 0, 1>, array<i64: 0, 0, 1>] : tensor<2x2xf32> to tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}
