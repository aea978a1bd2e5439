// RUN: dorefa-opt %s --pass-pipeline='builtin.module(dorefa-recognize-pipeline)' | FileCheck %s

!u2 = tensor<1x4xi8, #dorefa.code<u2>>
!f = tensor<1x4xf32>

// CHECK-LABEL: func.func @factors_go_into_the_scale(
// CHECK-NOT:     arith.{{mulf|divf}}
// CHECK:         %[[X:.+]] = dorefa.dequantize %arg0
// CHECK:         dorefa.matmul %[[X]], 
func.func @factors_go_into_the_scale(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %three = arith.constant dense<3.0> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.mulf %v, %three : !f
  %d = arith.divf %m, %three : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %d, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @negative_factor_is_real(
// CHECK:         %[[X:.+]] = arith.mulf
// CHECK:         dorefa.matmul %[[X]], 
func.func @negative_factor_is_real(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %three = arith.constant dense<-3.0> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.mulf %v, %three : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @constant_over_codes_is_real(
// CHECK:         arith.divf
// CHECK:         arith.subf
// CHECK:         %[[X:.+]] = arith.addf
// CHECK:         dorefa.matmul %[[X]], 
func.func @constant_over_codes_is_real(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %three = arith.constant dense<3.0> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.divf %three, %v : !f
  %n = arith.subf %three, %v : !f
  %t = arith.addf %m, %n : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %t, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @addend_of_half_a_step(
// CHECK:         %[[Z:.+]] = arith.constant dense<3> : tensor<i32>
// CHECK:         %[[S:.+]] = arith.constant dense<0.333333343> : tensor<f32>
// CHECK:         %[[X:.+]] = dorefa.dequantize %arg0, %[[S]], %[[Z]] {step = 2 : i64}
// CHECK-NOT:     arith.subf
// CHECK:         dorefa.matmul %[[X]], 
func.func @addend_of_half_a_step(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.666666687> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1.0> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.subf %v, %one : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @addend_of_whole_steps(
// CHECK:         %[[Z:.+]] = arith.constant dense<-2> : tensor<i32>
// CHECK:         %[[X:.+]] = dorefa.dequantize %arg0, %{{.+}}, %[[Z]] : 
// CHECK:         dorefa.matmul %[[X]], 
func.func @addend_of_whole_steps(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1.0> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.addf %one, %v : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @other_addend_is_real(
// CHECK:         %[[X:.+]] = arith.addf
// CHECK:         dorefa.matmul %[[X]], 
func.func @other_addend_is_real(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<0.3> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.addf %one, %v : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @sum_of_codes_is_real(
// CHECK:         %[[X:.+]] = arith.addf
// CHECK:         dorefa.matmul %[[X]], 
func.func @sum_of_codes_is_real(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.addf %v, %v : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @elementwise_reader_sees_the_declared_value(
// CHECK:         %[[D:.+]] = dorefa.dequantize %arg0
// CHECK:         %[[M:.+]] = arith.mulf %[[D]]
// CHECK:         %[[S:.+]] = arith.constant dense<3.000000e-01> : tensor<f32>
// CHECK:         %[[X:.+]] = dorefa.dequantize %arg0, %[[S]]
// CHECK:         %[[Y:.+]] = dorefa.matmul %[[X]], 
// CHECK:         arith.addf %[[Y]], %[[M]]
func.func @elementwise_reader_sees_the_declared_value(%q: !u2, %w: tensor<4x4xi8, #dorefa.code<u1>>) -> !f {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %three = arith.constant dense<3.0> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.mulf %v, %three : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x4xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x4xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x4xf32> to !f
  %a = arith.addf %y, %m : !f
  return %a : !f
}

// CHECK-LABEL: func.func @scale_along_a_contracted_dimension(
// CHECK:         %[[X:.+]] = arith.mulf
// CHECK:         dorefa.matmul %[[X]], %{{.+}} {dorefa.float_reason = "the scale of the first operand varies along a contracted dimension"}
func.func @scale_along_a_contracted_dimension(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %c = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : !f
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.mulf %v, %c : !f
  %wr = dorefa.dequantize %w, %s, %z : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @scale_a_column_through_transpose(
// CHECK:         %[[W:.+]] = arith.constant dense<{{\[}}[1, 1], [0, 1], [-1, -1], [1, 0]]> : tensor<4x2xi8, #dorefa.code<s2>>
// CHECK:         %[[S:.+]] = arith.constant dense<[5.000000e-01, 0.333333343]>
// CHECK:         %[[D:.+]] = dorefa.dequantize %[[W]], %[[S]], %{{.+}} axis 1 : 
// CHECK:         dorefa.matmul %{{.+}}, %[[D]]
func.func @scale_a_column_through_transpose(%q: !u2) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[1, 0, -1, 1], [1, 1, -1, 0]]> : tensor<2x4xi8>
  %c = arith.constant dense<[[2.0], [3.0]]> : tensor<2x1xf32>
  %cb = dorefa.broadcast %c : tensor<2x1xf32> to tensor<2x4xf32>
  %wf = arith.sitofp %w : tensor<2x4xi8> to tensor<2x4xf32>
  %ws = arith.divf %wf, %cb : tensor<2x4xf32>
  %wt = dorefa.transpose %ws permutation [1, 0] : tensor<2x4xf32> to tensor<4x2xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.matmul %v, %wt : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @signs_take_one_bit(
// CHECK:         %[[W:.+]] = arith.constant dense<{{\[}}[1], [0], [0], [1]]> : tensor<4x1xi8, #dorefa.code<u1>>
// CHECK:         %[[Z:.+]] = arith.constant dense<1> : tensor<i32>
// CHECK:         %[[D:.+]] = dorefa.dequantize %[[W]], %{{.+}}, %[[Z]] {step = 2 : i64}
// CHECK:         dorefa.matmul %{{.+}}, %[[D]]
func.func @signs_take_one_bit(%q: !u2) -> tensor<1x1xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[1.0], [-1.0], [-1.0], [1.0]]> : tensor<4x1xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.matmul %v, %w : !f, tensor<4x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func.func @real_weights_stay(
// CHECK:         %[[W:.+]] = arith.constant dense<{{.+}}> : tensor<4x1xf32>
// CHECK:         dorefa.matmul %{{.+}}, %[[W]]
func.func @real_weights_stay(%q: !u2) -> tensor<1x1xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[1.0], [-1.0], [-1.5], [1.0]]> : tensor<4x1xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.matmul %v, %w : !f, tensor<4x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func.func @sum_reads_codes(
// CHECK-NOT:     arith.mulf
// CHECK:         %[[X:.+]] = dorefa.dequantize %arg0
// CHECK:         dorefa.reduce sum %[[X]]
func.func @sum_reads_codes(%q: !u2) -> tensor<1x1xf32> {
  %s = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %two = arith.constant dense<2.0> : !f
  %m = arith.mulf %v, %two : !f
  %y = dorefa.reduce sum %m axes [1] : !f to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// The codes of 2*Quant(1/3) - 1 are 2q - 3 with scale 1/3.

// CHECK-LABEL: func.func @dorefa_weights_become_codes(
// CHECK-DAG:     %[[CODES:.+]] = arith.constant dense<{{\[}}[0, 3], [1, 2]]> : tensor<2x2xi8, #dorefa.code<u2>>
// CHECK-DAG:     %[[SCALE:.+]] = arith.constant dense<0.333333343> : tensor<f32>
// CHECK-DAG:     %[[THREE:.+]] = arith.constant dense<3> : tensor<i32>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[CODES]], %[[SCALE]], %[[THREE]] {step = 2 : i64}
// CHECK:         dorefa.matmul %{{.+}}, %[[W]]
func.func @dorefa_weights_become_codes(%x: tensor<1x2xi8, #dorefa.code<u2>>) -> tensor<1x2xf32> {
  %third = arith.constant dense<0.333333343> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[0.1, 0.9], [0.3, 0.6]]> : tensor<2x2xf32>
  %thirds = dorefa.broadcast %third : tensor<f32> to tensor<2x2xf32>
  %two = arith.constant dense<2.0> : tensor<2x2xf32>
  %one = arith.constant dense<1.0> : tensor<2x2xf32>
  %d = arith.divf %w, %thirds : tensor<2x2xf32>
  %q = dorefa.quantize half_even %d : tensor<2x2xf32> to tensor<2x2xi8, #dorefa.code<u2>>
  %v = dorefa.dequantize %q, %third, %zero : tensor<2x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<2x2xf32>
  %m = arith.mulf %v, %two : tensor<2x2xf32>
  %s = arith.subf %m, %one : tensor<2x2xf32>
  %xr = dorefa.dequantize %x, %third, %zero : tensor<1x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x2xf32>
  %y = dorefa.matmul %xr, %s : tensor<1x2xf32>, tensor<2x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// DoReFa's weights, spelled out: what constants are rounded to is whole.
// CHECK-LABEL: func.func @rounded_constants_are_codes(
// CHECK:         %[[Q:.+]] = arith.constant dense<{{.+}}> : tensor<4x2xi8, #dorefa.code<u2>>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[Q]], %{{.+}}, %{{.+}} {step = 2 : i64} : tensor<4x2xi8
// CHECK:         dorefa.matmul %{{.+}}, %[[W]] :
func.func @rounded_constants_are_codes(%q: !u2) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[0.1, 0.9], [0.4, 0.7], [0.0, 1.0], [0.6, 0.2]]> : tensor<4x2xf32>
  %one = arith.constant dense<1.0> : tensor<4x2xf32>
  %two = arith.constant dense<2.0> : tensor<4x2xf32>
  %three = arith.constant dense<3.0> : tensor<4x2xf32>
  %m = arith.mulf %w, %three : tensor<4x2xf32>
  %r = math.roundeven %m : tensor<4x2xf32>
  %d = arith.divf %r, %three : tensor<4x2xf32>
  %t = arith.mulf %two, %d : tensor<4x2xf32>
  %wr = arith.subf %t, %one : tensor<4x2xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.matmul %v, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Of two constants the larger one is codes, the other its scale.
// CHECK-LABEL: func.func @factor_in_front(
// CHECK:         %[[Q:.+]] = arith.constant dense<{{.+}}> : tensor<4x1xi8, #dorefa.code<u2>>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[Q]], 
// CHECK:         dorefa.matmul %{{.+}}, %[[W]] :
func.func @factor_in_front(%q: !u2) -> tensor<1x1xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[1.1], [2.9], [2.4], [0.7]]> : tensor<4x1xf32>
  %half = arith.constant dense<0.5> : tensor<1x1xf32>
  %halves = dorefa.broadcast %half : tensor<1x1xf32> to tensor<4x1xf32>
  %r = math.floor %w : tensor<4x1xf32>
  %wr = arith.mulf %halves, %r : tensor<4x1xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.matmul %v, %wr : !f, tensor<4x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func.func @whole_constants_are_joined(
// CHECK:         %[[Q:.+]] = arith.constant dense<{{.+}}> : tensor<4x2xi8, #dorefa.code<u3>>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[Q]], 
// CHECK:         dorefa.matmul %{{.+}}, %[[W]] :
func.func @whole_constants_are_joined(%q: !u2) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %a = arith.constant dense<1.4> : tensor<1x2xf32>
  %b = arith.constant dense<[[5.0, 2.0], [1.0, 0.0], [4.0, 7.0]]> : tensor<3x2xf32>
  %r = math.ceil %a : tensor<1x2xf32>
  %wr = dorefa.concat %r, %b axis 0 : tensor<1x2xf32>, tensor<3x2xf32> to tensor<4x2xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.matmul %v, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @reason_names_the_real_operand(
// CHECK:         dorefa.matmul {{.+}} {dorefa.float_reason = "the second operand is real"}
func.func @reason_names_the_real_operand(%q: !u2) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %two = arith.constant dense<2.0> : !f
  %w = arith.constant dense<0.3> : tensor<4x2xf32>
  %v = dorefa.dequantize %q, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.mulf %v, %two : !f
  %y = dorefa.matmul %m, %w : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A half of what is a half already: 4q - 5 times 1/4.
// CHECK-LABEL: func.func @second_half_of_a_step(
// CHECK:         %[[D:.+]] = arith.divf
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %[[D]] {min = -5 : i64} : {{.+}} to tensor<1x4xi8, #dorefa.code<s4>>
// CHECK:         %[[S:.+]] = arith.constant dense<2.500000e-01> : tensor<f32>
// CHECK:         %[[X:.+]] = dorefa.dequantize %[[Q]], %[[S]], 
// CHECK:         dorefa.matmul %[[X]], 
func.func @second_half_of_a_step(%q: !u2, %w: tensor<4x2xi8, #dorefa.code<u1>>) -> tensor<1x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<3> : tensor<i32>
  %zero = arith.constant dense<0> : tensor<i32>
  %b = arith.constant dense<0.25> : !f
  %v = dorefa.dequantize %q, %s, %z {step = 2 : i64} : !u2, tensor<f32>, tensor<i32> to !f
  %m = arith.addf %v, %b : !f
  %wr = dorefa.dequantize %w, %s, %zero : tensor<4x2xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<4x2xf32>
  %y = dorefa.matmul %m, %wr : !f, tensor<4x2xf32> to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

!p = tensor<1x2x1x2xi8, #dorefa.code<u2>>
!pr = tensor<1x2x1x2xf32>

// CHECK-LABEL: func.func @addend_along_two_dimensions(
// CHECK:         %[[D:.+]] = arith.divf
// CHECK:         %[[Q:.+]] = dorefa.quantize half_even %[[D]] {max = 6 : i64, min = -1 : i64} : {{.+}} to tensor<1x2x1x2xi8, #dorefa.code<s4>>
// CHECK:         %[[X:.+]] = dorefa.dequantize %[[Q]]
// CHECK:         dorefa.conv %[[X]], 
func.func @addend_along_two_dimensions(%q: !p, %w: tensor<1x2x1x1xi8, #dorefa.code<u1>>) -> tensor<1x1x1x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %b = arith.constant dense<[[[[0.5, 1.0]], [[-0.5, 1.5]]]]> : !pr
  %v = dorefa.dequantize %q, %s, %z : !p, tensor<f32>, tensor<i32> to !pr
  %m = arith.addf %v, %b : !pr
  %wr = dorefa.dequantize %w, %s, %z : tensor<1x2x1x1xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<1x2x1x1xf32>
  %y = dorefa.conv %m, %wr geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : !pr, tensor<1x2x1x1xf32> to tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// CHECK-LABEL: func.func @addends_between_codes_are_real(
// CHECK:         dorefa.conv {{.+}} {dorefa.float_reason = "the input is real"}
func.func @addends_between_codes_are_real(%q: !p, %w: tensor<1x2x1x1xi8, #dorefa.code<u1>>) -> tensor<1x1x1x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %b = arith.constant dense<[[[[0.5, 1.0]], [[-0.5, 1.4]]]]> : !pr
  %v = dorefa.dequantize %q, %s, %z : !p, tensor<f32>, tensor<i32> to !pr
  %m = arith.addf %v, %b : !pr
  %wr = dorefa.dequantize %w, %s, %z : tensor<1x2x1x1xi8, #dorefa.code<u1>>, tensor<f32>, tensor<i32> to tensor<1x2x1x1xf32>
  %y = dorefa.conv %m, %wr geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]> : !pr, tensor<1x2x1x1xf32> to tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// The wider copy has the name where the quantizer itself is not read.
// CHECK-LABEL: func.func @widened_codes_keep_their_name(
// CHECK:         dorefa.quantize half_even %arg1 {dorefa.value = "narrow", {{.+}}#dorefa.code<u3>>
// CHECK-NOT:     dorefa.value = "narrow"
// CHECK:         return
func.func @widened_codes_keep_their_name(%q: tensor<1x4xi8, #dorefa.code<u3>>, %x: !f) -> tensor<1x8xf32> {
  %s = arith.constant dense<0.1> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %c = dorefa.quantize half_even %x {dorefa.value = "narrow"} : !f to !u2
  %v = dorefa.dequantize %q, %s, %z : tensor<1x4xi8, #dorefa.code<u3>>, tensor<f32>, tensor<i32> to !f
  %w = dorefa.dequantize %c, %s, %z : !u2, tensor<f32>, tensor<i32> to !f
  %y = dorefa.concat %v, %w axis 1 : !f, !f to tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// Zero points of output channels leave the product, so codes keep their width.
// CHECK-LABEL: func.func @zero_points_of_output_channels(
// CHECK-DAG:     %[[Z:.+]] = arith.constant dense<[0, -3, 3]> : tensor<3xi32>
// CHECK-DAG:     %[[Q:.+]] = arith.constant dense<{{.*}}> : tensor<2x3xi8, #dorefa.code<u2>>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[Q]], %{{.+}}, %[[Z]] axis 1
// CHECK:         dorefa.matmul %{{.+}}, %[[W]]
func.func @zero_points_of_output_channels(%q: tensor<1x2xi8, #dorefa.code<u2>>) -> tensor<1x3xf32> {
  %s = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %z : tensor<1x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x2xf32>
  %p = arith.constant dense<[[0, 0, 0], [3, 1, 3]]> : tensor<2x3xi8, #dorefa.code<u2>>
  %zw = arith.constant dense<[0, -3, 3]> : tensor<3xi32>
  %w = dorefa.dequantize %p, %s, %zw axis 1 : tensor<2x3xi8, #dorefa.code<u2>>, tensor<f32>, tensor<3xi32> to tensor<2x3xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<2x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Those of a contracted dimension do not.
// CHECK-LABEL: func.func @zero_points_of_inputs(
// CHECK-DAG:     %[[Z:.+]] = arith.constant dense<0> : tensor<i32>
// CHECK-DAG:     %[[Q:.+]] = arith.constant dense<{{.*}}> : tensor<2x3xi8, #dorefa.code<s3>>
// CHECK:         %[[W:.+]] = dorefa.dequantize %[[Q]], %{{.+}}, %[[Z]] :
// CHECK:         dorefa.matmul %{{.+}}, %[[W]]
func.func @zero_points_of_inputs(%q: tensor<1x2xi8, #dorefa.code<u2>>) -> tensor<1x3xf32> {
  %s = arith.constant dense<1.0> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %z : tensor<1x2xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x2xf32>
  %p = arith.constant dense<[[0, 0, 0], [3, 1, 3]]> : tensor<2x3xi8, #dorefa.code<u2>>
  %zw = arith.constant dense<[2, 0]> : tensor<2xi32>
  %w = dorefa.dequantize %p, %s, %zw axis 0 : tensor<2x3xi8, #dorefa.code<u2>>, tensor<f32>, tensor<2xi32> to tensor<2x3xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<2x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
