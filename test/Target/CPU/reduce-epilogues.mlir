// RUN: dorefa-opt %s --dorefa-reduce-epilogues | FileCheck %s

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x16xi8, #dorefa.code<u2>>
!w = tensor<2x16xi8, #dorefa.code<u1>>
!y = tensor<1x2xi8, #dorefa.code<u3>>

// CHECK-LABEL: func.func @even_thresholds(
// CHECK-DAG:     %[[SLOPES:.*]] = arith.constant dense<[{{.*}}]> : tensor<2xf32>
// CHECK-DAG:     %[[OFFSETS:.*]] = arith.constant dense<[{{.*}}]> : tensor<2xf32>
// CHECK:         dorefa.layer {{.*}} parameters(%[[SLOPES]], %[[OFFSETS]] : tensor<2xf32>, tensor<2xf32>)
// CHECK:         ^bb0(%[[SUM:.*]]: i32, %[[SLOPE:.*]]: f32, %[[OFFSET:.*]]: f32):
// CHECK:           %[[REAL:.*]] = arith.sitofp %[[SUM]] : i32 to f32
// CHECK:           %[[X:.*]] = math.fma %[[REAL]], %[[SLOPE]], %[[OFFSET]] : f32
// CHECK:           %[[CODE:.*]] = dorefa.quantize_scalar half_even %[[X]] code <u3> : f32 to i8
// CHECK:           dorefa.yield %[[CODE]] : i8
func.func @even_thresholds(%x: !x, %w: !w) -> !y {
  %t = arith.constant dense<[[3, 6, 9, 12, 15, 18, 21], [-2, 3, 8, 13, 18, 23, 28]]> : tensor<2x7xi32>
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w) parameters(%t : tensor<2x7xi32>)
      epilogue {
      ^bb0(%d: i32, %ts: vector<7xi32>):
        %c = dorefa.count_thresholds %d, %ts : i32, vector<7xi32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// Six thresholds: the code goes up to 6 only.
// CHECK-LABEL: func.func @six_thresholds(
// CHECK:           dorefa.quantize_scalar half_even %{{.*}} code <u3> {max = 6 : i64} : f32 to i8
func.func @six_thresholds(%x: !x, %w: !w) -> !y {
  %t = arith.constant dense<[[3, 6, 9, 12, 15, 18], [2, 4, 6, 8, 10, 12]]> : tensor<2x6xi32>
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w) parameters(%t : tensor<2x6xi32>)
      epilogue {
      ^bb0(%d: i32, %ts: vector<6xi32>):
        %c = dorefa.count_thresholds %d, %ts : i32, vector<6xi32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// CHECK-LABEL: func.func @one_channel_is_uneven(
// CHECK:         dorefa.count_thresholds
func.func @one_channel_is_uneven(%x: !x, %w: !w) -> !y {
  %t = arith.constant dense<[[3, 6, 9, 12, 15, 18, 21], [0, 1, 2, 3, 4, 5, 40]]> : tensor<2x7xi32>
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w) parameters(%t : tensor<2x7xi32>)
      epilogue {
      ^bb0(%d: i32, %ts: vector<7xi32>):
        %c = dorefa.count_thresholds %d, %ts : i32, vector<7xi32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// A threshold that the channel's weights never reach bounds nothing.
// CHECK-LABEL: func.func @unreached_threshold(
// CHECK:           dorefa.quantize_scalar half_even %{{.*}} code <u3> : f32 to i8
func.func @unreached_threshold(%x: !x) -> !y {
  %w = arith.constant dense<[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]> : !w
  %t = arith.constant dense<[[3, 6, 9, 12, 15, 18, 21], [2, 4, 6, 8, 10, 12, 2147483647]]> : tensor<2x7xi32>
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w) parameters(%t : tensor<2x7xi32>)
      epilogue {
      ^bb0(%d: i32, %ts: vector<7xi32>):
        %c = dorefa.count_thresholds %d, %ts : i32, vector<7xi32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %y : !y
}

// CHECK-LABEL: func.func @division(
// CHECK:           %[[FACTOR:.*]] = arith.constant 3.000000e+00 : f32
// CHECK:           %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %[[FACTOR]] : f32
// CHECK-NOT:       arith.divf
// CHECK:           dorefa.quantize_scalar half_even %[[PRODUCT]] code <u2>
// Another rounding, and a divisor that is no constant.
// CHECK:           arith.divf
// CHECK:           dorefa.quantize_scalar floor
// CHECK:           arith.divf
// CHECK:           dorefa.quantize_scalar half_even
func.func @division(%x: tensor<1x4xf32>, %r: tensor<1x4xf32>) -> (tensor<1x4xi8, #dorefa.code<u2>>, tensor<1x4xi8, #dorefa.code<u2>>, tensor<1x4xi8, #dorefa.code<u2>>) {
  %a, %b, %c = dorefa.layer products [] residuals(%x, %r : tensor<1x4xf32>, tensor<1x4xf32>)
      epilogue {
      ^bb0(%v: f32, %d: f32):
        %third = arith.constant 0.333333343 : f32
        %p = arith.divf %v, %third : f32
        %i = dorefa.quantize_scalar half_even %p code <u2> : f32 to i8
        %q = arith.divf %v, %third : f32
        %j = dorefa.quantize_scalar floor %q code <u2> : f32 to i8
        %s = arith.divf %v, %d : f32
        %k = dorefa.quantize_scalar half_even %s code <u2> : f32 to i8
        dorefa.yield %i, %j, %k : i8, i8, i8
      } -> tensor<1x4xi8, #dorefa.code<u2>>, tensor<1x4xi8, #dorefa.code<u2>>, tensor<1x4xi8, #dorefa.code<u2>>
  return %a, %b, %c : tensor<1x4xi8, #dorefa.code<u2>>, tensor<1x4xi8, #dorefa.code<u2>>, tensor<1x4xi8, #dorefa.code<u2>>
}
