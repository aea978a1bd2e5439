// RUN: dorefa-opt %s --convert-dorefa-to-loops=least-part-work=1 --split-input-file | FileCheck %s
// RUN: dorefa-opt %s --convert-dorefa-to-loops --split-input-file | FileCheck %s --check-prefix=SMALL
// RUN: not dorefa-opt %s --convert-dorefa-to-loops=least-part-work=0 2>&1 | FileCheck %s --check-prefix=NONE

// NONE: error: expected 'least-part-work' to be positive

// Rows of a transposed operand are items; so small a step is not shared by default.
// CHECK-LABEL: func.func private @step.sum(
// CHECK-SAME:    %[[BEGIN:[^:]+]]: index, %[[END:[^:]+]]: index)
// CHECK-SAME:    dorefa.work = {items = 64 : i64, least = 1 : i64}
// CHECK:         scf.for %{{.+}} = %[[BEGIN]] to %[[END]]
// CHECK-LABEL: func.func @dorefa_network(
// CHECK:         %[[ZERO:.+]] = arith.constant 0 : index
// CHECK:         %[[ITEMS:.+]] = arith.constant 64 : index
// CHECK:         call @step.sum(%{{.+}}, %[[ZERO]], %[[ITEMS]])
// SMALL-LABEL: func.func private @step.sum(
// SMALL-NOT:     dorefa.work
// SMALL-LABEL: func.func @dorefa_network(
func.func @rows_are_items(%x: tensor<64x32xf32> {dorefa.name = "x"}, %y: tensor<64x1xf32> {dorefa.name = "y"}) -> (tensor<64x32xf32> {dorefa.name = "z"}) {
  %ys = dorefa.broadcast %y : tensor<64x1xf32> to tensor<64x32xf32>
  %z = arith.addf %x, %ys : tensor<64x32xf32> loc("sum")
  return %z : tensor<64x32xf32>
}

// -----

// The last vector of a row overlaps the one before, so that two threads would
// write the same bytes.
// CHECK-LABEL: func.func private @step.sum(
// CHECK-NOT:     dorefa.work
// CHECK-LABEL: func.func @dorefa_network(
// CHECK:         call @step.sum(%{{[^,]+}}, %{{[^,]+}}) :
func.func @overlapping_vectors_are_one_item(%x: tensor<4099xf32> {dorefa.name = "x"}) -> (tensor<4099xf32> {dorefa.name = "z"}) {
  %z = arith.addf %x, %x : tensor<4099xf32> loc("sum")
  return %z : tensor<4099xf32>
}

// -----

// A pool of reals: items are the places but for columns.
// CHECK-LABEL: func.func private @step.pool(
// CHECK-SAME:    dorefa.work = {items = 24 : i64, least = 1 : i64}
func.func @places_are_items(%x: tensor<1x3x8x8xf32> {dorefa.name = "x"}) -> (tensor<1x3x8x8xf32> {dorefa.name = "z"}) {
  %z = dorefa.pool max %x window <kernel = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : tensor<1x3x8x8xf32> to tensor<1x3x8x8xf32> loc("pool")
  return %z : tensor<1x3x8x8xf32>
}
