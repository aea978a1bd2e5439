// RUN: dorefa-opt %s --dorefa-expose-taps --split-input-file --verify-diagnostics | FileCheck %s

module attributes {dorefa.batch = 0 : i64} {
  // CHECK-LABEL: func.func @codes_become_results(
  // CHECK-SAME:    -> (tensor<1x4xf32> {dorefa.name = "y"},
  // CHECK-SAME:        tensor<1x4xi8, #dorefa.code<u2>> {dorefa.name = "act0"},
  // CHECK-SAME:        tensor<1x4xi8, #dorefa.code<u1>> {dorefa.name = "act1"})
  func.func @codes_become_results(%x: tensor<1x4xf32>, %t: tensor<1x1xf32>)
      -> (tensor<1x4xf32> {dorefa.name = "y"}) {
    // CHECK: %[[Q:.+]] = dorefa.quantize half_even
    %q = dorefa.quantize half_even %x {dorefa.value = "act0"} : tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
    // CHECK: %[[R:.+]] = dorefa.quantize_thresholds
    %r = dorefa.quantize_thresholds %x, %t axis 1 {dorefa.value = "act1"}
      : tensor<1x4xf32>, tensor<1x1xf32> to tensor<1x4xi8, #dorefa.code<u1>>
    // CHECK: return %{{.+}}, %[[Q]], %[[R]] :
    return %x : tensor<1x4xf32>
  }

  // CHECK-LABEL: func.func @quantizers_that_were_dropped(
  // CHECK-SAME:    -> (tensor<1x4xf32> {dorefa.name = "y"},
  // CHECK-SAME:        tensor<1x4xi8, #dorefa.code<u2>> {dorefa.name = "act0"},
  // CHECK-SAME:        tensor<1x4xi8, #dorefa.code<u2>> {dorefa.name = "act1"},
  // CHECK-SAME:        tensor<1x2x2xi8, #dorefa.code<u2>> {dorefa.name = "act2"})
  func.func @quantizers_that_were_dropped(%x: tensor<1x4xf32>)
      -> (tensor<1x4xf32> {dorefa.name = "y"}) {
    // CHECK: %[[Q:.+]] = dorefa.quantize half_even
    %q = dorefa.quantize half_even %x {dorefa.taps = ["act1", 7, ""], dorefa.value = "act0"}
      : tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
    // CHECK: %[[R:.+]] = dorefa.reshape %[[Q]]
    %r = dorefa.reshape %q {dorefa.taps = ["act2"], dorefa.value = "reshaped"}
      : tensor<1x4xi8, #dorefa.code<u2>> to tensor<1x2x2xi8, #dorefa.code<u2>>
    // CHECK: return %{{.+}}, %[[Q]], %[[Q]], %[[R]] :
    return %x : tensor<1x4xf32>
  }

  // CHECK-LABEL: func.func @without_a_name_nothing_is_returned(
  // CHECK:         return %{{[^,]+}} : tensor<1x4xf32>
  func.func @without_a_name_nothing_is_returned(%x: tensor<1x4xf32>)
      -> (tensor<1x4xf32> {dorefa.name = "y"}) {
    %q = dorefa.quantize half_even %x : tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
    return %x : tensor<1x4xf32>
  }

  // CHECK-LABEL: func.func @an_output_already_stays_one(
  // CHECK:         return %{{[^,]+}} : tensor<1x4xi8, #dorefa.code<u2>>
  func.func @an_output_already_stays_one(%x: tensor<1x4xf32>)
      -> (tensor<1x4xi8, #dorefa.code<u2>> {dorefa.name = "act0"}) {
    %q = dorefa.quantize half_even %x {dorefa.value = "act0"} : tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
    return %q : tensor<1x4xi8, #dorefa.code<u2>>
  }

  // CHECK-LABEL: func.func @codes_beside_the_reals_of_their_name(
  // CHECK-SAME:    -> (tensor<1x4xf32> {dorefa.name = "y"},
  // CHECK-SAME:        tensor<1x4xi8, #dorefa.code<u2>> {dorefa.name = "y_codes"})
  func.func @codes_beside_the_reals_of_their_name(%x: tensor<1x4xf32>)
      -> (tensor<1x4xf32> {dorefa.name = "y"}) {
    %q = dorefa.quantize half_even %x {dorefa.value = "y"} : tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
    return %x : tensor<1x4xf32>
  }
}

// -----

module attributes {dorefa.batch = 0 : i64} {
  func.func @batch_elsewhere(%x: tensor<4x1xf32>) -> (tensor<4x1xf32> {dorefa.name = "y"}) {
    // expected-remark@+1 {{the codes 'act0' are no output: their leading dimension is not the batch}}
    %q = dorefa.quantize half_even %x {dorefa.value = "act0"} : tensor<4x1xf32> to tensor<4x1xi8, #dorefa.code<u2>>
    return %x : tensor<4x1xf32>
  }
}

// -----

module attributes {dorefa.batch = 4 : i64} {
  // CHECK-LABEL: func.func @with_a_fixed_batch_any_extent_will_do(
  // CHECK:         return %{{.+}}, %{{.+}} :
  func.func @with_a_fixed_batch_any_extent_will_do(%x: tensor<4x1xf32>)
      -> (tensor<4x1xf32> {dorefa.name = "y"}) {
    %q = dorefa.quantize half_even %x {dorefa.value = "act0"} : tensor<4x1xf32> to tensor<4x1xi8, #dorefa.code<u2>>
    return %x : tensor<4x1xf32>
  }
}
