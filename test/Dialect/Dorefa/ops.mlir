// RUN: dorefa-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @quantizers(
func.func @quantizers(%x: tensor<1x2x4x4xf32>, %t: tensor<2x3xf32>, %s: tensor<2xf32>, %z: tensor<i32>) -> tensor<1x2x4x4xf32> {
  // CHECK: dorefa.quantize half_even %{{.*}} : tensor<1x2x4x4xf32> to tensor<1x2x4x4xi8, #dorefa.code<u2>>
  %q = dorefa.quantize half_even %x : tensor<1x2x4x4xf32> to tensor<1x2x4x4xi8, #dorefa.code<u2>>
  %n = dorefa.quantize floor %x {min = -1 : i64, max = 1 : i64} : tensor<1x2x4x4xf32> to tensor<1x2x4x4xi8, #dorefa.code<s2>>
  // CHECK: dorefa.quantize_thresholds
  %c = dorefa.quantize_thresholds %x, %t axis 1 : tensor<1x2x4x4xf32>, tensor<2x3xf32> to tensor<1x2x4x4xi8, #dorefa.code<u2>>
  // CHECK: dorefa.dequantize %{{.*}}, %{{.*}}, %{{.*}} axis 1 {step = 2 : i64}
  %d = dorefa.dequantize %q, %s, %z axis 1 {step = 2 : i64} : tensor<1x2x4x4xi8, #dorefa.code<u2>>, tensor<2xf32>, tensor<i32> to tensor<1x2x4x4xf32>
  return %d : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: func.func @structured(
func.func @structured(%x: tensor<1x2x8x8xf32>, %w: tensor<4x2x3x3xf32>, %p: tensor<4xf32>) -> tensor<1x4x1x1xf32> {
  // CHECK: dorefa.conv %{{.*}}, %{{.*}} geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
  %y = dorefa.conv %x, %w geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : tensor<1x2x8x8xf32>, tensor<4x2x3x3xf32> to tensor<1x4x8x8xf32>
  %n = dorefa.batch_norm %y, %p, %p, %p, %p epsilon 1.0e-5 : tensor<1x4x8x8xf32>, tensor<4xf32>
  // CHECK: dorefa.pool average
  %a = dorefa.pool average %n window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> count_padding : tensor<1x4x8x8xf32> to tensor<1x4x4x4xf32>
  // CHECK: dorefa.reduce mean
  %r = dorefa.reduce mean %a axes [2, 3] : tensor<1x4x4x4xf32> to tensor<1x4x1x1xf32>
  return %r : tensor<1x4x1x1xf32>
}

// CHECK-LABEL: func.func @layer(
func.func @layer(%x: tensor<1x64x8x8xi8, #dorefa.code<u2>>, %w: tensor<64x64x3x3xi8, #dorefa.code<u1>>, %t: tensor<64x3xi32>) -> tensor<1x64x4x4xi8, #dorefa.code<u2>> {
  // CHECK: dorefa.layer products [#dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> weight <zero = [1], step = 2>>]
  // CHECK-SAME: pool max <kernel = [2, 2]
  %q = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
                                weight <zero = [1], step = 2>>]
      inputs(%x : tensor<1x64x8x8xi8, #dorefa.code<u2>>)
      weights(%w : tensor<64x64x3x3xi8, #dorefa.code<u1>>)
      parameters(%t : tensor<64x3xi32>)
      pool max <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>
      epilogue {
      ^bb0(%d: i32, %t0: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %t0 : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } -> tensor<1x64x4x4xi8, #dorefa.code<u2>>
  return %q : tensor<1x64x4x4xi8, #dorefa.code<u2>>
}

// CHECK-LABEL: func.func @dense(
func.func @dense(%x: tensor<1x64xf32>, %w: tensor<10x64xf32>) -> tensor<1x10xf32> {
  // CHECK: strides = [], pads = [], dilations = []
  // CHECK-SAME: channels_first true
  %y = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []> channels_first true>]
      inputs(%x : tensor<1x64xf32>) weights(%w : tensor<10x64xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x10xf32>
  return %y : tensor<1x10xf32>
}

// CHECK-LABEL: func.func @packed(
func.func @packed(%x: tensor<1x64x8x8xi8, #dorefa.code<u2>>) -> tensor<1x1x8x8xi32> {
  // CHECK: dorefa.pack %{{.*}} to tensor<1x64x8x8xi8, #dorefa.layout<lookup <u2> channels 64 border [1, 1, 1, 1] fill 0>>
  %p = dorefa.pack %x : tensor<1x64x8x8xi8, #dorefa.code<u2>> to tensor<1x64x8x8xi8, #dorefa.layout<lookup <u2> channels 64 border [1, 1, 1, 1] fill 0>>
  %u = dorefa.unpack %p : tensor<1x64x8x8xi8, #dorefa.layout<lookup <u2> channels 64 border [1, 1, 1, 1] fill 0>> to tensor<1x64x8x8xi8, #dorefa.code<u2>>
  // CHECK: dorefa.window_sum
  %s = dorefa.window_sum %p kernel [3, 3] geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : tensor<1x64x8x8xi8, #dorefa.layout<lookup <u2> channels 64 border [1, 1, 1, 1] fill 0>> to tensor<1x1x8x8xi32>
  return %s : tensor<1x1x8x8xi32>
}
