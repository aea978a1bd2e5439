// RUN: dorefa-test-run %s | FileCheck %s

// Numbers next to a tie, ties, and what is clamped, as s4: (below 1/2, 1/2,
// above 1/2, 3/2, 5/2), their negatives, 0, 300, -300, NaN, infinities. A layer
// and a step of graph ops give the same.
// CHECK: result0 = dense<{{\[\[}}[[HALF_EVEN:0, 0, 1, 2, 2, 0, 0, -1, -2, -2, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result1 = dense<{{\[\[}}[[HALF_UP:0, 1, 1, 2, 3, 0, -1, -1, -2, -3, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result2 = dense<{{\[\[}}[[HALF_DOWN:0, 0, 1, 1, 2, 0, 0, -1, -1, -2, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result3 = dense<{{\[\[}}[[UP:1, 1, 1, 2, 3, -1, -1, -1, -2, -3, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result4 = dense<{{\[\[}}[[DOWN:0, 0, 0, 1, 2, 0, 0, 0, -1, -2, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result5 = dense<{{\[\[}}[[CEIL:1, 1, 1, 2, 3, 0, 0, 0, -1, -2, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result6 = dense<{{\[\[}}[[FLOOR:0, 0, 0, 1, 2, -1, -1, -1, -2, -3, 0, 7, -8, -8, 7, -8]]]]>
// CHECK: result7 = dense<{{\[\[}}[[HALF_EVEN]]]]>
// CHECK: result8 = dense<{{\[\[}}[[HALF_UP]]]]>
// CHECK: result9 = dense<{{\[\[}}[[HALF_DOWN]]]]>
// CHECK: result10 = dense<{{\[\[}}[[UP]]]]>
// CHECK: result11 = dense<{{\[\[}}[[DOWN]]]]>
// CHECK: result12 = dense<{{\[\[}}[[CEIL]]]]>
// CHECK: result13 = dense<{{\[\[}}[[FLOOR]]]]>

!reals = tensor<1x16xf32>
!codes = tensor<1x16xi8, #dorefa.code<s4>>
func.func @net(%x: !reals {dorefa.name = "x", test.input = dense<[[
      0x3EFFFFFF, 0.5, 0x3F000001, 1.5, 2.5, 0xBEFFFFFF, -0.5, 0xBF000001, -1.5,
      -2.5, 0.0, 300.0, -300.0, 0x7FC00000, 0x7F800000, 0xFF800000]]> : tensor<1x16xf32>})
    -> (!codes, !codes, !codes, !codes, !codes, !codes, !codes,
        !codes, !codes, !codes, !codes, !codes, !codes, !codes) {
  %l:7 = dorefa.layer products [] residuals(%x : !reals)
      epilogue {
      ^bb0(%r: f32):
        %0 = dorefa.quantize_scalar half_even %r code <s4> : f32 to i8
        %1 = dorefa.quantize_scalar half_up %r code <s4> : f32 to i8
        %2 = dorefa.quantize_scalar half_down %r code <s4> : f32 to i8
        %3 = dorefa.quantize_scalar up %r code <s4> : f32 to i8
        %4 = dorefa.quantize_scalar down %r code <s4> : f32 to i8
        %5 = dorefa.quantize_scalar ceil %r code <s4> : f32 to i8
        %6 = dorefa.quantize_scalar floor %r code <s4> : f32 to i8
        dorefa.yield %0, %1, %2, %3, %4, %5, %6 : i8, i8, i8, i8, i8, i8, i8
      } -> !codes, !codes, !codes, !codes, !codes, !codes, !codes
  %q0 = dorefa.quantize half_even %x : !reals to !codes
  %q1 = dorefa.quantize half_up %x : !reals to !codes
  %q2 = dorefa.quantize half_down %x : !reals to !codes
  %q3 = dorefa.quantize up %x : !reals to !codes
  %q4 = dorefa.quantize down %x : !reals to !codes
  %q5 = dorefa.quantize ceil %x : !reals to !codes
  %q6 = dorefa.quantize floor %x : !reals to !codes
  return %l#0, %l#1, %l#2, %l#3, %l#4, %l#5, %l#6, %q0, %q1, %q2, %q3, %q4, %q5, %q6
      : !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes, !codes
}
