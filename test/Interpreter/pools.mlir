// RUN: dorefa-interpret %s | FileCheck %s

// Positions outside are skipped, even where all codes inside are negative.
// CHECK-LABEL: @max_of_codes
// CHECK-NEXT:    = [-3, -2, -1, -1]
// CHECK-NEXT:    = [-4, -3, -2, -1]
func.func @max_of_codes() -> (tensor<1x1x2x2xi8, #dorefa.code<s3>>, tensor<1x1x2x2xi8, #dorefa.code<s3>>) {
  %x = arith.constant dense<[[[[-3, -4, -2], [-4, -3, -3], [-1, -2, -1]]]]>
    : tensor<1x1x3x3xi8, #dorefa.code<s3>>
  %max = dorefa.pool max %x window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 0, 0], dilations = [1, 1]>
    : tensor<1x1x3x3xi8, #dorefa.code<s3>> to tensor<1x1x2x2xi8, #dorefa.code<s3>>
  %min = dorefa.pool min %x window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 1, 1], dilations = [1, 1]>
    : tensor<1x1x3x3xi8, #dorefa.code<s3>> to tensor<1x1x2x2xi8, #dorefa.code<s3>>
  return %max, %min : tensor<1x1x2x2xi8, #dorefa.code<s3>>, tensor<1x1x2x2xi8, #dorefa.code<s3>>
}

// CHECK-LABEL: @max_of_reals
// CHECK-NEXT:    = [2, nan, -1]
// CHECK-NEXT:    = [0, 2]
func.func @max_of_reals() -> (tensor<1x1x3xf32>, tensor<1x1x2xf32>) {
  %x = arith.constant dense<[[[1.0, 2.0, 0x7FC00000, 3.0, -1.0, -2.0]]]> : tensor<1x1x6xf32>
  %max = dorefa.pool max %x window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]>
    : tensor<1x1x6xf32> to tensor<1x1x3xf32>
  %y = arith.constant dense<[[[-0.0, 1.0, 0.0, 2.0]]]> : tensor<1x1x4xf32>
  %dilated = dorefa.pool max %y window <kernel = [2], strides = [1], pads = [0, 0], dilations = [2]>
    : tensor<1x1x4xf32> to tensor<1x1x2xf32>
  return %max, %dilated : tensor<1x1x3xf32>, tensor<1x1x2xf32>
}

// A window without any element.
// CHECK-LABEL: @empty_window
// CHECK-NEXT:    = [-inf, 5, 5, -inf]
// CHECK-NEXT:    = [0, 2, 2, 0]
// CHECK-NEXT:    = [nan, 5, 5, nan]
func.func @empty_window() -> (tensor<1x1x4xf32>, tensor<1x1x4xi8, #dorefa.code<u2>>, tensor<1x1x4xf32>) {
  %x = arith.constant dense<5.0> : tensor<1x1x1xf32>
  %q = arith.constant dense<2> : tensor<1x1x1xi8, #dorefa.code<u2>>
  %max = dorefa.pool max %x window <kernel = [2], strides = [1], pads = [2, 2], dilations = [1]>
    : tensor<1x1x1xf32> to tensor<1x1x4xf32>
  %codes = dorefa.pool max %q window <kernel = [2], strides = [1], pads = [2, 2], dilations = [1]>
    : tensor<1x1x1xi8, #dorefa.code<u2>> to tensor<1x1x4xi8, #dorefa.code<u2>>
  %mean = dorefa.pool average %x window <kernel = [2], strides = [1], pads = [2, 2], dilations = [1]>
    : tensor<1x1x1xf32> to tensor<1x1x4xf32>
  return %max, %codes, %mean : tensor<1x1x4xf32>, tensor<1x1x4xi8, #dorefa.code<u2>>, tensor<1x1x4xf32>
}

// CHECK-LABEL: @average_at_the_border
// CHECK-NEXT:    = [1, 1.5, 2]
// CHECK-NEXT:    = [0.5, 1.5, 1]
// CHECK-NEXT:    = [1, 3, 2]
func.func @average_at_the_border() -> (tensor<1x1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x3xf32>) {
  %x = arith.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  %inside = dorefa.pool average %x window <kernel = [2], strides = [1], pads = [1, 1], dilations = [1]>
    : tensor<1x1x2xf32> to tensor<1x1x3xf32>
  %all = dorefa.pool average %x window <kernel = [2], strides = [1], pads = [1, 1], dilations = [1]> count_padding
    : tensor<1x1x2xf32> to tensor<1x1x3xf32>
  %sum = dorefa.pool sum %x window <kernel = [2], strides = [1], pads = [1, 1], dilations = [1]>
    : tensor<1x1x2xf32> to tensor<1x1x3xf32>
  return %inside, %all, %sum : tensor<1x1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x3xf32>
}

// Reals in the order of the kernel: 1e8 + 1 - 1e8 is 0. Codes exactly: the sum
// 7 times 0.1, then divided by 3, with one rounding each.
// CHECK-LABEL: @order_of_average
// CHECK-NEXT:    = [0]
// CHECK-NEXT:    = [0.233333334, 0.466666669]
func.func @order_of_average() -> (tensor<1x1x1xf32>, tensor<1x2x1xf32>) {
  %x = arith.constant dense<[[[1.0e8, 1.0, -1.0e8]]]> : tensor<1x1x3xf32>
  %mean = dorefa.pool average %x window <kernel = [3], strides = [1], pads = [0, 0], dilations = [1]>
    : tensor<1x1x3xf32> to tensor<1x1x1xf32>
  %q = arith.constant dense<[[[3, 4, 3], [4, 3, 3]]]> : tensor<1x2x3xi8, #dorefa.code<u3>>
  %s = arith.constant dense<[0.1, 0.2]> : tensor<2xf32>
  %z = arith.constant dense<1> : tensor<i32>
  %y = dorefa.dequantize %q, %s, %z axis 1
    : tensor<1x2x3xi8, #dorefa.code<u3>>, tensor<2xf32>, tensor<i32> to tensor<1x2x3xf32>
  %exact = dorefa.pool average %y window <kernel = [3], strides = [1], pads = [0, 0], dilations = [1]>
    : tensor<1x2x3xf32> to tensor<1x2x1xf32>
  return %mean, %exact : tensor<1x1x1xf32>, tensor<1x2x1xf32>
}
