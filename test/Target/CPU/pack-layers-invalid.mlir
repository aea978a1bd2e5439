// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --dorefa-pack-layers='triple=x86_64-unknown-linux-gnu' --split-input-file --verify-diagnostics
// RUN: not dorefa-opt %s --dorefa-pack-layers='triple=nonsense cpu=fast' --split-input-file 2>&1 | FileCheck %s

// CHECK: error: unknown triple 'nonsense{{.*}}'

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x16xi8, #dorefa.code<u2>>
!w = tensor<32x16xi8, #dorefa.code<u1>>
func.func @no_schedule(%x: !x, %w: !w) {
  // expected-error @below {{requires a schedule (dorefa-choose-engines)}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.sitofp %d : i32 to f32
        dorefa.yield %c : f32
      } -> tensor<1x32xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x16xi8, #dorefa.code<u2>>
!w = tensor<32x16xi8, #dorefa.code<u1>>
func.func @weights_that_are_no_constant(%x: !x, %w: !w) {
  // expected-error @below {{requires constant weights for an input whose code 0 does not stand for 0}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit input <zero = [1]>>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.sitofp %d : i32 to f32
        dorefa.yield %c : f32
      } {schedule = #dorefa.schedule<direct vectors 1 pixels 1>} -> tensor<1x32xf32>
  return
}

// -----

func.func @parameters_that_are_no_constant(%x: tensor<1x4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{requires constant parameters}}
  %y = dorefa.layer products [] parameters(%p : tensor<4xf32>) residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%a: f32, %r: f32):
        %s = arith.addf %r, %a : f32
        dorefa.yield %s : f32
      } -> tensor<1x4xf32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x16xi8, #dorefa.code<u2>>
!w = tensor<32x16xi8, #dorefa.code<u1>>
func.func @plain_integers(%x: !x, %w: !w) {
  // expected-error @below {{expected results of codes or reals, but got 'tensor<1x32xi32>'}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } {schedule = #dorefa.schedule<direct vectors 1 pixels 1>} -> tensor<1x32xi32>
  return
}

// -----

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x16xi8, #dorefa.code<u2>>
!w = tensor<32x16xi8, #dorefa.code<u8>>
func.func @computed_weights_of_8_bits(%x: !x, %w: !w) {
  // expected-error @below {{requires constant weights, which the engine reads as signed numbers}}
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<bytes vectors 1 pixels 1>} -> tensor<1x32xi8, #dorefa.code<u8>>
  return
}
