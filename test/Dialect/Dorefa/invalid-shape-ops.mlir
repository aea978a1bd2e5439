// RUN: dorefa-opt %s --split-input-file --verify-diagnostics

func.func @broadcast_of_other_extents(%x: tensor<3xf32>) {
  // expected-error @below {{cannot broadcast [3] to [2, 4]}}
  %y = dorefa.broadcast %x : tensor<3xf32> to tensor<2x4xf32>
  return
}

// -----

func.func @broadcast_to_other_codes(%x: tensor<3xi8, #dorefa.code<u2>>) {
  // expected-error @below {{expected the result to have the elements of 'tensor<3xi8, #dorefa.code<u2>>', but got 'tensor<2x3xi8, #dorefa.code<s2>>'}}
  %y = dorefa.broadcast %x : tensor<3xi8, #dorefa.code<u2>> to tensor<2x3xi8, #dorefa.code<s2>>
  return
}

// -----

func.func @reshape_to_more_elements(%x: tensor<2x3xf32>) {
  // expected-error @below {{cannot reshape [2, 3] to [7]}}
  %y = dorefa.reshape %x : tensor<2x3xf32> to tensor<7xf32>
  return
}

// -----

func.func @reshape_to_reals(%x: tensor<2xi32>) {
  // expected-error @below {{expected the result to have the elements of 'tensor<2xi32>', but got 'tensor<1x2xf32>'}}
  %y = dorefa.reshape %x : tensor<2xi32> to tensor<1x2xf32>
  return
}

// -----

func.func @dimension_twice(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected a permutation of 2 dimensions, but got [0, 0]}}
  %y = dorefa.transpose %x permutation [0, 0] : tensor<2x3xf32> to tensor<2x2xf32>
  return
}

// -----

func.func @shape_of_transpose(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected a result of shape [3, 2], but got [2, 3]}}
  %y = dorefa.transpose %x permutation [1, 0] : tensor<2x3xf32> to tensor<2x3xf32>
  return
}

// -----

func.func @nothing_to_join() {
  // expected-error @below {{expected at least one input}}
  %y = "dorefa.concat"() {axis = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @axis_of_concat(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected an axis from 0 to 1, but got 2}}
  %y = dorefa.concat %x axis 2 : tensor<2x3xf32> to tensor<2x3xf32>
  return
}

// -----

func.func @ranks_of_concat(%x: tensor<2x3xf32>, %z: tensor<3xf32>) {
  // expected-error @below {{expected inputs of one rank}}
  %y = dorefa.concat %x, %z axis 0 : tensor<2x3xf32>, tensor<3xf32> to tensor<3x3xf32>
  return
}

// -----

func.func @extents_of_concat(%x: tensor<2x3xf32>, %z: tensor<2x4xf32>) {
  // expected-error @below {{expected inputs that differ along axis 0 only}}
  %y = dorefa.concat %x, %z axis 0 : tensor<2x3xf32>, tensor<2x4xf32> to tensor<4x3xf32>
  return
}

// -----

func.func @shape_of_concat(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected a result of shape [4, 3], but got [2, 6]}}
  %y = dorefa.concat %x, %x axis 0 : tensor<2x3xf32>, tensor<2x3xf32> to tensor<2x6xf32>
  return
}

// -----

func.func @offsets_of_slice(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected one offset, step and extent a dimension}}
  %y = dorefa.slice %x offsets [0] steps [1, 1] : tensor<2x3xf32> to tensor<2x3xf32>
  return
}

// -----

func.func @step_of_slice(%x: tensor<4xf32>) {
  // expected-error @below {{expected steps other than 0}}
  %y = dorefa.slice %x offsets [0] steps [0] : tensor<4xf32> to tensor<2xf32>
  return
}

// -----

func.func @slice_behind_the_end(%x: tensor<4xf32>) {
  // expected-error @below {{takes elements outside the extent 4}}
  %y = dorefa.slice %x offsets [1] steps [2] : tensor<4xf32> to tensor<3xf32>
  return
}

// -----

func.func @axis_of_gather(%x: tensor<4xf32>, %i: tensor<2xi64>) {
  // expected-error @below {{expected an axis from 0 to 0, but got 1}}
  %y = dorefa.gather %x, %i axis 1 : tensor<4xf32>, tensor<2xi64> to tensor<2xf32>
  return
}

// -----

func.func @shape_of_gather(%x: tensor<4x3xf32>, %i: tensor<2xi64>) {
  // expected-error @below {{expected a result of shape [2, 3], but got [4, 2]}}
  %y = dorefa.gather %x, %i axis 0 : tensor<4x3xf32>, tensor<2xi64> to tensor<4x2xf32>
  return
}

// -----

func.func @pads_of_some_dimensions(%x: tensor<1x4xf32>, %v: tensor<f32>) {
  // expected-error @below {{expected one low and one high pad a dimension}}
  %y = dorefa.pad %x, %v low [0] high [0, 1] : tensor<1x4xf32>, tensor<f32> to tensor<1x5xf32>
  return
}

// -----

func.func @negative_pad(%x: tensor<4xf32>, %v: tensor<f32>) {
  // expected-error @below {{expected pads from 0 to 2147483647, but got -1 and 0}}
  %y = dorefa.pad %x, %v low [-1] high [0] : tensor<4xf32>, tensor<f32> to tensor<3xf32>
  return
}

// -----

func.func @pad_beyond_any_tensor(%x: tensor<4xf32>, %v: tensor<f32>) {
  // expected-error @below {{expected pads from 0 to 2147483647, but got 1 and 9223372036854775807}}
  %y = dorefa.pad %x, %v low [1] high [9223372036854775807] : tensor<4xf32>, tensor<f32> to tensor<5xf32>
  return
}

// -----

func.func @value_of_pad(%x: tensor<4xf32>, %v: tensor<1xf32>) {
  // expected-error @below {{expected a value of rank 0 and the input's type}}
  %y = dorefa.pad %x, %v low [1] high [0] : tensor<4xf32>, tensor<1xf32> to tensor<5xf32>
  return
}

// -----

func.func @shape_of_pad(%x: tensor<4xf32>, %v: tensor<f32>) {
  // expected-error @below {{expected a result of shape [5], but got [6]}}
  %y = dorefa.pad %x, %v low [1] high [0] : tensor<4xf32>, tensor<f32> to tensor<6xf32>
  return
}

// -----

func.func @tables_of_resize(%x: tensor<1x2xf32>) {
  // expected-error @below {{expected one index table a dimension}}
  %y = dorefa.resize %x indices [array<i64: 0>] : tensor<1x2xf32> to tensor<1x4xf32>
  return
}

// -----

func.func @index_of_resize(%x: tensor<1x2xf32>) {
  // expected-error @below {{expected indices from 0 to 1, but got 2}}
  %y = dorefa.resize %x indices [array<i64: 0>, array<i64: 0, 2>] : tensor<1x2xf32> to tensor<1x2xf32>
  return
}

// -----

func.func @shape_of_resize(%x: tensor<1x2xf32>) {
  // expected-error @below {{expected a result of shape [1, 3], but got [1, 4]}}
  %y = dorefa.resize %x indices [array<i64: 0>, array<i64: 0, 1, 1>] : tensor<1x2xf32> to tensor<1x4xf32>
  return
}
