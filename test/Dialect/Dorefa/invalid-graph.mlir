// RUN: dorefa-opt %s --split-input-file --verify-diagnostics

// Between reals and codes.

func.func @codes_in_other_elements(%x: tensor<4xf32>) {
  // expected-error @below {{expected #dorefa.code<u9> to be stored in 'i16', but got 'i8'}}
  %q = dorefa.quantize half_even %x : tensor<4xf32> to tensor<4xi8, #dorefa.code<u9>>
  return
}

// -----

func.func @bounds_outside_the_codes(%x: tensor<4xf32>) {
  // expected-error @below {{expected min <= max inside [0, 3], but got [-1, 3]}}
  %q = dorefa.quantize half_even %x {min = -1 : i64} : tensor<4xf32> to tensor<4xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @sign_of_two_bits(%x: tensor<4xf32>) {
  // expected-error @below {{requires u1 codes and no min or max for sign}}
  %q = dorefa.quantize sign %x : tensor<4xf32> to tensor<4xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @axis_of_thresholds(%x: tensor<1x4xf32>, %t: tensor<1x3xf32>) {
  // expected-error @below {{expected an axis from 0 to 1, but got 2}}
  %q = dorefa.quantize_thresholds %x, %t axis 2 : tensor<1x4xf32>, tensor<1x3xf32> to tensor<1x4xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @shape_of_counts(%x: tensor<1x4xf32>, %t: tensor<1x3xf32>) {
  // expected-error @below {{expected a result of shape [1, 4], but got [1, 5]}}
  %q = dorefa.quantize_thresholds %x, %t axis 1 : tensor<1x4xf32>, tensor<1x3xf32> to tensor<1x5xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @rows_of_thresholds(%x: tensor<1x4xf32>, %t: tensor<2x3xf32>) {
  // expected-error @below {{expected thresholds of shape [1 or 4, count], but got [2, 3]}}
  %q = dorefa.quantize_thresholds %x, %t axis 1 : tensor<1x4xf32>, tensor<2x3xf32> to tensor<1x4xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @more_thresholds_than_codes(%x: tensor<1x4xf32>, %t: tensor<1x4xf32>) {
  // expected-error @below {{expected unsigned codes that hold a count of 4, but got #dorefa.code<u2>}}
  %q = dorefa.quantize_thresholds %x, %t axis 1 : tensor<1x4xf32>, tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @shape_of_reals(%q: tensor<1x4xi8, #dorefa.code<u2>>, %s: tensor<f32>, %z: tensor<i32>) {
  // expected-error @below {{expected a result of shape [1, 4], but got [4]}}
  %x = dorefa.dequantize %q, %s, %z : tensor<1x4xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  return
}

// -----

func.func @step_of_codes(%q: tensor<1x4xi8, #dorefa.code<u2>>, %s: tensor<f32>, %z: tensor<i32>) {
  // expected-error @below {{expected a step of 1 or 2, but got 3}}
  %x = dorefa.dequantize %q, %s, %z {step = 3 : i64} : tensor<1x4xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x4xf32>
  return
}

// -----

func.func @axis_of_scales(%q: tensor<1x4xi8, #dorefa.code<u2>>, %s: tensor<4xf32>, %z: tensor<i32>) {
  // expected-error @below {{expected an axis from 0 to 1, but got 2}}
  %x = dorefa.dequantize %q, %s, %z axis 2 : tensor<1x4xi8, #dorefa.code<u2>>, tensor<4xf32>, tensor<i32> to tensor<1x4xf32>
  return
}

// -----

func.func @scales_of_other_channels(%q: tensor<1x4xi8, #dorefa.code<u2>>, %s: tensor<3xf32>, %z: tensor<i32>) {
  // expected-error @below {{expected a single value or 4 values along axis 1, but got shape [3]}}
  %x = dorefa.dequantize %q, %s, %z axis 1 : tensor<1x4xi8, #dorefa.code<u2>>, tensor<3xf32>, tensor<i32> to tensor<1x4xf32>
  return
}

// -----

// Structured ops.

func.func @convolution_without_spatial_dimensions(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) {
  // expected-error @below {{expected one or two spatial dimensions, but got 0}}
  %y = dorefa.conv %x, %w geometry <strides = [], pads = [], dilations = []> : tensor<1x2xf32>, tensor<3x2xf32> to tensor<1x3xf32>
  return
}

// -----

func.func @kernel_larger_than_image(%x: tensor<1x2x2xf32>, %w: tensor<3x2x5xf32>) {
  // expected-error @below {{input [1, 2, 2], weights [3, 2, 5] and #dorefa.conv<strides = [1], pads = [1, 1], dilations = [1]> do not fit together}}
  %y = dorefa.conv %x, %w geometry <strides = [1], pads = [1, 1], dilations = [1]> : tensor<1x2x2xf32>, tensor<3x2x5xf32> to tensor<1x3x1xf32>
  return
}

// -----

func.func @shape_of_convolution(%x: tensor<1x2x4xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{expected a result of shape [1, 3, 2], but got [1, 3, 4]}}
  %y = dorefa.conv %x, %w geometry <strides = [1], pads = [0, 0], dilations = [1]> : tensor<1x2x4xf32>, tensor<3x2x3xf32> to tensor<1x3x4xf32>
  return
}

// -----

func.func @columns_and_rows(%x: tensor<1x2xf32>, %w: tensor<3x4xf32>) {
  // expected-error @below {{operands [1, 2] and [3, 4] do not fit together}}
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<3x4xf32> to tensor<1x4xf32>
  return
}

// -----

func.func @batches_of_matrices(%x: tensor<2x1x3xf32>, %w: tensor<4x3x5xf32>) {
  // expected-error @below {{dimension 0 does not broadcast: 2 and 4}}
  %y = dorefa.matmul %x, %w : tensor<2x1x3xf32>, tensor<4x3x5xf32> to tensor<4x1x5xf32>
  return
}

// -----

func.func @shape_of_matmul(%x: tensor<1x2xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{expected a result of shape [1, 4], but got [4, 1]}}
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<2x4xf32> to tensor<4x1xf32>
  return
}

// -----

func.func @parameters_of_other_channels(%x: tensor<1x2x4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{expected one parameter a channel of dimension 1 of [1, 2, 4], but got [4]}}
  %y = dorefa.batch_norm %x, %p, %p, %p, %p epsilon 1.0e-5 : tensor<1x2x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @window_larger_than_image(%x: tensor<1x2x2xf32>) {
  // expected-error @below {{input [1, 2, 2] and #dorefa.window<kernel = [3], strides = [1], pads = [0, 0], dilations = [1]> do not fit together}}
  %y = dorefa.pool max %x window <kernel = [3], strides = [1], pads = [0, 0], dilations = [1]> : tensor<1x2x2xf32> to tensor<1x2x1xf32>
  return
}

// -----

func.func @pool_to_other_codes(%x: tensor<1x2x2xi8, #dorefa.code<u2>>) {
  // expected-error @below {{expected the result to have the input's elements}}
  %y = dorefa.pool max %x window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]> : tensor<1x2x2xi8, #dorefa.code<u2>> to tensor<1x2x1xi8, #dorefa.code<u3>>
  return
}

// -----

func.func @average_of_codes(%x: tensor<1x2x2xi8, #dorefa.code<u2>>) {
  // expected-error @below {{requires reals for a sum or an average}}
  %y = dorefa.pool average %x window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]> : tensor<1x2x2xi8, #dorefa.code<u2>> to tensor<1x2x1xi8, #dorefa.code<u2>>
  return
}

// -----

func.func @maximum_that_counts_padding(%x: tensor<1x2x2xf32>) {
  // expected-error @below {{requires an average for count_padding}}
  %y = dorefa.pool max %x window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]> count_padding : tensor<1x2x2xf32> to tensor<1x2x1xf32>
  return
}

// -----

func.func @shape_of_pool(%x: tensor<1x2x2xf32>) {
  // expected-error @below {{expected a result of shape [1, 2, 1], but got [1, 2, 2]}}
  %y = dorefa.pool max %x window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]> : tensor<1x2x2xf32> to tensor<1x2x2xf32>
  return
}

// -----

func.func @axis_of_reduction(%x: tensor<1x2x2xf32>) {
  // expected-error @below {{expected an axis from 0 to 2, but got -1}}
  %y = dorefa.reduce sum %x axes [-1] : tensor<1x2x2xf32> to tensor<1x2x1xf32>
  return
}

// -----

func.func @shape_of_reduction(%x: tensor<1x2x2xf32>) {
  // expected-error @below {{expected a result of shape [1, 2, 1], but got [1, 2]}}
  %y = dorefa.reduce sum %x axes [2] : tensor<1x2x2xf32> to tensor<1x2xf32>
  return
}

// -----

func.func @axis_of_softmax(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected an axis from 0 to 1, but got 4}}
  %y = dorefa.softmax %x axis 4 : tensor<1x4xf32>
  return
}

// -----

func.func @sigmoid_of_another_shape(%x: tensor<1x4xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "dorefa.sigmoid"(%x) : (tensor<1x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @axis_of_index(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected an axis from 0 to 1, but got 2}}
  %y = dorefa.arg_max %x axis 2 : tensor<1x4xf32> to tensor<1x1xi64>
  return
}

// -----

func.func @shape_of_index(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected a result of shape [1, 1], but got [1]}}
  %y = dorefa.arg_max %x axis 1 : tensor<1x4xf32> to tensor<1xi64>
  return
}
