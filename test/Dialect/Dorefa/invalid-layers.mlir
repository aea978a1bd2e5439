// RUN: dorefa-opt %s --split-input-file --verify-diagnostics

// Epilogues.

func.func @yield_outside_a_layer() {
  // expected-error @below {{expects parent op 'dorefa.layer'}}
  dorefa.yield
}

// -----

func.func @scalar_codes_in_other_elements(%x: f32) {
  // expected-error @below {{expected #dorefa.code<u9> to be stored in 'i16', but got 'i8'}}
  %c = dorefa.quantize_scalar floor %x code <u9> : f32 to i8
  return
}

// -----

func.func @bounds_of_scalar_codes(%x: f32) {
  // expected-error @below {{expected min <= max inside [-2, 1], but got [1, 0]}}
  %c = dorefa.quantize_scalar floor %x code <s2> {min = 1 : i64, max = 0 : i64} : f32 to i8
  return
}

// -----

func.func @thresholds_of_another_type(%x: i32, %t: vector<3xf32>) {
  // expected-error @below {{expected thresholds of type 'i32', but got 'vector<3xf32>'}}
  %c = dorefa.count_thresholds %x, %t : i32, vector<3xf32> to i8
  return
}

// -----

// Layers.

func.func @no_result(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected at least one result}}
  "dorefa.layer"(%x) <{operandSegmentSizes = array<i32: 0, 0, 0, 1>, products = []}> ({
  ^bb0(%r: f32):
    dorefa.yield
  }) : (tensor<1x4xf32>) -> ()
  return
}

// -----

func.func @pool_of_nothing() {
  // expected-error @below {{requires a product or a residual for a pool}}
  %y = dorefa.layer products []
      pool max <kernel = [], strides = [], pads = [], dilations = []>
      epilogue {
        %c = arith.constant 0.0 : f32
        dorefa.yield %c : f32
      } -> tensor<1x4xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @no_accumulator(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{expected one accumulator a product}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xf32>) weights(%w : tensor<2x4xf32>)
      epilogue {
        %c = arith.constant 0.0 : f32
        dorefa.yield %c : f32
      } -> tensor<1x2xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @no_weights(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected one input a product and one weight a convolution, but got 1 and 0}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x2xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @weights_of_other_channels(%x: tensor<1x4xf32>, %w: tensor<2x5xf32>) {
  // expected-error @below {{product 0: input, weights and geometry do not fit together, or not with the first product}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xf32>) weights(%w : tensor<2x5xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x2xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @codes_and_reals(%x: tensor<1x4xi8, #dorefa.code<u2>>, %w: tensor<2x4xf32>) {
  // expected-error @below {{product 0: expected codes twice or reals twice}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xi8, #dorefa.code<u2>>) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x2xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @affine_form_of_reals(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{product 0: reals have no input or weight affine}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit weight <zero = [1]>>]
      inputs(%x : tensor<1x4xf32>) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x2xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @real_sum_of_codes(%x: tensor<1x4xi8, #dorefa.code<u2>>, %w: tensor<2x4xi8, #dorefa.code<u1>>) {
  // expected-error @below {{product 0: expected an accumulator of type i32 or i64, but got 'f32'}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xi8, #dorefa.code<u2>>) weights(%w : tensor<2x4xi8, #dorefa.code<u1>>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x2xf32>
  return
}

// -----

func.func @volumes(%x: tensor<1x4x2x2x2xf32>) {
  // expected-error @below {{expected a batch and a channel dimension and at most two spatial ones}}
  %y = dorefa.layer products [] residuals(%x : tensor<1x4x2x2x2xf32>)
      epilogue {
      ^bb0(%r: f32):
        dorefa.yield %r : f32
      } -> tensor<1x4x2x2x2xf32>
  return
}

// -----

func.func @argument_without_operand(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected an epilogue of 1 arguments, but got 2}}
  %y = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%r: f32, %s: f32):
        dorefa.yield %r : f32
      } -> tensor<1x4xf32>
  return
}

// -----

func.func @parameter_of_other_channels(%x: tensor<1x4xf32>, %p: tensor<3xf32>) {
  // expected-error @below {{parameter 0: expected rank 0, or 4 channels, but got 'tensor<3xf32>'}}
  %y = dorefa.layer products [] parameters(%p : tensor<3xf32>) residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%a: f32, %r: f32):
        dorefa.yield %r : f32
      } -> tensor<1x4xf32>
  return
}

// -----

func.func @argument_of_parameter(%x: tensor<1x4xf32>, %p: tensor<4x3xf32>) {
  // expected-error @below {{parameter 0: expected an argument of type 'vector<3xf32>'}}
  %y = dorefa.layer products [] parameters(%p : tensor<4x3xf32>) residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%a: f32, %r: f32):
        dorefa.yield %r : f32
      } -> tensor<1x4xf32>
  return
}

// -----

func.func @residual_that_does_not_divide(%x: tensor<1x4xf32>, %r: tensor<1x3xf32>) {
  // expected-error @below {{residual 1: expected shape [1, 4] and an argument of its element type}}
  %y = dorefa.layer products [] residuals(%x, %r : tensor<1x4xf32>, tensor<1x3xf32>)
      epilogue {
      ^bb0(%a: f32, %b: f32):
        dorefa.yield %a : f32
      } -> tensor<1x4xf32>
  return
}

// -----

func.func @window_without_kind(%x: tensor<1x4x2xf32>) {
  // expected-error @below {{expected a kind with the pool's window}}
  %y = "dorefa.layer"(%x) <{operandSegmentSizes = array<i32: 0, 0, 0, 1>, products = [], pool = #dorefa.window<kernel = [2], strides = [2], pads = [0, 0], dilations = [1]>}> ({
  ^bb0(%a: f32):
    dorefa.yield %a : f32
  }) : (tensor<1x4x2xf32>) -> tensor<1x4x1xf32>
  return
}

// -----

func.func @average(%x: tensor<1x4x2xf32>) {
  // expected-error @below {{expected a max or min pool that fits the results}}
  %y = dorefa.layer products [] residuals(%x : tensor<1x4x2xf32>)
      pool average <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]>
      epilogue {
      ^bb0(%a: f32):
        dorefa.yield %a : f32
      } -> tensor<1x4x1xf32>
  return
}

// -----

func.func @two_values_for_one_result(%x: tensor<1x4xf32>) {
  // expected-error @below {{expected 1 yielded values, but got 2}}
  %y = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%a: f32):
        dorefa.yield %a, %a : f32, f32
      } -> tensor<1x4xf32>
  return
}

// -----

func.func @reals_for_codes(%x: tensor<1x4xf32>) {
  // expected-error @below {{yields 'f32' for 'tensor<1x4xi8, #dorefa.code<u2>>'}}
  %y = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%a: f32):
        dorefa.yield %a : f32
      } -> tensor<1x4xi8, #dorefa.code<u2>>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @shape_of_result(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{expected a result of shape [1, 2], but got [1, 4]}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xf32>) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x4xf32>
  return
}

// -----

// Packed tensors.

!codes = tensor<1x4xi8, #dorefa.code<u2>>
func.func @pack_into_nothing(%x: !codes) {
  // expected-error @below {{expected a result with a layout, but got 'tensor<1x4xi8, #dorefa.code<u2>>'}}
  %p = dorefa.pack %x : !codes to !codes
  return
}

// -----

func.func @pack_other_codes(%x: tensor<1x4xi8, #dorefa.code<s2>>) {
  // expected-error @below {{expected the codes of 'tensor<1x4xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>>', but got 'tensor<1x4xi8, #dorefa.code<s2>>'}}
  %p = dorefa.pack %x : tensor<1x4xi8, #dorefa.code<s2>> to tensor<1x4xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>>
  return
}

// -----

func.func @pack_to_another_shape(%x: tensor<1x4xi8, #dorefa.code<u2>>) {
  // expected-error @below {{expected a result of shape [1, 4], but got [2, 2]}}
  %p = dorefa.pack %x : tensor<1x4xi8, #dorefa.code<u2>> to tensor<2x2xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>>
  return
}

// -----

!kernels = tensor<1x4x3x3xi8, #dorefa.digits<bytes 1024 bits 2 offset 0 plane 1 digits [1, 1, 4, 16] winograd <plane 64 bits 16>>>
func.func @unpack_transformed_kernels(%x: !kernels) {
  // expected-error @below {{transformed kernels cannot be unpacked}}
  %p = dorefa.unpack %x : !kernels to tensor<1x4x3x3xi8, #dorefa.code<u2>>
  return
}

// -----

!codes = tensor<1x4xi8, #dorefa.code<u2>>
func.func @unpack_row_major(%x: !codes) {
  // expected-error @below {{expected a packed input and a row-major result}}
  %p = dorefa.unpack %x : !codes to !codes
  return
}

// -----

func.func @unpack_to_reals(%x: tensor<1x4xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>>) {
  // expected-error @below {{expected the codes of 'tensor<1x4xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>>', but got 'tensor<1x4xf32>'}}
  %p = dorefa.unpack %x : tensor<1x4xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>> to tensor<1x4xf32>
  return
}

// -----

// Window sums.

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]>
func.func @sum_of_row_major_codes(%x: tensor<1x4x2xi8, #dorefa.code<u2>>) {
  // expected-error @below {{expected packed codes, but got 'tensor<1x4x2xi8, #dorefa.code<u2>>'}}
  %s = dorefa.window_sum %x kernel [2] geometry #geometry : tensor<1x4x2xi8, #dorefa.code<u2>> to tensor<1x1x1xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]>
!reals = tensor<1x4x2xf32, #dorefa.layout<elements channels 4 border [0, 0] fill 0>>
func.func @sum_of_reals(%x: !reals) {
  // expected-error @below {{expected packed codes}}
  %s = dorefa.window_sum %x kernel [2] geometry #geometry : !reals to tensor<1x1x1xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]>
!codes = tensor<1x4x2xi8, #dorefa.layout<lookup <u2> channels 4 border [0, 0] fill 0>>
func.func @window_larger_than_input(%x: !codes) {
  // expected-error @below {{input [1, 4, 2], kernel [3] and #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]> do not fit together}}
  %s = dorefa.window_sum %x kernel [3] geometry #geometry : !codes to tensor<1x1x1xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]>
!codes = tensor<1x4x2xi8, #dorefa.layout<lookup <u2> channels 4 border [0, 0] fill 0>>
func.func @rank_of_kernel(%x: !codes) {
  // expected-error @below {{input [1, 4, 2], kernel [2, 2] and #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]> do not fit together}}
  %s = dorefa.window_sum %x kernel [2, 2] geometry #geometry : !codes to tensor<1x1x1xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1], groups = 3>
!codes = tensor<1x4x2xi8, #dorefa.layout<lookup <u2> channels 4 border [0, 0] fill 0>>
func.func @groups_of_channels(%x: !codes) {
  // expected-error @below {{do not fit together}}
  %s = dorefa.window_sum %x kernel [2] geometry #geometry : !codes to tensor<1x3x1xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1], groups = 2>
!codes = tensor<1x4x2xi8, #dorefa.layout<lookup <u2> channels 4 border [0, 0] fill 0>>
func.func @groups_inside_a_word(%x: !codes) {
  // expected-error @below {{expected groups of a multiple of 4 channels, but got 2}}
  %s = dorefa.window_sum %x kernel [2] geometry #geometry : !codes to tensor<1x2x1xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [1, 1], dilations = [1]>
!codes = tensor<1x4x2xi8, #dorefa.layout<lookup <u2> channels 4 border [1, 0] fill 0>>
func.func @border_without_the_padding(%x: !codes) {
  // expected-error @below {{expected a border that holds the padding [1, 1], but got [1, 0]}}
  %s = dorefa.window_sum %x kernel [2] geometry #geometry : !codes to tensor<1x1x3xi32>
  return
}

// -----

#geometry = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1]>
!codes = tensor<1x4x2xi8, #dorefa.layout<lookup <u2> channels 4 border [0, 0] fill 0>>
func.func @shape_of_sums(%x: !codes) {
  // expected-error @below {{expected a result of shape [1, 1, 1], but got [1, 4, 1]}}
  %s = dorefa.window_sum %x kernel [2] geometry #geometry : !codes to tensor<1x4x1xi32>
  return
}
