// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --dorefa-reduce-epilogues=target=x86-64-v3 | FileCheck %s
// RUN: dorefa-opt %s --dorefa-reduce-epilogues='triple=x86_64-linux-gnu cpu=x86-64-v2' | FileCheck %s --check-prefix=UNFUSED --implicit-check-not=math.fma

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x16xi8, #dorefa.code<u2>>
!w = tensor<2x16xi8, #dorefa.code<u1>>
!y = tensor<1x2xi8, #dorefa.code<u3>>

// Without a fused multiply-add, which would be a call for each element, thresholds
// stay, and divisions whose reciprocal has two parts.
// UNFUSED-LABEL: func.func @even_thresholds(
// UNFUSED:         dorefa.count_thresholds
// UNFUSED-LABEL: func.func @division(
// UNFUSED:         arith.mulf
// UNFUSED-LABEL: func.func @bounds(
// UNFUSED-NOT:     arith.minimumf
// UNFUSED:         arith.divf %arg1, %{{.*}} : f32

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

// One factor is not exact for 255 steps: the rest of the reciprocal is added.
// Bounds at which the code is the first or the last are the code's own; the
// stream behind them stays.
// CHECK-LABEL: func.func @bounds(
// CHECK:         ^bb0(%[[V:.*]]: f32):
// CHECK-NEXT:      %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:      %[[RELU:.*]] = arith.maximumf %[[V]], %[[ZERO]] : f32
// CHECK-NEXT:      %[[LOW:.*]] = arith.constant 1.78{{.*}}E-7 : f32
// CHECK-NEXT:      %[[REST:.*]] = arith.mulf %[[V]], %[[LOW]] : f32
// CHECK-NEXT:      %[[HIGH:.*]] = arith.constant 254.99{{.*}} : f32
// CHECK-NEXT:      %[[X:.*]] = math.fma %[[V]], %[[HIGH]], %[[REST]] : f32
// CHECK-NEXT:      %[[CODE:.*]] = dorefa.quantize_scalar half_even %[[X]] code <u8>
// CHECK-NEXT:      dorefa.yield %[[CODE]], %[[RELU]]
func.func @bounds(%x: tensor<1x4xf32>) -> (tensor<1x4xi8, #dorefa.code<u8>>, tensor<1x4xf32>) {
  %a, %b = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%v: f32):
        %zero = arith.constant 0.0 : f32
        %one = arith.constant 1.0 : f32
        %step = arith.constant 0.00392156886 : f32
        %relu = arith.maximumf %v, %zero : f32
        %clip = arith.minimumf %relu, %one : f32
        %q = arith.divf %clip, %step : f32
        %i = dorefa.quantize_scalar half_even %q code <u8> : f32 to i8
        dorefa.yield %i, %relu : i8, f32
      } -> tensor<1x4xi8, #dorefa.code<u8>>, tensor<1x4xf32>
  return %a, %b : tensor<1x4xi8, #dorefa.code<u8>>, tensor<1x4xf32>
}

// The bound above is the code's 127; the one below, as its code is the first; but
// not where the bound of the reals is nearer than the code's.
// CHECK-LABEL: func.func @nearer_bounds(
// CHECK:         ^bb0(%[[V:.*]]: f32):
// CHECK-DAG:       %[[LEAST:.*]] = arith.constant -1.280000e+02 : f32
// CHECK-DAG:       %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK:           %[[A:.*]] = arith.mulf %[[V]], %{{.*}} : f32
// CHECK:           dorefa.quantize_scalar half_even %[[A]] code <s8>
// CHECK:           %[[C:.*]] = arith.minimumf %[[V]], %[[HALF]] : f32
// CHECK:           %[[D:.*]] = arith.mulf %[[C]], %{{.*}} : f32
// CHECK:           dorefa.quantize_scalar half_even %[[D]] code <s8>
// CHECK:           %[[E:.*]] = arith.maximumf %[[V]], %[[LEAST]] : f32
// CHECK:           dorefa.quantize_scalar floor %[[E]] code <s8>
// CHECK:           dorefa.yield
func.func @nearer_bounds(%x: tensor<1x4xf32>) -> (tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>) {
  %a, %b, %c = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%v: f32):
        %low = arith.constant -1.0 : f32
        %least = arith.constant -128.0 : f32
        %one = arith.constant 1.0 : f32
        %half = arith.constant 0.5 : f32
        %times = arith.constant 128.0 : f32
        %clip = arith.maximumf %v, %low : f32
        %both = arith.minimumf %clip, %one : f32
        %p = arith.mulf %both, %times : f32
        %i = dorefa.quantize_scalar half_even %p code <s8> : f32 to i8
        %near = arith.minimumf %v, %half : f32
        %q = arith.mulf %near, %times : f32
        %j = dorefa.quantize_scalar half_even %q code <s8> : f32 to i8
        %e = arith.maximumf %v, %least : f32
        %k = dorefa.quantize_scalar floor %e code <s8> : f32 to i8
        dorefa.yield %i, %j, %k : i8, i8, i8
      } -> tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>
  return %a, %b, %c : tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>
}

// Bounds on both sides of the division.
// CHECK-LABEL: func.func @bounds_behind(
// CHECK:         ^bb0(%[[V:.*]]: f32):
// CHECK-NEXT:      arith.constant
// CHECK-NEXT:      %[[A:.*]] = arith.mulf %[[V]], %{{.*}} : f32
// CHECK-NEXT:      dorefa.quantize_scalar half_even %[[A]] code <u2>
// CHECK-NEXT:      dorefa.yield
func.func @bounds_behind(%x: tensor<1x4xf32>) -> tensor<1x4xi8, #dorefa.code<u2>> {
  %a = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%v: f32):
        %zero = arith.constant 0.0 : f32
        %one = arith.constant 1.0 : f32
        %three = arith.constant 3.0 : f32
        %third = arith.constant 0.333333343 : f32
        %clip = arith.minimumf %v, %one : f32
        %q = arith.divf %clip, %third : f32
        %relu = arith.maximumf %q, %zero : f32
        %both = arith.minimumf %relu, %three : f32
        %i = dorefa.quantize_scalar half_even %both code <u2> : f32 to i8
        dorefa.yield %i : i8
      } -> tensor<1x4xi8, #dorefa.code<u2>>
  return %a : tensor<1x4xi8, #dorefa.code<u2>>
}

// What looks like a bound of the code is left alone: the factor is negative or 0, the
// bound is no number, whose code is the first, or the codes are longer than binary32
// numbers.
// CHECK-LABEL: func.func @no_bounds(
// CHECK-COUNT-3: arith.maximumf
// CHECK:         arith.minimumf
// CHECK:         dorefa.yield
func.func @no_bounds(%x: tensor<1x4xf32>) -> (tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi32, #dorefa.code<u26>>) {
  %a, %b, %c, %d = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%v: f32):
        %one = arith.constant 1.0 : f32
        %falls = arith.constant -128.0 : f32
        %p = arith.maximumf %v, %one : f32
        %q = arith.mulf %p, %falls : f32
        %i = dorefa.quantize_scalar half_even %q code <s8> : f32 to i8
        %none = arith.constant 0x7FC00000 : f32
        %r = arith.maximumf %v, %none : f32
        %j = dorefa.quantize_scalar half_even %r code <s8> : f32 to i8
        %least = arith.constant -1.0 : f32
        %zero = arith.constant 0.0 : f32
        %s = arith.maximumf %v, %least : f32
        %t = arith.mulf %s, %zero : f32
        %k = dorefa.quantize_scalar half_even %t code <s8> {max = 0 : i64, min = 0 : i64} : f32 to i8
        %long = arith.constant 33554432.0 : f32
        %u = arith.minimumf %v, %long : f32
        %l = dorefa.quantize_scalar half_even %u code <u26> {max = 33554433 : i64} : f32 to i32
        dorefa.yield %i, %j, %k, %l : i8, i8, i8, i32
      } -> tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi32, #dorefa.code<u26>>
  return %a, %b, %c, %d : tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi8, #dorefa.code<s8>>, tensor<1x4xi32, #dorefa.code<u26>>
}
