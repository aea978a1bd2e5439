// RUN: dorefa-test-run %s | FileCheck %s

// What is packed at run time comes back: table offsets, planes, elements (few
// channels with and without padding, and more), with borders.
// CHECK: result0 = dense<[[A:.*]]> :
// CHECK: result1 = dense<[[B:.*]]> :
// CHECK: result2 = dense<[[C:.*]]> :
// CHECK: result3 = dense<[[C]]> :
// CHECK: result4 = dense<[[A]]> :
// CHECK: result5 = dense<[[A]]> :
// CHECK: result6 = dense<[[B]]> :
// CHECK: result7 = dense<[[C]]> :

// Sums of stored numbers, border included: 1 in 6 channels, the border 2.
// CHECK: result8 = dense<{{\[\[\[\[}}84, 72, 84], [84, 72, 84]]]]>
// 7 (the code 3) in 70 channels, the border 5.
// CHECK: result9 = dense<{{\[\[\[\[}}3710, 3990, 3710], [3710, 3990, 3710]]]]>
// Two groups of 1 in 3 channels, the border 3.
// CHECK: result10 = dense<{{\[\[\[\[}}57, 45, 57]], {{\[\[}}57, 45, 57]]]]>

!lk = tensor<1x6x2x3xi8, #dorefa.layout<lookup <u2> channels 8 border [1, 1, 1, 1] fill 2>>
!pl = tensor<1x70x2x3xi8, #dorefa.layout<planes <s3> channels 128 border [1, 1, 1, 1] fill 5>>
!el = tensor<1x3x5x7xi8, #dorefa.layout<elements <s8> channels 4 border [1, 2, 1, 0] fill 7>>
!e3 = tensor<1x3x5x7xi8, #dorefa.layout<elements <s8> channels 3 border [0, 0, 0, 0] fill 0>>
!eg = tensor<1x6x2x3xi8, #dorefa.layout<elements <u2> channels 8 border [1, 1, 1, 1] fill 3>>
func.func @net(%a: tensor<1x6x2x3xi8, #dorefa.code<u2>>, %b: tensor<1x70x2x3xi8, #dorefa.code<s3>>, %c: tensor<1x3x5x7xi8, #dorefa.code<s8>>)
 -> (tensor<1x6x2x3xi8, #dorefa.code<u2>>, tensor<1x70x2x3xi8, #dorefa.code<s3>>, tensor<1x3x5x7xi8, #dorefa.code<s8>>, tensor<1x3x5x7xi8, #dorefa.code<s8>>, tensor<1x6x2x3xi8, #dorefa.code<u2>>,
    tensor<1x6x2x3xi8, #dorefa.code<u2>>, tensor<1x70x2x3xi8, #dorefa.code<s3>>,tensor<1x3x5x7xi8, #dorefa.code<s8>>, tensor<1x1x2x3xi32>, tensor<1x1x2x3xi32>, tensor<1x2x1x3xi32>) {
  %pa = dorefa.pack %a : tensor<1x6x2x3xi8, #dorefa.code<u2>> to !lk
  %pb = dorefa.pack %b : tensor<1x70x2x3xi8, #dorefa.code<s3>> to !pl
  %pc = dorefa.pack %c : tensor<1x3x5x7xi8, #dorefa.code<s8>> to !el
  %pd = dorefa.pack %c : tensor<1x3x5x7xi8, #dorefa.code<s8>> to !e3
  %pe = dorefa.pack %a : tensor<1x6x2x3xi8, #dorefa.code<u2>> to !eg
  %ua = dorefa.unpack %pa : !lk to tensor<1x6x2x3xi8, #dorefa.code<u2>>
  %ub = dorefa.unpack %pb : !pl to tensor<1x70x2x3xi8, #dorefa.code<s3>>
  %uc = dorefa.unpack %pc : !el to tensor<1x3x5x7xi8, #dorefa.code<s8>>
  %ud = dorefa.unpack %pd : !e3 to tensor<1x3x5x7xi8, #dorefa.code<s8>>
  %ue = dorefa.unpack %pe : !eg to tensor<1x6x2x3xi8, #dorefa.code<u2>>
  %ones = arith.constant dense<1> : tensor<1x6x2x3xi8, #dorefa.code<u2>>
  %threes = arith.constant dense<3> : tensor<1x70x2x3xi8, #dorefa.code<s3>>
  %la = dorefa.pack %ones : tensor<1x6x2x3xi8, #dorefa.code<u2>> to !lk
  %lb = dorefa.pack %threes : tensor<1x70x2x3xi8, #dorefa.code<s3>> to !pl
  %le = dorefa.pack %ones : tensor<1x6x2x3xi8, #dorefa.code<u2>> to !eg
  %sa = dorefa.window_sum %la kernel [3, 3] geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : !lk to tensor<1x1x2x3xi32>
  %sb = dorefa.window_sum %lb kernel [3, 3] geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : !pl to tensor<1x1x2x3xi32>
  %se = dorefa.window_sum %le kernel [3, 3] geometry <strides = [2, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 2> : !eg to tensor<1x2x1x3xi32>
  return %ua, %ub, %uc, %ud, %ue, %a, %b, %c, %sa, %sb, %se : tensor<1x6x2x3xi8, #dorefa.code<u2>>, tensor<1x70x2x3xi8, #dorefa.code<s3>>, tensor<1x3x5x7xi8, #dorefa.code<s8>>, tensor<1x3x5x7xi8, #dorefa.code<s8>>, tensor<1x6x2x3xi8, #dorefa.code<u2>>,
    tensor<1x6x2x3xi8, #dorefa.code<u2>>, tensor<1x70x2x3xi8, #dorefa.code<s3>>,tensor<1x3x5x7xi8, #dorefa.code<s8>>, tensor<1x1x2x3xi32>, tensor<1x1x2x3xi32>, tensor<1x2x1x3xi32>
}
