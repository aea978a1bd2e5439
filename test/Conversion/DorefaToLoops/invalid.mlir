// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --convert-dorefa-to-loops='triple=x86_64-unknown-linux-gnu' --split-input-file --verify-diagnostics
// RUN: not dorefa-opt %s --convert-dorefa-to-loops='target=fast' --split-input-file 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not dorefa-opt %s --convert-dorefa-to-loops='triple=nonsense' --split-input-file 2>&1 | FileCheck %s --check-prefix=TRIPLE

// TARGET: error: unknown target 'fast'
// TRIPLE: error: unknown triple 'nonsense{{.*}}'

func.func @unknown_op(%x: tensor<4xf32> {dorefa.name = "x"}) -> (tensor<2x2xf32> {dorefa.name = "y"}) {
  // expected-error @below {{has no lowering to loops}}
  %y = builtin.unrealized_conversion_cast %x : tensor<4xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// expected-error @below {{expected one function of one block}}
module {
  func.func @first() { return }
  func.func @second() { return }
}

// -----

!codes = tensor<1x4x2xi8, #dorefa.code<u2>>
!packed = tensor<1x4x2xi8, #dorefa.layout<elements <u2> channels 4 border [0, 0] fill 0>>
!pooled = tensor<1x4x1xi8, #dorefa.layout<elements <u2> channels 4 border [0, 0] fill 0>>
func.func @pool_of_packed_codes(%x: !codes {dorefa.name = "x"}) -> (tensor<1x4x1xi8, #dorefa.code<u2>> {dorefa.name = "y"}) {
  %p = dorefa.pack %x : !codes to !packed
  // expected-error @below {{expected row-major tensors}}
  %m = dorefa.pool max %p window <kernel = [2], strides = [2], pads = [0, 0], dilations = [1]> : !packed to !pooled
  %y = dorefa.unpack %m : !pooled to tensor<1x4x1xi8, #dorefa.code<u2>>
  return %y : tensor<1x4x1xi8, #dorefa.code<u2>>
}

// -----

!codes = tensor<1x4xi8, #dorefa.code<u2>>
!packed = tensor<1x4xi8, #dorefa.layout<elements <u2> channels 4 border [] fill 0>>
!other = tensor<1x4xi8, #dorefa.layout<lookup <u2> channels 4 border [] fill 0>>
func.func @pack_packed_codes(%x: !codes {dorefa.name = "x"}) -> (!codes {dorefa.name = "y"}) {
  %p = dorefa.pack %x : !codes to !packed
  // expected-error @below {{unsupported: packing from another layout}}
  %q = dorefa.pack %p : !packed to !other
  %y = dorefa.unpack %q : !other to !codes
  return %y : !codes
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
func.func @row_major_product(%x: tensor<1x4xf32> {dorefa.name = "x"}, %w: tensor<2x4xf32> {dorefa.name = "w"}) -> (tensor<1x2xf32> {dorefa.name = "y"}) {
  // expected-error @below {{expected packed results of a layer with products or a pool}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : tensor<1x4xf32>) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!in = tensor<1x4xf32, #dorefa.layout<elements channels 4 border [] fill 0>>
!out = tensor<1x2xf32, #dorefa.layout<elements channels 2 border [] fill 0>>
func.func @no_schedule(%x: tensor<1x4xf32> {dorefa.name = "x"}, %w: tensor<2x4xf32> {dorefa.name = "w"}) -> (tensor<1x2xf32> {dorefa.name = "y"}) {
  %p = dorefa.pack %x : tensor<1x4xf32> to !in
  // expected-error @below {{expected a schedule}}
  %q = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%p : !in) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } {packed} -> !out
  %y = dorefa.unpack %q : !out to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!in = tensor<1x4xf32, #dorefa.layout<elements channels 4 border [] fill 0>>
!out = tensor<1x2xf32, #dorefa.layout<elements channels 2 border [] fill 0>>
func.func @schedule_of_another_engine(%x: tensor<1x4xf32> {dorefa.name = "x"}, %w: tensor<2x4xf32> {dorefa.name = "w"}) -> (tensor<1x2xf32> {dorefa.name = "y"}) {
  %p = dorefa.pack %x : tensor<1x4xf32> to !in
  // expected-error @below {{the planes engine cannot compute this layer on the target}}
  %q = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%p : !in) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } {packed, schedule = #dorefa.schedule<planes vectors 1 pixels 1>} -> !out
  %y = dorefa.unpack %q : !out to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!in = tensor<1x4xf32, #dorefa.layout<elements channels 4 border [] fill 0>>
!out = tensor<1x2xf32, #dorefa.layout<elements channels 2 border [] fill 0>>
func.func @squares_of_no_window(%x: tensor<1x4xf32> {dorefa.name = "x"}, %w: tensor<2x4xf32> {dorefa.name = "w"}) -> (tensor<1x2xf32> {dorefa.name = "y"}) {
  %p = dorefa.pack %x : tensor<1x4xf32> to !in
  // expected-error @below {{the winograd engine cannot compute this layer on the target}}
  %q = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%p : !in) weights(%w : tensor<2x4xf32>)
      epilogue {
      ^bb0(%d: f32):
        dorefa.yield %d : f32
      } {packed, schedule = #dorefa.schedule<winograd vectors 1 pixels 1>} -> !out
  %y = dorefa.unpack %q : !out to tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// A schedule that was changed behind the pass that packs.
#one = #dorefa.conv<strides = [], pads = [], dilations = []>
!bytes = tensor<1x16xi8, #dorefa.layout<elements <u2> channels 16 border [] fill 0>>
!sums = tensor<1x64xi8, #dorefa.layout<elements <u8> channels 64 border [] fill 0>>
func.func @weights_of_another_tile(%x: tensor<1x16xi8, #dorefa.code<u2>> {dorefa.name = "x"}, %w: tensor<64x16xi8, #dorefa.code<u1>> {dorefa.name = "w"}) -> (tensor<1x64xi8, #dorefa.code<u8>> {dorefa.name = "y"}) {
  %p = dorefa.pack %x : tensor<1x16xi8, #dorefa.code<u2>> to !bytes
  %k = dorefa.pack %w : tensor<64x16xi8, #dorefa.code<u1>> to tensor<64x16xi8, #dorefa.digits<bytes 1024 bits 1 offset 0 plane 1 digits [0, 16, 4, 2048, 1, 4, 4, 512, 0, 1, 16, 32, 1, 1, 4, 8]>>
  // expected-error @below {{weights do not lie as #dorefa.schedule<bytes vectors 2 pixels 1> reads them: a schedule is changed before 'dorefa-pack-layers', not behind it}}
  %q = dorefa.layer products [#dorefa.product<conv geometry #one>]
      inputs(%p : !bytes) weights(%k : tensor<64x16xi8, #dorefa.digits<bytes 1024 bits 1 offset 0 plane 1 digits [0, 16, 4, 2048, 1, 4, 4, 512, 0, 1, 16, 32, 1, 1, 4, 8]>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {packed, schedule = #dorefa.schedule<bytes vectors 2 pixels 1>} -> !sums
  %y = dorefa.unpack %q : !sums to tensor<1x64xi8, #dorefa.code<u8>>
  return %y : tensor<1x64xi8, #dorefa.code<u8>>
}

// -----

func.func @residual_of_one_value_a_channel(%x: tensor<1x4x2xf32> {dorefa.name = "x"}, %r: tensor<1x4x1xf32> {dorefa.name = "r"}) -> (tensor<1x4x2xf32> {dorefa.name = "y"}) {
  // expected-error @below {{expected residuals of the result's shape}}
  %y = dorefa.layer products [] residuals(%x, %r : tensor<1x4x2xf32>, tensor<1x4x1xf32>)
      epilogue {
      ^bb0(%a: f32, %b: f32):
        %s = arith.addf %a, %b : f32
        dorefa.yield %s : f32
      } -> tensor<1x4x2xf32>
  return %y : tensor<1x4x2xf32>
}

// -----

func.func @large_constant(%y: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @below {{unsupported tensor 'tensor<1000000x1000000xf32>': fewer than 2^31 elements are supported}}
  %x = arith.constant dense<1.0> : tensor<1000000x1000000xf32>
  return %y : tensor<1xf32>
}

// -----

// expected-error @below {{unsupported tensor 'tensor<4294967296x4294967296xf32>': fewer than 2^31 elements are supported}}
func.func @large_argument(%x: tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32> {
  return %x : tensor<4294967296x4294967296xf32>
}

// -----

!x = tensor<1x4xf32>

func.func @booleans(%x: !x) -> tensor<1x4xi1> {
  // expected-error @below {{unsupported elements of a layer: 'tensor<1x4xi1>': codes and f32 are supported}}
  %y = dorefa.layer products [] residuals(%x : !x) epilogue {
  ^bb0(%a: f32):
    %zero = arith.constant 0.0 : f32
    %less = arith.cmpf olt, %a, %zero : f32
    dorefa.yield %less : i1
  } {packed} -> tensor<1x4xi1>
  return %y : tensor<1x4xi1>
}

// -----

// expected-error @below {{expected static tensors as arguments and results, but got '!llvm.ptr'}}
func.func @pointer(%x: !llvm.ptr) {
  return
}
