// RUN: dorefa-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @broadcast_to_the_same_shape_goes(
// CHECK-SAME:    %[[X:.+]]: tensor<2x3xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @broadcast_to_the_same_shape_goes(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = dorefa.broadcast %x : tensor<2x3xf32> to tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @broadcast_to_a_larger_shape_stays(
// CHECK:         dorefa.broadcast
func.func @broadcast_to_a_larger_shape_stays(%x: tensor<1x3xf32>) -> tensor<2x3xf32> {
  %y = dorefa.broadcast %x : tensor<1x3xf32> to tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @reshapes_there_and_back_go(
// CHECK-SAME:    %[[X:.+]]: tensor<2x3xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @reshapes_there_and_back_go(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = dorefa.reshape %x : tensor<2x3xf32> to tensor<6xf32>
  %z = dorefa.reshape %y : tensor<6xf32> to tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @reshapes_in_a_row_are_one(
// CHECK-SAME:    %[[X:.+]]: tensor<2x3xf32>)
// CHECK-NEXT:    %[[Y:.+]] = dorefa.reshape %[[X]] : tensor<2x3xf32> to tensor<3x2xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @reshapes_in_a_row_are_one(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %y = dorefa.reshape %x : tensor<2x3xf32> to tensor<6xf32>
  %z = dorefa.reshape %y : tensor<6xf32> to tensor<3x2xf32>
  return %z : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @transpose_that_keeps_the_order_goes(
// CHECK-SAME:    %[[X:.+]]: tensor<2x2xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @transpose_that_keeps_the_order_goes(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = dorefa.transpose %x permutation [0, 1] : tensor<2x2xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: func.func @transpose_of_a_square_stays(
// CHECK:         dorefa.transpose
func.func @transpose_of_a_square_stays(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = dorefa.transpose %x permutation [1, 0] : tensor<2x2xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
