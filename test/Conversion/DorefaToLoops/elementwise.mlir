// RUN: dorefa-test-run %s | FileCheck %s

func.func @net(
    %x: tensor<1x2x3x3xf32> {dorefa.name = "x", test.input = dense<[[[[-1.5, -0.5, 0.0], [0.5, 1.5, 2.5], [3.5, 9.0, 0x7FC00000]],
        [[-0.25, 0.25, 0.75], [1.25, 1.0, 2.0], [-3.0, 0x7F800000, 0xFF800000]]]]> : tensor<1x2x3x3xf32>},
    %c: tensor<1x2x3x3xi8, #dorefa.code<u2>> {dorefa.name = "c", test.input = dense<[[[[0, 1, 2], [3, 0, 1], [2, 3, 0]],
        [[3, 2, 1], [0, 3, 2], [1, 0, 3]]]]> : tensor<1x2x3x3xi8>})
  -> (tensor<1x2x3x3xi8, #dorefa.code<u2>>, tensor<1x2x3x3xi8, #dorefa.code<s2>>, tensor<1x2x3x3xf32>,
      tensor<1x2x3x3xf32>, tensor<1x2x3x3xi8, #dorefa.code<u1>>, tensor<1x2x3x3xi8, #dorefa.code<u2>>,
      tensor<2x9xf32>, tensor<1x2x3x3xi1>, tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) {
  // Ties to even, clamped, NaN to the lowest code.
  // CHECK: result0 = dense<{{\[\[\[\[}}0, 0, 0], [0, 2, 2], [3, 3, 0]], {{\[\[}}0, 0, 1], [1, 1, 2], [0, 3, 0]]]]> : tensor<1x2x3x3xi8>
  %q0 = dorefa.quantize half_even %x : tensor<1x2x3x3xf32> to tensor<1x2x3x3xi8, #dorefa.code<u2>>
  // CHECK: result1 = dense<{{\[\[\[\[}}-1, -1, 0], [0, 1, 1], [1, 1, -1]], {{\[\[}}-1, 0, 0], [1, 1, 1], [-1, 1, -1]]]]> : tensor<1x2x3x3xi8>
  %q1 = dorefa.quantize floor %x {min = -1 : i64, max = 1 : i64} : tensor<1x2x3x3xf32> to tensor<1x2x3x3xi8, #dorefa.code<s2>>
  // One scale a channel, then additions that are fused: (2q - zero) * scale - 0.5 + row - column.
  // CHECK: result2 = dense<{{\[\[\[\[}}-1.500000e+00, 5.000000e-01, 4.500000e+00], [4.250000e+00, -1.750000e+00, 2.250000e+00],
  // CHECK-SAME: {{\[\[}}1.000000e+00, 0.000000e+00, 1.000000e+00],
  %scale = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %zero = arith.constant dense<[1, 3]> : tensor<2xi32>
  %d = dorefa.dequantize %c, %scale, %zero axis 1 {step = 2 : i64} : tensor<1x2x3x3xi8, #dorefa.code<u2>>, tensor<2xf32>, tensor<2xi32> to tensor<1x2x3x3xf32>
  %half = arith.constant dense<-0.5> : tensor<f32>
  %halves = dorefa.broadcast %half : tensor<f32> to tensor<1x2x3x3xf32>
  %s = arith.addf %d, %halves : tensor<1x2x3x3xf32>
  %row = arith.constant dense<[0.0, 0.0, 2.0]> : tensor<3xf32>
  %col = arith.constant dense<[[0.0], [0.25], [0.5]]> : tensor<3x1xf32>
  %rows = dorefa.broadcast %row : tensor<3xf32> to tensor<1x2x3x3xf32>
  %cols = dorefa.broadcast %col : tensor<3x1xf32> to tensor<1x2x3x3xf32>
  %s1 = arith.addf %s, %rows : tensor<1x2x3x3xf32>
  %s2 = arith.subf %s1, %cols : tensor<1x2x3x3xf32>
  // CHECK: result3 = dense<{{\[\[\[\[}}-2.000000e+00, -1.000000e+00, -5.000000e-01], [0.000000e+00, 1.000000e+00, 2.000000e+00],
  // CHECK-SAME: {{\[\[}}2.875000e+00, 3.125000e+00, 3.375000e+00],
  %gamma = arith.constant dense<[2.0, 1.0]> : tensor<2xf32>
  %beta = arith.constant dense<[0.0, 3.0]> : tensor<2xf32>
  %mean = arith.constant dense<[0.5, 0.0]> : tensor<2xf32>
  %var = arith.constant dense<[3.75, 3.75]> : tensor<2xf32>
  %n = dorefa.batch_norm %x, %gamma, %beta, %mean, %var epsilon 2.5e-1 : tensor<1x2x3x3xf32>, tensor<2xf32>
  // CHECK: result4 = dense<{{\[\[\[\[}}0, 0, 1], [1, 1, 1], [1, 1, 0]], {{\[\[}}0, 1, 1], [1, 1, 1], [0, 1, 0]]]]>
  %sign = dorefa.quantize sign %x : tensor<1x2x3x3xf32> to tensor<1x2x3x3xi8, #dorefa.code<u1>>
  // CHECK: result5 = dense<{{\[\[\[\[}}0, 0, 0], [1, 2, 2], [3, 3, 0]], {{\[\[}}0, 2, 2], [2, 2, 3], [0, 3, 0]]]]>
  %t = arith.constant dense<[[0.5, 1.5, 3.0], [0.0, 2.0, 0.0]]> : tensor<2x3xf32>
  %q2 = dorefa.quantize_thresholds %x, %t axis 1 : tensor<1x2x3x3xf32>, tensor<2x3xf32> to tensor<1x2x3x3xi8, #dorefa.code<u2>>
  // The same values under another shape.
  // CHECK: result6 = dense<{{\[\[}}-1.500000e+00, 5.000000e-01, 4.500000e+00, 4.250000e+00, {{.*}}> : tensor<2x9xf32>
  %r = dorefa.reshape %s2 : tensor<1x2x3x3xf32> to tensor<2x9xf32>
  // CHECK: result7 = dense<{{\[\[\[\[}}true, true, false], [false, false, false], [false, false, false]], {{\[\[}}true, false, false], [false, false, false], [true, false, true]]]]>
  %zerof = arith.constant dense<0.0> : tensor<1x2x3x3xf32>
  %neg = arith.cmpf olt, %x, %zerof : tensor<1x2x3x3xf32>
  // CHECK: result8 = dense<{{\[\[\[\[}}-1.500000e-01, -5.000000e-02, 0.000000e+00], [5.000000e-01,
  %alpha = arith.constant dense<0.1> : tensor<1x2x3x3xf32>
  %scaled = arith.mulf %x, %alpha : tensor<1x2x3x3xf32>
  %leaky = arith.select %neg, %scaled, %x : tensor<1x2x3x3xi1>, tensor<1x2x3x3xf32>
  // CHECK: result9 = dense<{{\[\[\[\[}}0.22313{{[0-9]*}}, 0.60653{{[0-9]*}}, 1.000000e+00], [1.64872
  %e = math.exp %x : tensor<1x2x3x3xf32>
  return %q0, %q1, %s2, %n, %sign, %q2, %r, %neg, %leaky, %e : tensor<1x2x3x3xi8, #dorefa.code<u2>>, tensor<1x2x3x3xi8, #dorefa.code<s2>>, tensor<1x2x3x3xf32>,
      tensor<1x2x3x3xf32>, tensor<1x2x3x3xi8, #dorefa.code<u1>>, tensor<1x2x3x3xi8, #dorefa.code<u2>>,
      tensor<2x9xf32>, tensor<1x2x3x3xi1>, tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>
}
