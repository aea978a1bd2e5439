// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(dorefa-fold-thresholds))' | FileCheck %s

!x = tensor<1x3xi8, #dorefa.code<u2>>
!w = tensor<2x3xi8, #dorefa.code<s2>>
!y = tensor<1x2xi8, #dorefa.code<u2>>
#dense = #dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>

// Half of a sum is rounded to even: 1/2 is code 0, 3/2 and 5/2 are code 2. Ties
// are met or not as the chain rounds them.
// CHECK-LABEL: func.func @ties(
// CHECK:         %[[T:.+]] = arith.constant dense<{{\[\[}}2, 3, 6], [2, 3, 6]]> : tensor<2x3xi32>
// CHECK:         dorefa.layer {{.*}} parameters(%[[T]] : tensor<2x3xi32>)
// CHECK:         ^bb0(%[[D:.+]]: i32, %[[V:.+]]: vector<3xi32>):
// CHECK-NEXT:      %[[C:.+]] = dorefa.count_thresholds %[[D]], %[[V]] : i32, vector<3xi32> to i8
// CHECK-NEXT:      dorefa.yield %[[C]]
func.func @ties(%x: !x) -> !y {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %half = arith.constant 0.5 : f32
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %half : f32
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// The channel that falls gets the opposite weights.
// CHECK-LABEL: func.func @falling_channel_is_negated(
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[\[}}1, 1, 1], [1, -1, 0]]> : tensor<2x3xi8, #dorefa.code<s2>>
// CHECK-DAG:     %[[T:.+]] = arith.constant dense<1> : tensor<2x1xi32>
// CHECK:         dorefa.layer {{.*}} weights(%[[W]] : {{.*}} parameters(%[[T]] :
// CHECK:           %[[C:.+]] = dorefa.count_thresholds
// CHECK-NEXT:      dorefa.yield %[[C]]
func.func @falling_channel_is_negated(%x: !x) -> tensor<1x2xi8, #dorefa.code<u1>> {
  %w = arith.constant dense<[[1, 1, 1], [-1, 1, 0]]> : !w
  %a = arith.constant dense<[1.0, -1.0]> : tensor<2xf32>
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      parameters(%a : tensor<2xf32>)
      epilogue {
      ^bb0(%d: i32, %slope: f32):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %slope : f32
        %c = dorefa.quantize_scalar half_even %v code <u1> : f32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x2xi8, #dorefa.code<u1>>
  return %q : tensor<1x2xi8, #dorefa.code<u1>>
}

// -2 has no opposite among two-bit codes: a falling channel counts down from
// the largest code.
// CHECK-LABEL: func.func @slopes_of_both_signs(
// CHECK-DAG:     %[[T:.+]] = arith.constant dense<{{\[\[}}1, 2, 3], [-2, -1, 0]]> : tensor<2x3xi32>
// CHECK-DAG:     %[[SIGN:.+]] = arith.constant dense<[1, -1]> : tensor<2xi8>
// CHECK-DAG:     %[[OFFSET:.+]] = arith.constant dense<[0, 3]> : tensor<2xi8>
// CHECK:         dorefa.layer {{.*}} parameters(%[[T]], %[[SIGN]], %[[OFFSET]] :
// CHECK:         ^bb0(%[[D:.+]]: i32, %[[V:.+]]: vector<3xi32>, %[[S:.+]]: i8, %[[O:.+]]: i8):
// CHECK-NEXT:      %[[N:.+]] = dorefa.count_thresholds %[[D]], %[[V]]
// CHECK-NEXT:      %[[M:.+]] = arith.muli %[[N]], %[[S]] : i8
// CHECK-NEXT:      %[[C:.+]] = arith.addi %[[O]], %[[M]] : i8
// CHECK-NEXT:      dorefa.yield %[[C]]
func.func @slopes_of_both_signs(%x: !x) -> !y {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %a = arith.constant dense<[1.0, -1.0]> : tensor<2xf32>
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      parameters(%a : tensor<2xf32>)
      epilogue {
      ^bb0(%d: i32, %slope: f32):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %slope : f32
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// CHECK-LABEL: func.func @all_channels_fall(
// CHECK:           %[[N:.+]] = dorefa.count_thresholds
// CHECK-NEXT:      %[[TOP:.+]] = arith.constant 3 : i8
// CHECK-NEXT:      arith.subi %[[TOP]], %[[N]] : i8
func.func @all_channels_fall(%x: !x) -> !y {
  %w = arith.constant dense<[[-2, 1, 1], [-2, 1, 1]]> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.negf %f : f32
        %one = arith.constant 1.0 : f32
        %s = arith.addf %v, %one : f32
        %c = dorefa.quantize_scalar half_even %s code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// The first channel is 2 everywhere (slope 0), the second NaN: the lowest code.
// CHECK-LABEL: func.func @constant_channels(
// CHECK:         arith.constant dense<{{\[\[}}-2147483648, -2147483648], [2147483647, 2147483647]]> : tensor<2x2xi32>
// CHECK:           dorefa.count_thresholds
// CHECK-NOT:       arith.mulf
func.func @constant_channels(%x: !x) -> !y {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %a = arith.constant dense<[0.0, 0x7FC00000]> : tensor<2xf32>
  %b = arith.constant dense<[2.0, 1.0]> : tensor<2xf32>
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      parameters(%a, %b : tensor<2xf32>, tensor<2xf32>)
      epilogue {
      ^bb0(%d: i32, %slope: f32, %shift: f32):
        %f = arith.sitofp %d : i32 to f32
        %m = arith.mulf %f, %slope : f32
        %v = arith.addf %m, %shift : f32
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// 0 times infinity is NaN, between codes 0 and 3.
// CHECK-LABEL: func.func @infinite_slope(
// CHECK:         arith.constant dense<1> : tensor<2x3xi32>
func.func @infinite_slope(%x: !x) -> !y {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %inf = arith.constant 0x7F800000 : f32
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %inf : f32
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// Thresholds that are not sorted count the same when they are. One of each row
// is always met, so that codes begin at 1.
// CHECK-LABEL: func.func @unsorted_thresholds(
// CHECK:         arith.constant dense<{{\[\[}}2, 3], [2147483647, 2147483647]]> : tensor<2x2xi32>
// CHECK:           %[[N:.+]] = dorefa.count_thresholds
// CHECK-NEXT:      %[[BASE:.+]] = arith.constant 1 : i8
// CHECK-NEXT:      arith.addi %[[N]], %[[BASE]]
func.func @unsorted_thresholds(%x: !x) -> !y {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %t = arith.constant dense<[[1.5, -1.0, 3.0], [19428.0, -7474.0, 31160.0]]> : tensor<2x3xf32>
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      parameters(%t : tensor<2x3xf32>)
      epilogue {
      ^bb0(%d: i32, %tv: vector<3xf32>):
        %f = arith.sitofp %d : i32 to f32
        %c = dorefa.count_thresholds %f, %tv : f32, vector<3xf32> to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// Two pieces, proved where they meet.
// CHECK-LABEL: func.func @leaky_relu(
// CHECK-NOT:       arith.select
// CHECK:           %[[N:.+]] = dorefa.count_thresholds
// CHECK-NEXT:      %[[BASE:.+]] = arith.constant -2 : i8
// CHECK-NEXT:      arith.addi %[[N]], %[[BASE]]
func.func @leaky_relu(%x: !x) -> tensor<1x2xi8, #dorefa.code<s3>> {
  %w = arith.constant dense<[[1, 1, 1], [-2, -2, -2]]> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %zero = arith.constant 0.0 : f32
        %alpha = arith.constant 0.1 : f32
        %f = arith.sitofp %d : i32 to f32
        %n = arith.cmpf olt, %f, %zero : f32
        %a = arith.mulf %f, %alpha : f32
        %v = arith.select %n, %a, %f : f32
        %c = dorefa.quantize_scalar half_even %v code <s3> : f32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x2xi8, #dorefa.code<s3>>
  return %q : tensor<1x2xi8, #dorefa.code<s3>>
}

// No proof, but each sum was tried.
// CHECK-LABEL: func.func @square_of_sums_that_are_not_negative(
// CHECK:         arith.constant dense<1> : tensor<2x1xi32>
// CHECK:           dorefa.count_thresholds
func.func @square_of_sums_that_are_not_negative(%x: !x) -> tensor<1x2xi8, #dorefa.code<u1>> {
  %w = arith.constant dense<1> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %f : f32
        %c = dorefa.quantize_scalar half_even %v code <u1> : f32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x2xi8, #dorefa.code<u1>>
  return %q : tensor<1x2xi8, #dorefa.code<u1>>
}

// CHECK-LABEL: func.func @square_is_no_step(
// CHECK-NOT:       dorefa.count_thresholds
// CHECK:           arith.mulf
func.func @square_is_no_step(%x: !x) -> tensor<1x2xi8, #dorefa.code<u1>> {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %f : f32
        %c = dorefa.quantize_scalar half_even %v code <u1> : f32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x2xi8, #dorefa.code<u1>>
  return %q : tensor<1x2xi8, #dorefa.code<u1>>
}

// The real value is a result too: its chain stays.
// CHECK-LABEL: func.func @value_and_codes(
// CHECK:           %[[V:.+]] = arith.mulf
// CHECK:           %[[C:.+]] = dorefa.count_thresholds
// CHECK:           dorefa.yield %[[V]], %[[C]] : f32, i8
func.func @value_and_codes(%x: !x) -> (tensor<1x2xf32>, !y) {
  %w = arith.constant dense<[[1, 1, 1], [-2, 1, 1]]> : !w
  %v, %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %half = arith.constant 0.5 : f32
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %half : f32
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %v, %c : f32, i8
      } -> tensor<1x2xf32>, !y
  return %v, %q : tensor<1x2xf32>, !y
}

// CHECK-LABEL: func.func @too_many_thresholds(
// CHECK-NOT:       dorefa.count_thresholds
// CHECK:           dorefa.quantize_scalar
func.func @too_many_thresholds(%x: !x) -> tensor<1x2xi8, #dorefa.code<u8>> {
  %w = arith.constant dense<1> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %two = arith.constant 2.0 : f32
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %two : f32
        %c = dorefa.quantize_scalar half_even %v code <u8> : f32 to i8
        dorefa.yield %c : i8
      } -> tensor<1x2xi8, #dorefa.code<u8>>
  return %q : tensor<1x2xi8, #dorefa.code<u8>>
}

// CHECK-LABEL: func.func @residual_stays(
// CHECK-NOT:       dorefa.count_thresholds
// CHECK:           arith.addf
func.func @residual_stays(%x: !x, %r: tensor<1x2xf32>) -> !y {
  %w = arith.constant dense<1> : !w
  %q = dorefa.layer products [#dense] inputs(%x : !x) weights(%w : !w)
      residuals(%r : tensor<1x2xf32>)
      epilogue {
      ^bb0(%d: i32, %s: f32):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.addf %f, %s : f32
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !y
  return %q : !y
}

// -----

!x = tensor<1x2x3xi8, #dorefa.code<u1>>
!w = tensor<2x1x3xi8, #dorefa.code<u1>>

// Depthwise, codes -1 and 1 on both sides. Where the window leaves the image,
// a position counts 0: sums are -3 to 3, odd ones inside and even ones at the
// border.
// CHECK-LABEL: func.func @depthwise_with_border(
// CHECK:         arith.constant dense<0> : tensor<2x1xi32>
func.func @depthwise_with_border(%x: !x) -> !x {
  %w = arith.constant dense<[[[1, 0, 1]], [[0, 0, 0]]]> : !w
  %q = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [1], pads = [1, 1], dilations = [1], groups = 2>
                                input <zero = [1], step = 2> weight <zero = [1], step = 2>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %f = arith.sitofp %d : i32 to f32
        %c = dorefa.quantize_scalar sign %f code <u1> : f32 to i8
        dorefa.yield %c : i8
      } -> !x
  return %q : !x
}
