// RUN: dorefa-opt %s --pass-pipeline='builtin.module(func.func(dorefa-fuse-pools))' | FileCheck %s

!x = tensor<1x2x4x4xi8, #dorefa.code<u2>>
!r = tensor<1x2x4x4xf32>
!p = tensor<1x2x2x2xi8, #dorefa.code<u2>>
#halve = #dorefa.window<kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>
#overlap = #dorefa.window<kernel = [3, 3], strides = [2, 2], pads = [0, 0, 1, 1], dilations = [1, 1]>

// CHECK-LABEL: func.func @disjoint_windows(
// CHECK:         %[[P:.+]] = dorefa.layer
// CHECK-SAME:      pool max <kernel = [2, 2]
// CHECK:           dorefa.quantize_scalar
// CHECK:         dorefa.value = "pooled"
// CHECK-SAME:    -> tensor<1x2x2x2xi8, #dorefa.code<u2>>
// CHECK-NOT:     dorefa.pool
// CHECK:         return %[[P]]
func.func @disjoint_windows(%x: !r) -> !p {
  %q = dorefa.layer products [] residuals(%x : !r)
      epilogue {
      ^bb0(%v: f32):
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } {dorefa.value = "codes"} -> !x
  %p = dorefa.pool max %q window #halve {dorefa.value = "pooled"} : !x to !p
  return %p : !p
}

// CHECK-LABEL: func.func @overlapping_windows_stay(
// CHECK:         dorefa.pool max
func.func @overlapping_windows_stay(%x: !r) -> !p {
  %q = dorefa.layer products [] residuals(%x : !r)
      epilogue {
      ^bb0(%v: f32):
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !x
  %p = dorefa.pool max %q window #overlap : !x to !p
  return %p : !p
}

// CHECK-LABEL: func.func @codes_that_are_read_elsewhere_stay(
// CHECK:         dorefa.pool max
func.func @codes_that_are_read_elsewhere_stay(%x: !r) -> (!p, !x) {
  %q = dorefa.layer products [] residuals(%x : !r)
      epilogue {
      ^bb0(%v: f32):
        %c = dorefa.quantize_scalar half_even %v code <u2> : f32 to i8
        dorefa.yield %c : i8
      } -> !x
  %p = dorefa.pool max %q window #halve : !x to !p
  return %p, %q : !p, !x
}

// CHECK-LABEL: func.func @reals(
// CHECK:         dorefa.layer
// CHECK-SAME:      pool max <kernel = [2, 2]
// CHECK-NOT:     dorefa.pool
func.func @reals(%x: !r) -> tensor<1x2x2x2xf32> {
  %y = dorefa.layer products [] residuals(%x : !r)
      epilogue {
      ^bb0(%v: f32):
        %n = arith.negf %v : f32
        dorefa.yield %n : f32
      } -> !r
  %p = dorefa.pool max %y window #halve : !r to tensor<1x2x2x2xf32>
  return %p : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: func.func @sum_stays(
// CHECK:         dorefa.pool sum
func.func @sum_stays(%x: !r) -> tensor<1x2x2x2xf32> {
  %y = dorefa.layer products [] residuals(%x : !r)
      epilogue {
      ^bb0(%v: f32):
        %n = arith.negf %v : f32
        dorefa.yield %n : f32
      } -> !r
  %p = dorefa.pool sum %y window #halve : !r to tensor<1x2x2x2xf32>
  return %p : tensor<1x2x2x2xf32>
}
