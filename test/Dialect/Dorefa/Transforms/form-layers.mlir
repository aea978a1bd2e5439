// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(dorefa-form-layers))' | FileCheck %s

!x = tensor<1x2x4x4xi8, #dorefa.code<u2>>
!xr = tensor<1x2x4x4xf32>
!w = tensor<2x2x3x3xi8, #dorefa.code<u1>>
!wr = tensor<2x2x3x3xf32>
#same = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>

// CHECK-LABEL: func.func @chain_becomes_epilogue(
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x4xi8, #dorefa.code<u2>>)
// CHECK-DAG:     %[[W:.+]] = arith.constant {{.*}} : tensor<2x2x3x3xi8, #dorefa.code<u1>>
// CHECK-DAG:     %[[A:.+]] = arith.constant dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf32>
// CHECK-DAG:     %[[B:.+]] = arith.constant dense<[5.000000e-01, 2.500000e+00]> : tensor<2xf32>
// CHECK:         %[[Q:.+]] = dorefa.layer products [#dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> weight <zero = [1], step = 2>>]
// CHECK-SAME:      inputs(%[[X]] :
// CHECK-SAME:      weights(%[[W]] :
// CHECK-SAME:      parameters(%[[A]], %[[B]] :
// CHECK:         ^bb0(%[[D:.+]]: i32, %[[AC:.+]]: f32, %[[BC:.+]]: f32):
// CHECK-NEXT:      %[[F:.+]] = arith.sitofp %[[D]]
// CHECK-NEXT:      %[[S:.+]] = arith.constant 1.250000e-01 : f32
// CHECK-NEXT:      %[[V:.+]] = arith.mulf %[[F]], %[[S]]
// CHECK-NEXT:      %[[M:.+]] = arith.mulf %[[V]], %[[AC]]
// CHECK-NEXT:      %[[N:.+]] = arith.addf %[[M]], %[[BC]]
// CHECK-NEXT:      %[[ZERO:.+]] = arith.constant 0.0
// CHECK-NEXT:      %[[R:.+]] = arith.maximumf %[[N]], %[[ZERO]]
// CHECK-NEXT:      %[[C:.+]] = dorefa.quantize_scalar half_even %[[R]] code <u2> {max = 2 : i64} : f32 to i8
// CHECK-NEXT:      dorefa.yield %[[C]] : i8
// CHECK:         dorefa.value = "codes"
// CHECK-SAME:    -> tensor<1x2x4x4xi8, #dorefa.code<u2>>
// CHECK-NEXT:    return %[[Q]]
func.func @chain_becomes_epilogue(%x: !x) -> !x {
  %sx = arith.constant dense<0.25> : tensor<f32>
  %sw = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %gamma = arith.constant dense<[2.0, -4.0]> : tensor<2xf32>
  %beta = arith.constant dense<[1.5, 0.5]> : tensor<2xf32>
  %mean = arith.constant dense<[1.0, 1.0]> : tensor<2xf32>
  %variance = arith.constant dense<4.0> : tensor<2xf32>
  %zero = arith.constant dense<0.0> : !xr
  %xr = dorefa.dequantize %x, %sx, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %sw, %one {step = 2 : i64} : !w, tensor<f32>, tensor<i32> to !wr
  %y = dorefa.conv %xr, %wr geometry #same : !xr, !wr to !xr
  %n = dorefa.batch_norm %y, %gamma, %beta, %mean, %variance epsilon 0.0 : !xr, tensor<2xf32>
  %r = arith.maximumf %n, %zero : !xr
  %q = dorefa.quantize half_even %r {max = 2 : i64, dorefa.value = "codes"} : !xr to !x
  return %q : !x
}

// -----

!x = tensor<1x2x4x4xi8, #dorefa.code<u2>>
!xr = tensor<1x2x4x4xf32>
!w = tensor<2x2x1x1xi8, #dorefa.code<s2>>
!wr = tensor<2x2x1x1xf32>
#unit = #dorefa.conv<strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>

// The branch of a residual block: its convolution has but one reader.
// CHECK-LABEL: func.func @sum_of_two_convolutions_is_one_layer(
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x4xi8, {{.*}}>, %[[Y:.+]]: tensor<1x2x4x4xi8, {{.*}}>)
// CHECK:         dorefa.layer products [#dorefa.product<conv {{.*}}>, #dorefa.product<conv {{.*}}>] inputs(%[[X]], %[[Y]] :
// CHECK:         ^bb0(%[[D:.+]]: i32, %[[E:.+]]: i32):
// CHECK:           %[[DF:.+]] = arith.sitofp %[[D]]
// CHECK:           %[[DV:.+]] = arith.mulf %[[DF]]
// CHECK:           %[[EF:.+]] = arith.sitofp %[[E]]
// CHECK:           %[[EV:.+]] = arith.mulf %[[EF]]
// CHECK:           arith.addf %[[DV]], %[[EV]]
// CHECK-NOT:     dorefa.layer
func.func @sum_of_two_convolutions_is_one_layer(%x: !x, %y: !x) -> !x {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %yr = dorefa.dequantize %y, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %a = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %b = dorefa.conv %yr, %wr geometry #unit : !xr, !wr to !xr
  %sum = arith.addf %a, %b : !xr
  %q = dorefa.quantize half_even %sum : !xr to !x
  return %q : !x
}

// A tile has channels of one group.
// CHECK-LABEL: func.func @sum_of_convolutions_of_other_groups_is_two_layers(
// CHECK:         %[[B:.+]] = dorefa.layer products [#dorefa.product<conv geometry <{{[^>]*}}>>]
// CHECK:         dorefa.layer products [#dorefa.product<conv geometry <{{[^>]*}}>>]
// CHECK-SAME:      residuals(%[[B]] : tensor<1x2x4x4xf32>)
func.func @sum_of_convolutions_of_other_groups_is_two_layers(%x: !x, %y: !x) -> !x {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %v = arith.constant dense<1> : tensor<2x1x1x1xi8, #dorefa.code<s2>>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %yr = dorefa.dequantize %y, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %vr = dorefa.dequantize %v, %s, %z : tensor<2x1x1x1xi8, #dorefa.code<s2>>, tensor<f32>, tensor<i32> to tensor<2x1x1x1xf32>
  %a = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %b = dorefa.conv %yr, %vr geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], groups = 2> : !xr, tensor<2x1x1x1xf32> to !xr
  %sum = arith.addf %a, %b : !xr
  %q = dorefa.quantize half_even %sum : !xr to !x
  return %q : !x
}

// Plain loops sum windows; the convolution does not go with them.
// CHECK-LABEL: func.func @sum_of_a_convolution_and_an_average_is_two_layers(
// CHECK:         %[[A:.+]] = dorefa.layer products [#dorefa.product<conv geometry <{{[^>]*}}>>]
// CHECK:         dorefa.layer products [#dorefa.product<sum geometry <{{[^>]*}}> kernel[3, 3]>]
// CHECK-SAME:      residuals(%{{.+}}, %[[A]] :
func.func @sum_of_a_convolution_and_an_average_is_two_layers(%x: !x) -> !x {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %a = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %b = dorefa.pool average %xr window <kernel = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : !xr to !xr
  %sum = arith.addf %a, %b : !xr
  %q = dorefa.quantize half_even %sum : !xr to !x
  return %q : !x
}

// CHECK-LABEL: func.func @sum_that_is_read_twice_is_stored(
// CHECK:         %[[B:.+]] = dorefa.layer products [#dorefa.product<conv {{[^,]*}}, {{[^,]*}}, {{[^,]*}}, {{[^>]*}}>>]
// CHECK:         -> tensor<1x2x4x4xf32>
// CHECK:         dorefa.layer products [#dorefa.product<conv
// CHECK-SAME:      residuals(%[[B]] : tensor<1x2x4x4xf32>)
func.func @sum_that_is_read_twice_is_stored(%x: !x, %y: !x) -> (!x, !xr) {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %yr = dorefa.dequantize %y, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %b = dorefa.conv %yr, %wr geometry #unit : !xr, !wr to !xr
  %a = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %sum = arith.addf %a, %b : !xr
  %q = dorefa.quantize half_even %sum : !xr to !x
  return %q, %b : !x, !xr
}

// The addition cannot join the first layer, on which its other operand depends.
// CHECK-LABEL: func.func @stream_that_skips_a_layer(
// CHECK:         %[[FIRST:.+]]:2 = dorefa.layer
// CHECK:           %[[V:.+]] = arith.mulf
// CHECK:           %[[Q:.+]] = dorefa.quantize_scalar
// CHECK:           dorefa.yield %[[V]], %[[Q]] : f32, i8
// CHECK:         dorefa.layer {{.*}} inputs(%[[FIRST]]#1 :
// CHECK-SAME:      residuals(%[[FIRST]]#0 :
// CHECK:         ^bb0(%[[D:.+]]: i32, %[[RESIDUAL:.+]]: f32):
// CHECK:           arith.addf %{{.+}}, %[[RESIDUAL]]
func.func @stream_that_skips_a_layer(%x: !x) -> !x {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %a = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %q0 = dorefa.quantize half_even %a : !xr to !x
  %yr = dorefa.dequantize %q0, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %b = dorefa.conv %yr, %wr geometry #unit : !xr, !wr to !xr
  %sum = arith.addf %b, %a : !xr
  %q = dorefa.quantize half_even %sum : !xr to !x
  return %q : !x
}

// The stream's codes are decoded where they are added.
// CHECK-LABEL: func.func @residual_of_codes(
// CHECK:         dorefa.layer
// CHECK-SAME:      parameters(%{{.+}}, %{{.+}} : tensor<2xi32>, tensor<2xf32>)
// CHECK-SAME:      residuals(%{{.+}} : tensor<1x2x4x4xi8, #dorefa.code<u2>>)
// CHECK:         ^bb0(%[[D:.+]]: i32, %[[ZERO:.+]]: i32, %[[SCALE:.+]]: f32, %[[CODE:.+]]: i8):
// CHECK:           %[[WIDE:.+]] = arith.extui %[[CODE]] : i8 to i32
// CHECK:           %[[TWO:.+]] = arith.constant 2 : i32
// CHECK:           %[[DOUBLE:.+]] = arith.muli %[[WIDE]], %[[TWO]]
// CHECK:           %[[INT:.+]] = arith.subi %[[DOUBLE]], %[[ZERO]]
// CHECK:           %[[REAL:.+]] = arith.sitofp %[[INT]]
// CHECK:           %[[VALUE:.+]] = arith.mulf %[[REAL]], %[[SCALE]]
// CHECK:           arith.addf %{{.+}}, %[[VALUE]]
// CHECK-NOT:     dorefa.dequantize
func.func @residual_of_codes(%x: !x, %y: !x) -> !x {
  %s = arith.constant dense<0.25> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %sy = arith.constant dense<[0.25, 0.75]> : tensor<2xf32>
  %zy = arith.constant dense<[1, 3]> : tensor<2xi32>
  %w = arith.constant dense<1> : !w
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %yr = dorefa.dequantize %y, %sy, %zy axis 1 {step = 2 : i64} : !x, tensor<2xf32>, tensor<2xi32> to !xr
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to !wr
  %a = dorefa.conv %xr, %wr geometry #unit : !xr, !wr to !xr
  %sum = arith.addf %a, %yr : !xr
  %q = dorefa.quantize half_even %sum : !xr to !x
  return %q : !x
}

// -----

!x = tensor<1x4xi8, #dorefa.code<s3>>
!w = tensor<4x3xi8, #dorefa.code<s2>>

// CHECK-LABEL: func.func @matmul_is_a_dense_product(
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{\[}}[1, -1, 0, 1], [-1, 0, 1, 1], [0, 0, -2, -2]]> : tensor<3x4xi8, #dorefa.code<s2>>
// CHECK:         dorefa.layer products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []> input <zero = [1]>>]
// CHECK-SAME:      weights(%[[W]] :
// CHECK-SAME:      parameters(%{{.+}} : tensor<3xf32>)
// CHECK:         -> tensor<1x3xf32>
func.func @matmul_is_a_dense_product(%x: !x) -> tensor<1x3xf32> {
  %sx = arith.constant dense<0.5> : tensor<f32>
  %sw = arith.constant dense<[0.5, 0.25, 1.0]> : tensor<3xf32>
  %zx = arith.constant dense<1> : tensor<i32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[1, -1, 0], [-1, 0, 0], [0, 1, -2], [1, 1, -2]]> : !w
  %xr = dorefa.dequantize %x, %sx, %zx : !x, tensor<f32>, tensor<i32> to tensor<1x4xf32>
  %wr = dorefa.dequantize %w, %sw, %z axis 1 : !w, tensor<3xf32>, tensor<i32> to tensor<4x3xf32>
  %y = dorefa.matmul %xr, %wr : tensor<1x4xf32>, tensor<4x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

!x = tensor<1x2x2x2xi8, #dorefa.code<u2>>
!flat = tensor<1x8xi8, #dorefa.code<u2>>
!w = tensor<8x3xi8, #dorefa.code<u1>>

// CHECK-LABEL: func.func @flatten_becomes_the_kernel(
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x2x2xi8
// CHECK-DAG:     %[[W:.+]] = arith.constant dense<{{.*}}> : tensor<3x2x2x2xi8, #dorefa.code<u1>>
// CHECK:         %[[Y:.+]] = dorefa.layer products [#dorefa.product<conv geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>>] inputs(%[[X]] :
// CHECK-SAME:      weights(%[[W]] :
// CHECK:           dorefa.quantize_scalar
// CHECK:         -> tensor<1x3x1x1xi8, #dorefa.code<u2>>
// CHECK:         %[[FLAT:.+]] = dorefa.reshape %[[Y]]
// CHECK:         return %[[FLAT]] : tensor<1x3xi8, #dorefa.code<u2>>
func.func @flatten_becomes_the_kernel(%x: !x) -> tensor<1x3xi8, #dorefa.code<u2>> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0]]> : !w
  %flat = dorefa.reshape %x : !x to !flat
  %xr = dorefa.dequantize %flat, %s, %z : !flat, tensor<f32>, tensor<i32> to tensor<1x8xf32>
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to tensor<8x3xf32>
  %y = dorefa.matmul %xr, %wr : tensor<1x8xf32>, tensor<8x3xf32> to tensor<1x3xf32>
  %b = arith.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %v = arith.addf %y, %b : tensor<1x3xf32>
  %q = dorefa.quantize half_even %v : tensor<1x3xf32> to tensor<1x3xi8, #dorefa.code<u2>>
  return %q : tensor<1x3xi8, #dorefa.code<u2>>
}

// CHECK-LABEL: func.func @flatten_of_reals_keeps_the_order_of_sums(
// CHECK:         dorefa.layer products [#dorefa.product<conv {{.*}} channels_first true>]
// CHECK-SAME:      inputs(%{{.+}} : tensor<1x2x2x2xf32>) weights(%{{.+}} : tensor<3x2x2x2xf32>)
// CHECK:         ^bb0(%[[D:.+]]: f32):
// CHECK-NEXT:      dorefa.yield %[[D]]
func.func @flatten_of_reals_keeps_the_order_of_sums(%x: tensor<1x2x2x2xf32>) -> tensor<1x3xf32> {
  %w = arith.constant dense<0.5> : tensor<8x3xf32>
  %flat = dorefa.reshape %x : tensor<1x2x2x2xf32> to tensor<1x8xf32>
  %y = dorefa.matmul %flat, %w : tensor<1x8xf32>, tensor<8x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Rows of the first operand that are not images stay rows of a dense product.
// CHECK-LABEL: func.func @rows(
// CHECK:         %[[ROWS:.+]] = dorefa.reshape %{{.+}} : tensor<1x5x8xf32> to tensor<5x8xf32>
// CHECK:         %[[Y:.+]] = dorefa.layer {{.*}} inputs(%[[ROWS]] :
// CHECK-SAME:      parameters(%{{.+}} : tensor<3xf32>)
// CHECK:         -> tensor<5x3xf32>
// CHECK:         dorefa.reshape %[[Y]] : tensor<5x3xf32> to tensor<1x5x3xf32>
func.func @rows(%x: tensor<1x5x8xf32>) -> tensor<1x5x3xf32> {
  %w = arith.constant dense<0.5> : tensor<1x8x3xf32>
  %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = dorefa.matmul %x, %w : tensor<1x5x8xf32>, tensor<1x8x3xf32> to tensor<1x5x3xf32>
  %bb = dorefa.broadcast %b : tensor<3xf32> to tensor<1x5x3xf32>
  %v = arith.addf %y, %bb : tensor<1x5x3xf32>
  return %v : tensor<1x5x3xf32>
}

// -----

!x = tensor<1x2x4x4xi8, #dorefa.code<u2>>
!xr = tensor<1x2x4x4xf32>

// CHECK-LABEL: func.func @average_pool_of_codes(
// CHECK:         dorefa.layer products [#dorefa.product<sum geometry <strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> kernel[2, 2] input <zero = [1]>>]
// CHECK:         ^bb0(%[[D:.+]]: i32):
// CHECK:           arith.sitofp
// CHECK:           %[[V:.+]] = arith.mulf
// CHECK:           %[[FOUR:.+]] = arith.constant 4.0
// CHECK:           arith.divf %[[V]], %[[FOUR]]
func.func @average_pool_of_codes(%x: !x) -> tensor<1x2x2x2xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %y = dorefa.pool average %xr window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]> : !xr to tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// Divided by the positions inside, which differ.
// CHECK-LABEL: func.func @average_pool_with_borders(
// CHECK:         %[[COUNTS:.+]] = arith.constant dense<{{\[\[\[\[}}4.000000e+00, 6.000000e+00{{.*}}> : tensor<1x2x4x4xf32>
// CHECK:         dorefa.layer {{.*}} residuals(%[[COUNTS]] :
func.func @average_pool_with_borders(%x: !x) -> !xr {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<1> : tensor<i32>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %y = dorefa.pool average %xr window <kernel = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]> : !xr to !xr
  return %y : !xr
}

// CHECK-LABEL: func.func @mean_over_the_image(
// CHECK:         dorefa.layer products [#dorefa.product<sum geometry <strides = [1, 1], {{.*}}> kernel[4, 4]>]
// CHECK:           %[[N:.+]] = arith.constant 1.600000e+01
// CHECK:           arith.divf %{{.+}}, %[[N]]
func.func @mean_over_the_image(%x: !x) -> tensor<1x2x1x1xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %xr = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to !xr
  %y = dorefa.reduce mean %xr axes [2, 3] : !xr to tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}

// A mean of reals has its own order of additions.
// CHECK-LABEL: func.func @mean_of_reals_stays(
// CHECK:         dorefa.reduce mean
func.func @mean_of_reals_stays(%x: !xr) -> tensor<1x2x1x1xf32> {
  %y = dorefa.reduce mean %x axes [2, 3] : !xr to tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}

// -----

!x = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4xi8, #dorefa.code<u8>>

// CHECK-LABEL: func.func @input_quantizer_is_a_layer_without_products(
// CHECK:         dorefa.layer products [] residuals(%{{.+}} : tensor<1x2x4x4xf32>) epilogue
// CHECK:         ^bb0(%[[X:.+]]: f32):
// CHECK:           %[[V:.+]] = arith.divf %[[X]]
// CHECK:           dorefa.quantize_scalar floor %[[V]] code <u8>
func.func @input_quantizer_is_a_layer_without_products(%x: !x) -> !q {
  %s = arith.constant dense<0.5> : !x
  %v = arith.divf %x, %s : !x
  %q = dorefa.quantize floor %v : !x to !q
  return %q : !q
}

// CHECK-LABEL: func.func @thresholds_of_reals(
// CHECK-DAG:     %[[T:.+]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [1.000000e+00, 2.000000e+00]]> : tensor<2x2xf32>
// CHECK:         dorefa.layer products [] parameters(%[[T]] :
// CHECK:         ^bb0(%[[TV:.+]]: vector<2xf32>, %[[X:.+]]: f32):
// CHECK:           dorefa.count_thresholds %[[X]], %[[TV]] : f32, vector<2xf32> to i8
func.func @thresholds_of_reals(%x: !x) -> !q {
  %t = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %q = dorefa.quantize_thresholds %x, %t axis 1 : !x, tensor<1x2xf32> to !q
  return %q : !q
}

// CHECK-LABEL: func.func @dequantize_for_a_reader_of_reals(
// CHECK:         %[[X:.+]] = dorefa.layer products [] residuals(%{{.+}} : tensor<1x2x4x4xi8, #dorefa.code<u8>>)
// CHECK:           arith.extui
// CHECK:           arith.sitofp
// CHECK:         dorefa.softmax %[[X]]
func.func @dequantize_for_a_reader_of_reals(%x: !q) -> !x {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %xr = dorefa.dequantize %x, %s, %z : !q, tensor<f32>, tensor<i32> to !x
  %y = dorefa.softmax %xr axis 1 : !x
  return %y : !x
}

// CHECK-LABEL: func.func @tensor_of_rank_one(
// CHECK:         %[[X:.+]] = dorefa.reshape %{{.+}} : tensor<3xf32> to tensor<1x3xf32>
// CHECK:         %[[Y:.+]] = dorefa.layer products [] parameters(%{{.+}} : tensor<3xf32>) residuals(%[[X]] :
// CHECK:         dorefa.reshape %[[Y]] : tensor<1x3xf32> to tensor<3xf32>
func.func @tensor_of_rank_one(%x: tensor<3xf32>) -> tensor<3xf32> {
  %c = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = arith.mulf %x, %c : tensor<3xf32>
  return %y : tensor<3xf32>
}

// A constant that varies along the image is a residual.
// CHECK-LABEL: func.func @constant_of_positions(
// CHECK:         %[[C:.+]] = arith.constant {{.*}} : tensor<1x1x1x2xf32>
// CHECK:         dorefa.layer products [] residuals(%{{.+}}, %[[C]] :
func.func @constant_of_positions(%x: tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32> {
  %c = arith.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  %y = arith.subf %x, %c : tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// Three uses inside, one layer.
// CHECK-LABEL: func.func @leaky_relu(
// CHECK:         dorefa.layer
// CHECK:           %[[N:.+]] = arith.cmpf olt, %[[X:.+]], %{{.+}} : f32
// CHECK:           %[[A:.+]] = arith.mulf %{{.+}}, %[[X]] : f32
// CHECK:           arith.select %[[N]], %[[A]], %[[X]] : f32
// CHECK-NOT:     dorefa.layer
func.func @leaky_relu(%x: !x) -> !x {
  %zero = arith.constant dense<0.0> : !x
  %alpha = arith.constant dense<0.1> : !x
  %n = arith.cmpf olt, %x, %zero : !x
  %a = arith.mulf %alpha, %x : !x
  %y = arith.select %n, %a, %x : tensor<1x2x4x4xi1>, !x
  return %y : !x
}

// -----

// Booleans enter and leave layers as codes of one bit.
// CHECK-LABEL: func.func @booleans_are_bits_between_layers(
// CHECK-SAME:    %[[X:.+]]: tensor<1x4xf32>, %[[B:.+]]: tensor<1x4xi1>)
// CHECK:         %[[R:.+]] = arith.uitofp %[[B]]
// CHECK:         %[[I:.+]] = dorefa.quantize half_even %[[R]] : {{.+}} to tensor<1x4xi8, #dorefa.code<u1>>
// CHECK:         %[[L:.+]] = dorefa.layer {{.+}} residuals(%{{.+}}, %[[I]] :
// CHECK:           %[[G:.+]] = arith.cmpf ogt
// CHECK:           %[[T:.+]] = arith.trunci %{{.+}} : i8 to i1
// CHECK:           %[[A:.+]] = arith.andi %[[G]], %[[T]]
// CHECK:           %[[S:.+]] = arith.extui %[[A]] : i1 to i8
// CHECK:           dorefa.yield %[[S]] : i8
// CHECK:         } -> tensor<1x4xi8, #dorefa.code<u1>>
// CHECK:         %[[V:.+]] = dorefa.dequantize %[[L]]
// CHECK:         %[[Y:.+]] = arith.cmpf une, %[[V]]
// CHECK:         return %[[Y]]
func.func @booleans_are_bits_between_layers(%x: tensor<1x4xf32>, %b: tensor<1x4xi1>) -> tensor<1x4xi1> {
  %zero = arith.constant dense<0.0> : tensor<1x4xf32>
  %g = arith.cmpf ogt, %x, %zero : tensor<1x4xf32>
  %y = arith.andi %g, %b : tensor<1x4xi1>
  return %y : tensor<1x4xi1>
}

// -----

!x = tensor<1x1x2x4xi8, #dorefa.code<u2>>
!w = tensor<8x3xi8, #dorefa.code<s2>>

// One channel would be padded to several.
// CHECK-LABEL: func.func @flattened_channel_is_a_vector(
// CHECK:         %[[V:.+]] = dorefa.reshape %{{.+}} : {{.+}} to tensor<1x8xi8
// CHECK:         dorefa.layer products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>] inputs(%[[V]] :
func.func @flattened_channel_is_a_vector(%x: !x) -> tensor<1x3xf32> {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %w = arith.constant dense<1> : !w
  %q = dorefa.reshape %x : !x to tensor<1x8xi8, #dorefa.code<u2>>
  %v = dorefa.dequantize %q, %s, %z : tensor<1x8xi8, #dorefa.code<u2>>, tensor<f32>, tensor<i32> to tensor<1x8xf32>
  %wr = dorefa.dequantize %w, %s, %z : !w, tensor<f32>, tensor<i32> to tensor<8x3xf32>
  %y = dorefa.matmul %v, %wr : tensor<1x8xf32>, tensor<8x3xf32> to tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

!x = tensor<1x4x2x2xi8, #dorefa.code<u2>>

// What no layer computes goes on reading codes, although another op needs the
// reals that they stand for.
// CHECK-LABEL: func.func @contraction_without_layer_keeps_its_codes(
// CHECK-DAG:     %[[V:.+]] = dorefa.dequantize %arg0
// CHECK-DAG:     %[[M:.+]] = dorefa.reduce mean %[[V]] axes [1]
// CHECK-DAG:     %[[R:.+]] = dorefa.layer {{.+}} residuals(%arg0
// CHECK:         return %[[M]], %[[R]]
func.func @contraction_without_layer_keeps_its_codes(%x: !x) -> (tensor<1x1x2x2xf32>, tensor<1x4x2x2xf32>) {
  %s = arith.constant dense<0.3> : tensor<f32>
  %z = arith.constant dense<0> : tensor<i32>
  %v = dorefa.dequantize %x, %s, %z : !x, tensor<f32>, tensor<i32> to tensor<1x4x2x2xf32>
  %y = dorefa.reduce mean %v axes [1] : tensor<1x4x2x2xf32> to tensor<1x1x2x2xf32>
  return %y, %v : tensor<1x1x2x2xf32>, tensor<1x4x2x2xf32>
}
