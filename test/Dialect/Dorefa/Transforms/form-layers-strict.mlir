// RUN: dorefa-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(func.func(dorefa-form-layers{strict}))'

#unit = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]>

func.func @convolution_of_reals(%x: tensor<1x2x4xf32>) -> tensor<1x3x4xf32> {
  %w = arith.constant dense<0.5> : tensor<3x2x1xf32>
  // expected-error @below {{stays in float: the input is real}}
  %y = dorefa.conv %x, %w geometry #unit : tensor<1x2x4xf32>, tensor<3x2x1xf32> to tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}

// -----

func.func @pool_of_reals(%x: tensor<1x2x4xf32>) -> tensor<1x2x2xf32> {
  %y = dorefa.pool average %x window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]> : tensor<1x2x4xf32> to tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}
