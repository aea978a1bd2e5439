// RUN: dorefa-interpret %s | FileCheck %s

#unit = #dorefa.conv<strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>
#border = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>

// The graph of contractions.mlir's padding_is_no_code as a layer, with its
// threshold search done: codes count the thresholds -2, 0 and 2.
// CHECK-LABEL: @thresholds
// CHECK-NEXT:    = [1, 2, 2, 1, 3, 1, 1, 2, 0, 3, 2, 1, 2, 0, 2, 3]
func.func @thresholds() -> tensor<1x1x4x4xi8, #dorefa.code<u2>> {
  %q = arith.constant dense<[[[[0, 1, 2], [3, 2, 1], [0, 3, 3]]]]> : tensor<1x1x3x3xi8, #dorefa.code<u2>>
  %p = arith.constant dense<[[[[1, 0], [0, 1]]]]> : tensor<1x1x2x2xi8, #dorefa.code<u1>>
  %t = arith.constant dense<[[-2, 0, 2]]> : tensor<1x3xi32>
  %y = dorefa.layer
      products [#dorefa.product<conv geometry #border input <zero = [1]> weight <zero = [1], step = 2>>]
      inputs(%q : tensor<1x1x3x3xi8, #dorefa.code<u2>>)
      weights(%p : tensor<1x1x2x2xi8, #dorefa.code<u1>>)
      parameters(%t : tensor<1x3xi32>)
      epilogue {
      ^bb0(%d: i32, %t0: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %t0 : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } -> tensor<1x1x4x4xi8, #dorefa.code<u2>>
  return %y : tensor<1x1x4x4xi8, #dorefa.code<u2>>
}

// Affine forms of channels, a parameter a channel, a residual of codes that
// are read as their storage, two results, and a minimum pool over both.
// CHECK-LABEL: @residual_and_pool
// CHECK-NEXT:    = [0.5, -5]
// CHECK-NEXT:    = [200, 194]
func.func @residual_and_pool() -> (tensor<1x2x1x1xf32>, tensor<1x2x1x1xi8, #dorefa.code<u8>>) {
  %q = arith.constant dense<[[[[1, 2]], [[3, 0]]]]> : tensor<1x2x1x2xi8, #dorefa.code<u2>>
  %p = arith.constant dense<[[[[1]], [[0]]], [[[0]], [[1]]]]> : tensor<2x2x1x1xi8, #dorefa.code<u1>>
  %r = arith.constant dense<[[[[-56]], [[-57]]]]> : tensor<1x2x1x1xi8, #dorefa.code<u8>>
  %s = arith.constant dense<0.5> : tensor<f32>
  %b = arith.constant dense<[1.5, -4.5]> : tensor<2xf32>
  %x, %c = dorefa.layer
      products [#dorefa.product<conv geometry #unit input <zero = [0, 1]> weight <zero = [1, 0]>>]
      inputs(%q : tensor<1x2x1x2xi8, #dorefa.code<u2>>)
      weights(%p : tensor<2x2x1x1xi8, #dorefa.code<u1>>)
      parameters(%s, %b : tensor<f32>, tensor<2xf32>)
      residuals(%r : tensor<1x2x1x1xi8, #dorefa.code<u8>>)
      pool min <kernel = [1, 2], strides = [1, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>
      epilogue {
      ^bb0(%d: i32, %s0: f32, %b0: f32, %r0: i8):
        %f = arith.sitofp %d : i32 to f32
        %v = arith.mulf %f, %s0 : f32
        %w = arith.addf %v, %b0 : f32
        %u = arith.uitofp %r0 : i8 to f32
        %sum = arith.addf %u, %w : f32
        %code = dorefa.quantize_scalar half_even %sum code <u8> : f32 to i8
        dorefa.yield %w, %code : f32, i8
      } -> tensor<1x2x1x1xf32>, tensor<1x2x1x1xi8, #dorefa.code<u8>>
  return %x, %c : tensor<1x2x1x1xf32>, tensor<1x2x1x1xi8, #dorefa.code<u8>>
}

// Reals in the declared order: kernel positions outside, then channels; with
// channels_first the other way round.
// CHECK-LABEL: @order_of_reals
// CHECK-NEXT:    = [3]
// CHECK-NEXT:    = [2]
func.func @order_of_reals() -> (tensor<1x1x1xf32>, tensor<1x1x1xf32>) {
  %x = arith.constant dense<[[[1.0e8, 1.0], [-1.0e8, 2.0]]]> : tensor<1x2x2xf32>
  %w = arith.constant dense<1.0> : tensor<1x2x2xf32>
  %y = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [1], pads = [0, 0], dilations = [1]>>]
      inputs(%x : tensor<1x2x2xf32>)
      weights(%w : tensor<1x2x2xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x1x1xf32>
  %z = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [1], pads = [0, 0], dilations = [1]> channels_first true>]
      inputs(%x : tensor<1x2x2xf32>)
      weights(%w : tensor<1x2x2xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x1x1xf32>
  return %y, %z : tensor<1x1x1xf32>, tensor<1x1x1xf32>
}

// A product without spatial dimensions; two sums over windows.
// CHECK-LABEL: @dense_and_sums
// CHECK-NEXT:    = [14, -1]
// CHECK-NEXT:    = [7, 7]
func.func @dense_and_sums() -> (tensor<1x2xi32>, tensor<1x2x1xi32>) {
  %q = arith.constant dense<[[1, 2, 3]]> : tensor<1x3xi8, #dorefa.code<u2>>
  %p = arith.constant dense<[[1, 2, 3], [1, -1, 0]]> : tensor<2x3xi8, #dorefa.code<s3>>
  %y = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>]
      inputs(%q : tensor<1x3xi8, #dorefa.code<u2>>)
      weights(%p : tensor<2x3xi8, #dorefa.code<s3>>)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } -> tensor<1x2xi32>
  %a = arith.constant dense<[[[1, 2, 3], [3, 1, 2]]]> : tensor<1x2x3xi8, #dorefa.code<u2>>
  %z = dorefa.layer
      products [
        #dorefa.product<sum geometry <strides = [1], pads = [0, 0], dilations = [1]> kernel [3]>,
        #dorefa.product<sum geometry <strides = [1], pads = [0, 0], dilations = [1]> kernel [3] input <zero = [1, 1], step = 2>>]
      inputs(%a, %a : tensor<1x2x3xi8, #dorefa.code<u2>>, tensor<1x2x3xi8, #dorefa.code<u2>>)
      epilogue {
      ^bb0(%d: i32, %e: i32):
        %two = arith.constant 8 : i32
        %f = arith.subi %e, %two : i32
        %g = arith.maxsi %f, %d : i32
        %one = arith.constant 1 : i32
        %h = arith.addi %g, %one : i32
        dorefa.yield %h : i32
      } -> tensor<1x2x1xi32>
  return %y, %z : tensor<1x2xi32>, tensor<1x2x1xi32>
}

// No product: elementwise, a dimension of extent 1 is repeated.
// CHECK-LABEL: @elementwise
// CHECK-NEXT:    = [3, 0, 5, 0]
func.func @elementwise() -> tensor<1x2x2xf32> {
  %x = arith.constant dense<[[[1.0, -2.0], [3.0, -4.0]]]> : tensor<1x2x2xf32>
  %y = arith.constant dense<[[[2.0]]]> : tensor<1x1x1xf32>
  %z = dorefa.layer
      products []
      residuals(%x, %y : tensor<1x2x2xf32>, tensor<1x1x1xf32>)
      epilogue {
      ^bb0(%a: f32, %b: f32):
        %s = arith.addf %a, %b : f32
        %zero = arith.constant 0.0 : f32
        %m = arith.maximumf %s, %zero : f32
        dorefa.yield %m : f32
      } -> tensor<1x2x2xf32>
  return %z : tensor<1x2x2xf32>
}

// An extent that divides the full one: two neighbours share each element.
// CHECK-LABEL: @shared_by_groups
// CHECK-NEXT:    = [11, 12, 23, 24]
func.func @shared_by_groups() -> tensor<1x4x1xf32> {
  %x = arith.constant dense<[[[1.0], [2.0], [3.0], [4.0]]]> : tensor<1x4x1xf32>
  %y = arith.constant dense<[[[10.0], [20.0]]]> : tensor<1x2x1xf32>
  %z = dorefa.layer
      products []
      residuals(%x, %y : tensor<1x4x1xf32>, tensor<1x2x1xf32>)
      epilogue {
      ^bb0(%a: f32, %b: f32):
        %s = arith.addf %a, %b : f32
        dorefa.yield %s : f32
      } -> tensor<1x4x1xf32>
  return %z : tensor<1x4x1xf32>
}
