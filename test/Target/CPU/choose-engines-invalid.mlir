// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --dorefa-choose-engines='triple=x86_64-unknown-linux-gnu' --verify-diagnostics
// RUN: not dorefa-opt %s --dorefa-choose-engines='triple=nonsense cpu=fast' 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not dorefa-opt %s --dorefa-choose-engines='engine=fast' 2>&1 | FileCheck %s --check-prefix=ENGINE

// RUN: not dorefa-opt %s --dorefa-choose-engines='engine=fma' 2>&1 | FileCheck %s --check-prefix=REALS
// RUN: not dorefa-opt %s --dorefa-choose-engines='tile=4' 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: not dorefa-opt %s --dorefa-choose-engines='tile=0x4' 2>&1 | FileCheck %s --check-prefix=NONE

// TARGET: error: unknown triple 'nonsense{{.*}}'
// ENGINE: error: unknown engine 'fast': expected lookup, lookup64, quad, planes, bytes, winograd or direct
// TILE: error: invalid tile '4': expected vectors x pixels or vectors x pixels x passes, such as 4x2 or 4x2x3, each from 1 to 64
// NONE: error: invalid tile '0x4'
// REALS: error: unsupported engine 'fma' for codes: expected lookup, lookup64, quad, planes, bytes, winograd or direct

func.func @codes_are_no_reals(%x: tensor<1x16xi8, #dorefa.code<u2>>, %w: tensor<32x16xi8, #dorefa.code<u1>>) {
  // expected-error @below {{the engine of #dorefa.schedule<fma vectors 1 pixels 1> cannot compute this layer on the target}}
  %y = dorefa.layer products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>]
      inputs(%x : tensor<1x16xi8, #dorefa.code<u2>>) weights(%w : tensor<32x16xi8, #dorefa.code<u1>>)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.sitofp %d : i32 to f32
        dorefa.yield %c : f32
      } {schedule = #dorefa.schedule<fma vectors 1 pixels 1>} -> tensor<1x32xf32>
  return
}
