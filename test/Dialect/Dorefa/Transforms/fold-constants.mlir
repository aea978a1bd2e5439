// RUN: dorefa-opt %s --pass-pipeline='builtin.module(func.func(dorefa-fold-constants))' | FileCheck %s

// CHECK-LABEL: func.func @arithmetic_is_ieee(
// CHECK:         dense<[1.33333337, 2.81474977E+14, 1.500000e-01]>
// CHECK:         dense<[0x7FC00000, 0.000000e+00]>
// CHECK:         dense<[0x7FC00000, -0.000000e+00]>
// CHECK:         dense<true>
func.func @arithmetic_is_ieee() -> (tensor<3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>) {
  %a = arith.constant dense<[1.0, 16777216.0, 0.1]> : tensor<3xf32>
  %b = arith.constant dense<[3.0, 1.0, 0.2]> : tensor<3xf32>
  %d = arith.divf %a, %b : tensor<3xf32>
  %s = arith.addf %a, %b : tensor<3xf32>
  %m = arith.mulf %d, %s : tensor<3xf32>
  %nan = arith.constant dense<[0x7FC00000, -0.0]> : tensor<2xf32>
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %max = arith.maximumf %nan, %z : tensor<2xf32>
  %min = arith.minimumf %nan, %z : tensor<2xf32>
  %c = arith.cmpf uge, %nan, %z : tensor<2xf32>
  return %m, %max, %min, %c : tensor<3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>
}

// CHECK-LABEL: func.func @functions_are_ours(
// CHECK:         dense<[0.462117165, -0.964027583]>
// CHECK:         dense<18.3385334>
// CHECK:         dense<0.622459352>
func.func @functions_are_ours() -> (tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) {
  %a = arith.constant dense<[0.5, -2.0]> : tensor<2xf32>
  %t = math.tanh %a : tensor<2xf32>
  %v = arith.constant dense<336.3017883300781> : tensor<1xf32>
  %h = arith.constant dense<0.5> : tensor<1xf32>
  %p = math.powf %v, %h : tensor<1xf32>
  %g = dorefa.sigmoid %h : tensor<1xf32>
  return %t, %p, %g : tensor<2xf32>, tensor<1xf32>, tensor<1xf32>
}

// CHECK-LABEL: func.func @rounding_modes(
// CHECK:         dense<[0, 2, 0, -4, 3, 0]>
// CHECK:         dense<[1, 2, -1, -4, 3, 0]>
// CHECK:         dense<[0, 1, 0, -3, 3, 0]>
// CHECK:         dense<[1, 2, -1, -4, 3, 0]>
// CHECK:         dense<[1, 1, 0, 0, 1, 1]>
func.func @rounding_modes() -> (tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<u1>>) {
  %x = arith.constant dense<[0.5, 1.5, -0.5, 0x7FC00000, 9.0, -0.0]> : tensor<6xf32>
  %e = dorefa.quantize half_even %x : tensor<6xf32> to tensor<6xi8, #dorefa.code<s3>>
  %u = dorefa.quantize half_up %x : tensor<6xf32> to tensor<6xi8, #dorefa.code<s3>>
  %d = dorefa.quantize half_down %x {min = -3 : i64} : tensor<6xf32> to tensor<6xi8, #dorefa.code<s3>>
  %a = dorefa.quantize up %x : tensor<6xf32> to tensor<6xi8, #dorefa.code<s3>>
  %s = dorefa.quantize sign %x : tensor<6xf32> to tensor<6xi8, #dorefa.code<u1>>
  return %e, %u, %d, %a, %s : tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<s3>>, tensor<6xi8, #dorefa.code<u1>>
}

// CHECK-LABEL: func.func @codes_become_reals(
// CHECK:         dense<{{\[}}[2.545000e+02, 5.000000e-01], [2.000000e-01, 50.6000023]]>
// CHECK:         dense<[0, 2, 3, 0]>
func.func @codes_become_reals() -> (tensor<2x2xf32>, tensor<4xi8, #dorefa.code<u2>>) {
  %q = arith.constant dense<[[-1, 1], [2, -2]]> : tensor<2x2xi8, #dorefa.code<u8>>
  %s = arith.constant dense<[0.5, 0.1]> : tensor<2xf32>
  %z = arith.constant dense<[1, 2]> : tensor<2xi32>
  %v = dorefa.dequantize %q, %s, %z axis 0 {step = 2 : i64} : tensor<2x2xi8, #dorefa.code<u8>>, tensor<2xf32>, tensor<2xi32> to tensor<2x2xf32>
  %x = arith.constant dense<[0.0, 1.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %t = arith.constant dense<[[1.0, 0.5, 2.0]]> : tensor<1x3xf32>
  %n = dorefa.quantize_thresholds %x, %t axis 0 : tensor<4xf32>, tensor<1x3xf32> to tensor<4xi8, #dorefa.code<u2>>
  return %v, %n : tensor<2x2xf32>, tensor<4xi8, #dorefa.code<u2>>
}

// CHECK-LABEL: func.func @shapes(
// CHECK:         dense<{{\[}}[1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]>
// CHECK:         dense<{{\[}}[4.000000e+00, 6.000000e+00], [1.000000e+00, 3.000000e+00]]>
// CHECK:         dense<{{\[}}[4.000000e+00, 6.000000e+00, 3.000000e+00, 1.000000e+00], [1.000000e+00, 3.000000e+00, 6.000000e+00, 4.000000e+00]]>
// CHECK:         dense<{{\[}}[0.000000e+00, 0.000000e+00, 0.000000e+00], [1.000000e+00, 2.000000e+00, 3.000000e+00], [4.000000e+00, 5.000000e+00, 6.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00]]>
// CHECK:         dense<{{\[}}[3.000000e+00], [6.000000e+00]]>
// CHECK:         dense<3.500000e+00>
func.func @shapes() -> (tensor<3x2xf32>, tensor<2x2xf32>, tensor<2x4xf32>, tensor<4x3xf32>, tensor<2x1xf32>, tensor<1x1xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %i = arith.constant dense<[-1, 0]> : tensor<2xi64>
  %t = dorefa.transpose %x permutation [1, 0] : tensor<2x3xf32> to tensor<3x2xf32>
  %s = dorefa.slice %x offsets [1, 0] steps [-1, 2] : tensor<2x3xf32> to tensor<2x2xf32>
  %g = dorefa.gather %x, %i axis 1 : tensor<2x3xf32>, tensor<2xi64> to tensor<2x2xf32>
  %c = dorefa.concat %s, %g axis 1 : tensor<2x2xf32>, tensor<2x2xf32> to tensor<2x4xf32>
  %p = dorefa.pad %x, %zero low [1, 0] high [1, 0] : tensor<2x3xf32>, tensor<f32> to tensor<4x3xf32>
  %m = dorefa.reduce max %x axes [1] : tensor<2x3xf32> to tensor<2x1xf32>
  %a = dorefa.reduce mean %x axes [0, 1] : tensor<2x3xf32> to tensor<1x1xf32>
  return %t, %s, %c, %p, %m, %a : tensor<3x2xf32>, tensor<2x2xf32>, tensor<2x4xf32>, tensor<4x3xf32>, tensor<2x1xf32>, tensor<1x1xf32>
}

// CHECK-LABEL: func.func @broadcast_of_channels_stays(
// CHECK:         %[[C:.+]] = arith.constant dense<{{.+}}> : tensor<1x2x1x1xf32>
// CHECK:         %[[B:.+]] = dorefa.broadcast %[[C]]
// CHECK:         arith.addf %arg0, %[[B]]
// CHECK:         arith.constant dense<2.000000e+00> : tensor<1x2x8x8xf32>
func.func @broadcast_of_channels_stays(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %a = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = arith.constant dense<2.0> : tensor<f32>
  %bb = dorefa.broadcast %b : tensor<f32> to tensor<2xf32>
  %m = arith.mulf %a, %bb : tensor<2xf32>
  %r = dorefa.reshape %m : tensor<2xf32> to tensor<1x2x1x1xf32>
  %c = dorefa.broadcast %r : tensor<1x2x1x1xf32> to tensor<1x2x8x8xf32>
  %y = arith.addf %x, %c : tensor<1x2x8x8xf32>
  %bc = dorefa.broadcast %b : tensor<f32> to tensor<1x2x8x8xf32>
  %z = arith.mulf %y, %bc : tensor<1x2x8x8xf32>
  return %z : tensor<1x2x8x8xf32>
}

// CHECK-LABEL: func.func @dequantize_stays_for_contractions(
// CHECK:         %[[Q:.+]] = arith.constant dense<{{\[}}[1, 0], [2, 3]]> : tensor<2x2xi8, #dorefa.code<u2>>
// CHECK:         %[[R:.+]] = arith.constant dense<{{\[}}[5.000000e-01, 0.000000e+00], [1.000000e+00, 1.500000e+00]]> : tensor<2x2xf32>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[Q]]
// CHECK:         %[[Y:.+]] = dorefa.matmul %arg0, %[[W]]
// CHECK:         return %[[Y]], %[[R]]
func.func @dequantize_stays_for_contractions(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<2x2xf32>) {
  %w = arith.constant dense<[[1.0, 0.0], [2.0, 5.0]]> : tensor<2x2xf32>
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %q = dorefa.quantize half_even %w : tensor<2x2xf32> to tensor<2x2xi8, #dorefa.code<u2>>
  %v = dorefa.dequantize %q, %s, %z : tensor<2x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<2x2xf32>
  %y = dorefa.matmul %x, %v : tensor<1x2xf32>, tensor<2x2xf32> to tensor<1x2xf32>
  return %y, %v : tensor<1x2xf32>, tensor<2x2xf32>
}

// CHECK-LABEL: func.func @index_outside_stays(
// CHECK:         dorefa.gather
func.func @index_outside_stays() -> tensor<1xf32> {
  %x = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<2> : tensor<1xi64>
  %g = dorefa.gather %x, %i axis 0 : tensor<2xf32>, tensor<1xi64> to tensor<1xf32>
  return %g : tensor<1xf32>
}

// CHECK-LABEL: func.func @integers(
// CHECK:         dense<[-15600, 9]>
// CHECK:         dense<[56, 6]>
// CHECK:         dense<[1.560000e+02, 3.000000e+00]>
// CHECK:         dense<[true, false]>
func.func @integers() -> (tensor<2xi64>, tensor<2xi8>, tensor<2xf32>, tensor<2xi1>) {
  %a = arith.constant dense<[-100, 3]> : tensor<2xi8>
  %e = arith.extsi %a : tensor<2xi8> to tensor<2xi64>
  %u = arith.extui %a : tensor<2xi8> to tensor<2xi64>
  %m = arith.muli %e, %u : tensor<2xi64>
  %d = arith.addi %a, %a : tensor<2xi8>
  %f = arith.uitofp %a : tensor<2xi8> to tensor<2xf32>
  %c = arith.cmpi slt, %e, %u : tensor<2xi64>
  return %m, %d, %f, %c : tensor<2xi64>, tensor<2xi8>, tensor<2xf32>, tensor<2xi1>
}
