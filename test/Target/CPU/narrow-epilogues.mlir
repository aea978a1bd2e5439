// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-choose-engines{triple=x86_64-linux-gnu cpu=x86-64-v4 engine=lookup},dorefa-pack-layers{triple=x86_64-linux-gnu cpu=x86-64-v4},dorefa-narrow-epilogues{triple=x86_64-linux-gnu cpu=x86-64-v4})' | FileCheck %s

!x = tensor<1x8xi8, #dorefa.code<u2>>
!w = tensor<2x8xi8, #dorefa.code<u1>>
!y = tensor<1x2xi8, #dorefa.code<u2>>
#dense = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>
#signs = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []> weight <zero = [1], step = 2>>

// Weights of +-1: twice the sum less the window's sum, all of it in 16 bits. A
// threshold that no sum meets, and one that all meet, are as far as 16 bits go.
// CHECK-LABEL: func.func @signs(
// CHECK:         %[[S:.+]] = dorefa.window_sum
// CHECK:         %[[T:.+]] = arith.constant dense<{{\[\[}}-32768, -32768, 0, {{.*}}], [3, 3, 0, {{.*}}], [32767, 32767, 0, {{.*}}]]> : tensor<3x32xi16>
// CHECK:         dorefa.layer {{.*}} parameters(%[[T]] : tensor<3x32xi16>) residuals(%[[S]] : tensor<1x1xi32>)
// CHECK-NEXT:    ^bb0(%[[P:.+]]: i16, %[[V:.+]]: vector<3xi16>, %[[R:.+]]: i32):
// CHECK-NEXT:      %[[LOW:.+]] = arith.trunci %[[R]] : i32 to i16
// CHECK:           %[[TWICE:.+]] = arith.muli %[[P]], %{{.+}} : i16
// CHECK-NEXT:      %[[D:.+]] = arith.subi %[[TWICE]], %[[LOW]] : i16
// CHECK-NEXT:      dorefa.count_thresholds %[[D]], %[[V]] : i16, vector<3xi16> to i8
func.func @signs(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<[[-100000, 3, 100000], [-100000, 3, 100000]]> : tensor<2x3xi32>
  %q = dorefa.layer products [#signs] inputs(%x : !x) weights(%w : !w)
      parameters(%t : tensor<2x3xi32>) epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %v : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// -----

!x = tensor<1x8xi8, #dorefa.code<u2>>
!w = tensor<2x8xi8, #dorefa.code<u1>>
!y = tensor<1x2xi8, #dorefa.code<u2>>
#dense = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>

// 24 times 1366 is too much.
// CHECK-LABEL: func.func @too_large(
// CHECK:       ^bb0(%{{.+}}: i32, %{{.+}}: vector<3xi32>):
func.func @too_large(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<1> : tensor<2x3xi32>
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      parameters(%t : tensor<2x3xi32>) epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>):
        %f = arith.constant 1366 : i32
        %m = arith.muli %d, %f : i32
        %c = dorefa.count_thresholds %m, %v : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// -----

!x = tensor<1x8xi8, #dorefa.code<u2>>
!w = tensor<2x8xi8, #dorefa.code<u1>>
!y = tensor<1x2xi8, #dorefa.code<u2>>
#dense = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>

// What is rounded is real.
// CHECK-LABEL: func.func @real(
// CHECK:       ^bb0(%{{.+}}: i32):
func.func @real(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %f = arith.sitofp %d : i32 to f32
        %c = dorefa.quantize_scalar half_even %f code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// -----

!x = tensor<1x8xi8, #dorefa.code<u2>>
!w = tensor<2x8xi8, #dorefa.code<u1>>
!y = tensor<1x2xi8, #dorefa.code<u1>>
#dense = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>

// A count of three thresholds is at most 3; 3 times 20000 does not fit.
// CHECK-LABEL: func.func @large_multiple_of_a_count(
// CHECK:       ^bb0(%{{.+}}: i32, %{{.+}}: vector<3xi32>, %{{.+}}: vector<1xi32>):
func.func @large_multiple_of_a_count(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<1> : tensor<2x3xi32>
  %u = arith.constant dense<40000> : tensor<2x1xi32>
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      parameters(%t, %u : tensor<2x3xi32>, tensor<2x1xi32>) epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>, %second: vector<1xi32>):
        %c = dorefa.count_thresholds %d, %v : i32, vector<3xi32> to i8
        %e = arith.extui %c : i8 to i32
        %f = arith.constant 20000 : i32
        %m = arith.muli %e, %f : i32
        %r = dorefa.count_thresholds %m, %second : i32, vector<1xi32> to i8
        dorefa.yield %r : i8
      } -> !y
  return %q : !y
}

// -----

!x = tensor<1x8xi8, #dorefa.code<u2>>
!w = tensor<2x8xi8, #dorefa.code<u1>>
!y = tensor<1x2xi32, #dorefa.code<s32>>
#dense = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>

// A code of 32 bits leaves as it is.
// CHECK-LABEL: func.func @wide_result(
// CHECK:       ^bb0(%[[D:.+]]: i32):
// CHECK-NEXT:    dorefa.yield %[[D]] : i32
func.func @wide_result(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } -> !y
  return %q : !y
}

// -----

!x = tensor<1x16x5x5xi8, #dorefa.code<u2>>
!w = tensor<16x1x3x3xi8, #dorefa.code<u1>>
!y = tensor<1x16x5x5xi8, #dorefa.code<u2>>
#depthwise = #dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 16> weight <zero = [1], step = 2>>

// Plain loops multiply by the weights themselves: sums from -27 to 27.
// CHECK-LABEL: func.func @depthwise(
// CHECK:         dorefa.layer {{.*}} weight <zero = [1], step = 2>
// CHECK-NEXT:    ^bb0(%[[D:.+]]: i16, %[[V:.+]]: vector<3xi16>):
// CHECK-NEXT:      dorefa.count_thresholds %[[D]], %[[V]] : i16, vector<3xi16> to i8
func.func @depthwise(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<1> : tensor<16x3xi32>
  %q = dorefa.layer products [#depthwise] inputs(%x : !x) weights(%w : !w)
      parameters(%t : tensor<16x3xi32>) epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %v : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<direct vectors 1 pixels 1>} -> !y
  return %q : !y
}

// -----

!x = tensor<1x16x5x5xi8, #dorefa.code<u2>>
!w = tensor<16x1x3x3xi8, #dorefa.code<u1>>
!y = tensor<1x16x5x5xi8, #dorefa.code<u2>>
#depthwise = #dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 16>
                             weight <zero = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1214], step = 1>>

// 27 times a weight down to -1214 of one channel.
// CHECK-LABEL: func.func @large_zero(
// CHECK:       ^bb0(%{{.+}}: i32, %{{.+}}: vector<3xi32>):
func.func @large_zero(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<1> : tensor<16x3xi32>
  %q = dorefa.layer products [#depthwise] inputs(%x : !x) weights(%w : !w)
      parameters(%t : tensor<16x3xi32>) epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %v : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<direct vectors 1 pixels 1>} -> !y
  return %q : !y
}

// -----

!x = tensor<1x16x5x5xi8, #dorefa.code<u2>>
!w = tensor<16x1x3x3xi8, #dorefa.code<u1>>
!y = tensor<1x16x5x5xi8, #dorefa.code<u2>>
#depthwise = #dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 16>
                             weight <zero = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1213], step = 1>>

// 27 times a weight down to -1213 of one channel fits.
// CHECK-LABEL: func.func @zero_that_fits(
// CHECK:       ^bb0(%{{.+}}: i16, %{{.+}}: vector<3xi16>):
func.func @zero_that_fits(%x: !x) -> !y {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<1> : tensor<16x3xi32>
  %q = dorefa.layer products [#depthwise] inputs(%x : !x) weights(%w : !w)
      parameters(%t : tensor<16x3xi32>) epilogue {
      ^bb0(%d: i32, %v: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %v : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<direct vectors 1 pixels 1>} -> !y
  return %q : !y
}
