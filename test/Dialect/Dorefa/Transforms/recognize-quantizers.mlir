// RUN: dorefa-opt %s --pass-pipeline='builtin.module(func.func(dorefa-recognize-quantizers))' | FileCheck %s

// CHECK-LABEL: func.func @round_behind_clip(
// CHECK:         dorefa.quantize half_even %{{.+}} {dorefa.value = "rounded", min = -3 : i64} : tensor<4xf32> to tensor<4xi8, #dorefa.code<s3>>
// CHECK:         %[[R:.+]] = dorefa.dequantize
// CHECK:         return %[[R]]
func.func @round_behind_clip(%x: tensor<4xf32>) -> tensor<4xf32> {
  %low = arith.constant dense<-3.0> : tensor<4xf32>
  %high = arith.constant dense<3.0> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  %r = math.roundeven %c {dorefa.value = "rounded"} : tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @clip_behind_floor(
// CHECK:         %[[Q:.+]] = dorefa.quantize floor %arg0 {max = 9 : i64} : tensor<4xf32> to tensor<4xi8, #dorefa.code<u4>>
// CHECK:         %[[R:.+]] = dorefa.dequantize %[[Q]]
// CHECK:         return %[[R]]
func.func @clip_behind_floor(%x: tensor<4xf32>) -> tensor<4xf32> {
  %low = arith.constant dense<0.0> : tensor<4xf32>
  %high = arith.constant dense<9.0> : tensor<4xf32>
  %r = math.floor %x : tensor<4xf32>
  %m = arith.maximumf %r, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  return %c : tensor<4xf32>
}

// CHECK-LABEL: func.func @factor_between_clip_and_round(
// CHECK:         %[[S:.+]] = arith.mulf
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %[[S]] : tensor<4xf32> to tensor<4xi8, #dorefa.code<u3>>
// CHECK:         %[[R:.+]] = dorefa.dequantize %[[Q]]
// CHECK:         arith.divf %[[R]]
func.func @factor_between_clip_and_round(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %seven = arith.constant dense<7.0> : tensor<f32>
  %low = dorefa.broadcast %zero : tensor<f32> to tensor<4xf32>
  %high = dorefa.broadcast %one : tensor<f32> to tensor<4xf32>
  %n = dorefa.broadcast %seven : tensor<f32> to tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  %s = arith.mulf %c, %n : tensor<4xf32>
  %r = math.roundeven %s : tensor<4xf32>
  %d = arith.divf %r, %n : tensor<4xf32>
  return %d : tensor<4xf32>
}

// CHECK-LABEL: func.func @round_without_clip_is_real(
// CHECK-NOT:     dorefa.quantize
// CHECK:         math.roundeven
func.func @round_without_clip_is_real(%x: tensor<4xf32>) -> tensor<4xf32> {
  %low = arith.constant dense<0.0> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %r = math.roundeven %m : tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @clip_by_a_half_is_real(
// CHECK-NOT:     dorefa.quantize
// CHECK:         math.roundeven
func.func @clip_by_a_half_is_real(%x: tensor<4xf32>) -> tensor<4xf32> {
  %low = arith.constant dense<0.0> : tensor<4xf32>
  %high = arith.constant dense<3.5> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  %r = math.roundeven %c : tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @factor_to_parts_of_codes_is_real(
// CHECK-NOT:     dorefa.quantize
// CHECK:         math.roundeven
func.func @factor_to_parts_of_codes_is_real(%x: tensor<4xf32>) -> tensor<4xf32> {
  %low = arith.constant dense<0.0> : tensor<4xf32>
  %high = arith.constant dense<1.0> : tensor<4xf32>
  %n = arith.constant dense<7.5> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  %s = arith.mulf %c, %n : tensor<4xf32>
  %r = math.roundeven %s : tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @sign_has_three_codes(
// CHECK:         dorefa.quantize up %arg0 {min = -1 : i64} : tensor<4xf32> to tensor<4xi8, #dorefa.code<s2>>
// CHECK-NOT:     arith.select
func.func @sign_has_three_codes(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %minus = arith.constant dense<-1.0> : tensor<4xf32>
  %lt = arith.cmpf olt, %x, %zero : tensor<4xf32>
  %b = arith.select %lt, %minus, %zero : tensor<4xi1>, tensor<4xf32>
  %gt = arith.cmpf ogt, %x, %zero : tensor<4xf32>
  %a = arith.select %gt, %one, %b : tensor<4xi1>, tensor<4xf32>
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func @where_of_opposites(
// CHECK:         %[[Q:.+]] = dorefa.quantize sign %arg0 : tensor<4xf32> to tensor<4xi8, #dorefa.code<u1>>
// CHECK:         dense<1> : tensor<i32>
// CHECK:         dense<2.500000e-01> : tensor<f32>
// CHECK:         dorefa.dequantize %[[Q]], %{{.+}}, %{{.+}} {step = 2 : i64}
func.func @where_of_opposites(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %p = arith.constant dense<0.25> : tensor<4xf32>
  %n = arith.constant dense<-0.25> : tensor<4xf32>
  %ge = arith.cmpf oge, %x, %zero : tensor<4xf32>
  %a = arith.select %ge, %p, %n : tensor<4xi1>, tensor<4xf32>
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func @where_of_zero_and_more(
// CHECK:         %[[S:.+]] = arith.select %arg0
// CHECK:         %[[Q:.+]] = dorefa.quantize sign %[[S]] : tensor<4xf32> to tensor<4xi8, #dorefa.code<u1>>
// CHECK:         dense<0> : tensor<i32>
// CHECK:         dense<2.500000e-01> : tensor<f32>
// CHECK:         dorefa.dequantize %[[Q]], %{{.+}}, %{{.+}} : tensor<4xi8
func.func @where_of_zero_and_more(%c: tensor<4xi1>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %p = arith.constant dense<0.25> : tensor<4xf32>
  %a = arith.select %c, %zero, %p : tensor<4xi1>, tensor<4xf32>
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func @where_with_one_scale_a_channel(
// CHECK:         dense<[-1.000000e+00, 1.000000e+00]> : tensor<2xf32>
// CHECK:         dense<[1.000000e+00, -1.000000e+00]> : tensor<2xf32>
// CHECK:         %[[S:.+]] = arith.select
// CHECK:         %[[Q:.+]] = dorefa.quantize sign %[[S]]
// CHECK:         dense<[5.000000e-01, 2.000000e+00]> : tensor<2xf32>
// CHECK:         dorefa.dequantize %[[Q]], %{{.+}}, %{{.+}} {step = 2 : i64}
func.func @where_with_one_scale_a_channel(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<2x4xf32>
  %p = arith.constant dense<[[0.5], [-2.0]]> : tensor<2x1xf32>
  %n = arith.constant dense<[[-0.5], [2.0]]> : tensor<2x1xf32>
  %u = dorefa.broadcast %p : tensor<2x1xf32> to tensor<2x4xf32>
  %v = dorefa.broadcast %n : tensor<2x1xf32> to tensor<2x4xf32>
  %ge = arith.cmpf oge, %x, %zero : tensor<2x4xf32>
  %a = arith.select %ge, %u, %v : tensor<2x4xi1>, tensor<2x4xf32>
  return %a : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @where_of_zero_and_less_is_real(
// CHECK-NOT:     dorefa.quantize
// CHECK:         arith.select
func.func @where_of_zero_and_less_is_real(%c: tensor<4xi1>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %p = arith.constant dense<-0.25> : tensor<4xf32>
  %a = arith.select %c, %zero, %p : tensor<4xi1>, tensor<4xf32>
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func @where_of_others_is_real(
// CHECK-NOT:     dorefa.quantize
// CHECK:         arith.select
func.func @where_of_others_is_real(%c: tensor<4xi1>) -> tensor<4xf32> {
  %zero = arith.constant dense<1.0> : tensor<4xf32>
  %p = arith.constant dense<-0.25> : tensor<4xf32>
  %a = arith.select %c, %zero, %p : tensor<4xi1>, tensor<4xf32>
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func.func @declared_quantizer_stays(
// CHECK:         %[[R:.+]] = math.roundeven
// CHECK:         %[[S:.+]] = arith.addf %[[R]]
// CHECK:         dorefa.quantize half_even %[[S]] : tensor<4xf32> to tensor<4xi8, #dorefa.code<u8>>
// CHECK-NOT:     dorefa.dequantize
func.func @declared_quantizer_stays(%x: tensor<4xf32>) -> tensor<4xi8, #dorefa.code<u8>> {
  %low = arith.constant dense<-10.0> : tensor<4xf32>
  %high = arith.constant dense<10.0> : tensor<4xf32>
  %z = arith.constant dense<128.0> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  %r = math.roundeven %c : tensor<4xf32>
  %s = arith.addf %r, %z : tensor<4xf32>
  %q = dorefa.quantize half_even %s : tensor<4xf32> to tensor<4xi8, #dorefa.code<u8>>
  return %q : tensor<4xi8, #dorefa.code<u8>>
}

// CHECK-LABEL: func.func @clip_narrows_codes(
// CHECK:         %[[S:.+]] = arith.divf
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %[[S]] : tensor<4xf32> to tensor<4xi8, #dorefa.code<u3>>
// CHECK:         dorefa.dequantize %[[Q]]
func.func @clip_narrows_codes(%x: tensor<4xf32>, %s: tensor<f32>, %z: tensor<i32>) -> tensor<4xf32> {
  %low = arith.constant dense<0.0> : tensor<4xf32>
  %high = arith.constant dense<1.0> : tensor<4xf32>
  %step = arith.constant dense<0.142857149> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %c = arith.minimumf %m, %high : tensor<4xf32>
  %d = arith.divf %c, %step : tensor<4xf32>
  %r = math.roundeven %d : tensor<4xf32>
  %q = dorefa.quantize half_even %r : tensor<4xf32> to tensor<4xi8, #dorefa.code<u4>>
  %v = dorefa.dequantize %q, %s, %z : tensor<4xi8, #dorefa.code<u4>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  return %v : tensor<4xf32>
}

// CHECK-LABEL: func.func @clip_that_moves_the_code_of_nan_stays(
// CHECK:         dorefa.quantize half_even %{{.+}} : tensor<4xf32> to tensor<4xi8, #dorefa.code<s8>>
func.func @clip_that_moves_the_code_of_nan_stays(%x: tensor<4xf32>, %s: tensor<f32>, %z: tensor<i32>) -> tensor<4xf32> {
  %low = arith.constant dense<0.0> : tensor<4xf32>
  %m = arith.maximumf %x, %low : tensor<4xf32>
  %q = dorefa.quantize half_even %m : tensor<4xf32> to tensor<4xi8, #dorefa.code<s8>>
  %v = dorefa.dequantize %q, %s, %z : tensor<4xi8, #dorefa.code<s8>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  return %v : tensor<4xf32>
}

// CHECK-LABEL: func.func @clip_of_codes_bounds_the_quantizer(
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %arg0 {min = -1 : i64} : tensor<2x2xf32> to tensor<2x2xi8, #dorefa.code<s2>>
// CHECK-NOT:     arith
// CHECK:         %[[F:.+]] = dorefa.reshape %[[Q]]
// CHECK:         dorefa.dequantize %[[F]]
func.func @clip_of_codes_bounds_the_quantizer(%x: tensor<2x2xf32>, %s: tensor<f32>, %z: tensor<i32>) -> tensor<4xf32> {
  %low = arith.constant dense<-1> : tensor<2x2xi8, #dorefa.code<s8>>
  %high = arith.constant dense<1> : tensor<2x2xi8, #dorefa.code<s8>>
  %q = dorefa.quantize half_even %x : tensor<2x2xf32> to tensor<2x2xi8, #dorefa.code<s8>>
  %m = arith.maxsi %q, %low : tensor<2x2xi8, #dorefa.code<s8>>
  %c = arith.minsi %m, %high : tensor<2x2xi8, #dorefa.code<s8>>
  %f = dorefa.reshape %c : tensor<2x2xi8, #dorefa.code<s8>> to tensor<4xi8, #dorefa.code<s8>>
  %v = dorefa.dequantize %f, %s, %z : tensor<4xi8, #dorefa.code<s8>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  return %v : tensor<4xf32>
}

// CHECK-LABEL: func.func @clip_of_input_codes_stays(
// CHECK:         %[[M:.+]] = arith.maxsi %arg0
// CHECK:         dorefa.dequantize %[[M]]
func.func @clip_of_input_codes_stays(%q: tensor<4xi8, #dorefa.code<s8>>, %s: tensor<f32>, %z: tensor<i32>) -> tensor<4xf32> {
  %low = arith.constant dense<-1> : tensor<4xi8, #dorefa.code<s8>>
  %m = arith.maxsi %q, %low : tensor<4xi8, #dorefa.code<s8>>
  %v = dorefa.dequantize %m, %s, %z : tensor<4xi8, #dorefa.code<s8>>, tensor<f32>, tensor<i32> to tensor<4xf32>
  return %v : tensor<4xf32>
}

// CHECK-LABEL: func.func @select_of_a_recognised_sign_stays(
// CHECK:         %[[S:.+]] = arith.select
// CHECK:         %[[Q:.+]] = dorefa.quantize sign %[[S]] {dorefa.value = "where"}
// CHECK-NOT:     dorefa.quantize
// CHECK:         return %[[Q]]
func.func @select_of_a_recognised_sign_stays(%x: tensor<4xf32>) -> tensor<4xi8, #dorefa.code<u1>> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %yes = arith.constant dense<1.0> : tensor<4xf32>
  %no = arith.constant dense<-1.0> : tensor<4xf32>
  %c = arith.cmpf ogt, %x, %zero : tensor<4xf32>
  %s = arith.select %c, %yes, %no : tensor<4xi1>, tensor<4xf32>
  %q = dorefa.quantize sign %s {dorefa.value = "where"} : tensor<4xf32> to tensor<4xi8, #dorefa.code<u1>>
  return %q : tensor<4xi8, #dorefa.code<u1>>
}

// CHECK-LABEL: func.func @no_wider_than_its_input(
// CHECK:         dorefa.quantize floor %{{.+}} {dorefa.value = "floor"} : tensor<4xf32> to tensor<4xi8, #dorefa.code<u1>>
func.func @no_wider_than_its_input(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %one = arith.constant dense<1.5> : tensor<4xf32>
  %seven = arith.constant dense<7.0> : tensor<4xf32>
  %b = arith.minimumf %x, %one : tensor<4xf32>
  %r = math.floor %b : tensor<4xf32>
  %m = arith.maximumf %r, %zero : tensor<4xf32>
  %c = arith.minimumf %m, %seven {dorefa.value = "floor"} : tensor<4xf32>
  return %c : tensor<4xf32>
}
