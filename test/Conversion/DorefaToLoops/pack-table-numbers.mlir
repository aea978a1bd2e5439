// RUN: dorefa-test-run %s | FileCheck %s

// Table numbers of 128 channels, packed at run time, come back.
// CHECK: result0 = dense<[[A:.*]]> :
// CHECK: result1 = dense<[[B:.*]]> :
// CHECK: result2 = dense<[[A]]> :
// CHECK: result3 = dense<[[B]]> :
// Sums of stored numbers, border included: 1 in 128 channels, the border 2.
// CHECK: result4 = dense<{{\[\[\[\[}}1792, 1536, 1792], [1792, 1536, 1792]]]]>
// 1 in the 64 channels of each group, the border 1.
// CHECK: result5 = dense<576>

!a = tensor<1x128x2x3xi8, #dorefa.code<u2>>
!b = tensor<1x128x2x3xi8, #dorefa.code<s1>>
!pa = tensor<1x128x2x3xi8, #dorefa.layout<lookup64 <u2> channels 128 border [1, 1, 1, 1] fill 2>>
!pb = tensor<1x128x2x3xi8, #dorefa.layout<lookup64 <s1> channels 128 border [1, 1, 1, 1] fill 1>>
func.func @net(%a: !a, %b: !b) -> (!a, !b, !a, !b, tensor<1x1x2x3xi32>, tensor<1x2x2x3xi32>) {
  %p = dorefa.pack %a : !a to !pa
  %q = dorefa.pack %b : !b to !pb
  %u = dorefa.unpack %p : !pa to !a
  %v = dorefa.unpack %q : !pb to !b
  %ones = arith.constant dense<1> : !a
  %zeros = arith.constant dense<0> : !b
  %r = dorefa.pack %ones : !a to !pa
  %s = dorefa.pack %zeros : !b to !pb
  %m = dorefa.window_sum %r kernel [3, 3] geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : !pa to tensor<1x1x2x3xi32>
  %n = dorefa.window_sum %s kernel [3, 3] geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 2> : !pb to tensor<1x2x2x3xi32>
  return %u, %v, %a, %b, %m, %n : !a, !b, !a, !b, tensor<1x1x2x3xi32>, tensor<1x2x2x3xi32>
}
