// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --dorefa-pack-layers='triple=x86_64-unknown-linux-gnu cpu=x86-64-v3' | FileCheck %s

#pad = #dorefa.conv<strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
#point = #dorefa.conv<strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>
!x = tensor<1x16x9x9xi8, #dorefa.code<u2>>
!w = tensor<32x16x3x3xi8, #dorefa.code<u1>>
!v = tensor<16x16x1x1xi8, #dorefa.code<u1>>

// Weights 2v - 1 become the stored v: twice the sum, less the window's sum.
// Thresholds are transposed and padded.
// CHECK-LABEL: func.func @weights_of_plus_and_minus_one(
// CHECK:         %[[IN:.+]] = dorefa.pack %{{.+}} to tensor<1x16x9x9xi8, #dorefa.layout<lookup <u2> channels 16 border [1, 1, 1, 1] fill 0>>
// CHECK-DAG:     %[[T:.+]] = arith.constant dense<{{.+}}> : tensor<3x32xi32>
// CHECK-DAG:     %[[W:.+]] = dorefa.pack %{{.+}} to tensor<32x16x3x3xi8, #dorefa.digits<
// CHECK:         %[[SUM:.+]] = dorefa.window_sum %[[IN]] kernel [3, 3]
// CHECK-SAME:      to tensor<1x1x9x9xi32>
// CHECK:         %[[OUT:.+]] = dorefa.layer
// CHECK-SAME:      inputs(%[[IN]] :
// CHECK-SAME:      weights(%[[W]] :
// CHECK-SAME:      parameters(%[[T]] :
// CHECK-SAME:      residuals(%[[SUM]] :
// CHECK-NEXT:    ^bb0(%[[D:.+]]: i32, %[[TC:.+]]: vector<3xi32>, %[[S:.+]]: i32):
// CHECK:           %[[TWICE:.+]] = arith.muli %[[D]], %{{.+}} : i32
// CHECK:           %[[EXACT:.+]] = arith.subi %[[TWICE]], %[[S]] : i32
// CHECK:           %[[C:.+]] = dorefa.count_thresholds %[[EXACT]], %[[TC]]
// CHECK:           dorefa.yield %[[C]] : i8
// CHECK:         {packed, {{.*}}} -> tensor<1x32x9x9xi8, #dorefa.layout<elements <u2> channels 32 border [0, 0, 0, 0] fill 0>>
// CHECK:         %[[Y:.+]] = dorefa.unpack %[[OUT]]
// CHECK:         return %[[Y]]
func.func @weights_of_plus_and_minus_one(%x: !x) -> tensor<1x32x9x9xi8, #dorefa.code<u2>> {
  %w = arith.constant dense<1> : !w
  %t = arith.constant dense<[[1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6],
                             [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6],
                             [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6],
                             [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6]]> : tensor<32x3xi32>
  %y = dorefa.layer products [#dorefa.product<conv geometry #pad weight <zero = [1], step = 2>>]
      inputs(%x : !x) weights(%w : !w) parameters(%t : tensor<32x3xi32>)
      epilogue {
      ^bb0(%d: i32, %tc: vector<3xi32>):
        %c = dorefa.count_thresholds %d, %tc : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 5>} -> tensor<1x32x9x9xi8, #dorefa.code<u2>>
  return %y : tensor<1x32x9x9xi8, #dorefa.code<u2>>
}

// Nothing is added where codes stand for themselves.
// CHECK-LABEL: func.func @codes_that_stand_for_themselves(
// CHECK-NOT:     dorefa.window_sum
// CHECK:         ^bb0(%[[D:.+]]: i32):
// CHECK-NEXT:      arith.trunci %[[D]]
func.func @codes_that_stand_for_themselves(%x: !x) -> !x {
  %v = arith.constant dense<1> : !v
  %y = dorefa.layer products [#dorefa.product<conv geometry #point>]
      inputs(%x : !x) weights(%v : !v)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 5>} -> !x
  return %y : !x
}

// A value is written once in each layout that is read: with the larger border
// of two readers of table offsets, and in planes.
// CHECK-LABEL: func.func @readers_of_one_value(
// CHECK:         %[[Q:.+]]:2 = dorefa.layer
// CHECK:         -> tensor<1x16x9x9xi8, #dorefa.layout<lookup <u2> channels 16 border [1, 1, 1, 1] fill 0>>,
// CHECK-SAME:       tensor<1x16x9x9xi8, #dorefa.layout<planes <u2> channels 64 border [0, 0, 0, 0] fill 0>>
// CHECK-NOT:     dorefa.unpack %[[Q]]
// CHECK:         dorefa.layer {{.*}} inputs(%[[Q]]#0 :
// CHECK:         dorefa.layer {{.*}} inputs(%[[Q]]#0 :
// CHECK:         dorefa.layer {{.*}} inputs(%[[Q]]#1 :
func.func @readers_of_one_value(%x: !x) -> (!x, tensor<1x32x9x9xi8, #dorefa.code<u2>>, !x) {
  %v = arith.constant dense<1> : !v
  %w = arith.constant dense<1> : !w
  %q = dorefa.layer products [#dorefa.product<conv geometry #point>]
      inputs(%x : !x) weights(%v : !v)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 5>} -> !x
  %a = dorefa.layer products [#dorefa.product<conv geometry #point>]
      inputs(%q : !x) weights(%v : !v)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 5>} -> !x
  %b = dorefa.layer products [#dorefa.product<conv geometry #pad>]
      inputs(%q : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 5>} -> tensor<1x32x9x9xi8, #dorefa.code<u2>>
  %c = dorefa.layer products [#dorefa.product<conv geometry #point>]
      inputs(%q : !x) weights(%v : !v)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<planes vectors 1 pixels 2>} -> !x
  return %a, %b, %c : !x, tensor<1x32x9x9xi8, #dorefa.code<u2>>, !x
}

// A pool of codes is a layer, whose border never wins.
// CHECK-LABEL: func.func @minimum(
// CHECK:         dorefa.pack %{{.+}} to tensor<1x16x9x9xi8, #dorefa.layout<elements <u2> channels 16 border [1, 1, 0, 0] fill 3>>
// CHECK:         dorefa.layer products [] residuals(
// CHECK-SAME:      pool min
func.func @minimum(%x: !x) -> tensor<1x16x5x5xi8, #dorefa.code<u2>> {
  %y = dorefa.pool min %x window <kernel = [2, 2], strides = [2, 2], pads = [1, 1, 0, 0], dilations = [1, 1]> : !x to tensor<1x16x5x5xi8, #dorefa.code<u2>>
  return %y : tensor<1x16x5x5xi8, #dorefa.code<u2>>
}

// CHECK-LABEL: func.func @elementwise_layers_stay_row_major(
// CHECK-NOT:     dorefa.pack
// CHECK:         dorefa.layer products [] residuals(%{{.+}} : tensor<1x4xf32>)
func.func @elementwise_layers_stay_row_major(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %y = dorefa.layer products [] residuals(%x : tensor<1x4xf32>)
      epilogue {
      ^bb0(%r: f32):
        %s = arith.addf %r, %r : f32
        dorefa.yield %s : f32
      } -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

#depthwise = #dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 16>>
#next = #dorefa.product<conv geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>>

// Plain loops compute 16 groups of one channel together, which share words.
// CHECK-LABEL: func.func @depthwise_before_tables(
// CHECK:         %[[D:.+]] = dorefa.layer
// CHECK:         -> tensor<1x16x9x9xi8, #dorefa.layout<lookup <u2> channels 16 border [0, 0, 0, 0] fill 0>>
// CHECK-NOT:     dorefa.unpack
// CHECK:         dorefa.layer {{.*}} inputs(%[[D]] :
func.func @depthwise_before_tables(%x: !x) -> !x {
  %w = arith.constant dense<1> : tensor<16x1x3x3xi8, #dorefa.code<u1>>
  %v = arith.constant dense<1> : !v
  %t = arith.constant dense<1> : tensor<16x3xi32>
  %d = dorefa.layer products [#depthwise] inputs(%x : !x)
      weights(%w : tensor<16x1x3x3xi8, #dorefa.code<u1>>)
      parameters(%t : tensor<16x3xi32>) epilogue {
      ^bb0(%s: i32, %u: vector<3xi32>):
        %c = dorefa.count_thresholds %s, %u : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<direct vectors 1 pixels 1>} -> !x
  %q = dorefa.layer products [#next] inputs(%d : !x) weights(%v : !v)
      parameters(%t : tensor<16x3xi32>) epilogue {
      ^bb0(%s: i32, %u: vector<3xi32>):
        %c = dorefa.count_thresholds %s, %u : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 4>} -> !x
  return %q : !x
}

#halves = #dorefa.product<conv geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], groups = 2>>
#reader = #dorefa.product<conv geometry <strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>>
!h = tensor<1x24x9x9xi8, #dorefa.code<u2>>

// Tiles are of one group, whose 12 channels share words with the next one's.
// CHECK-LABEL: func.func @groups_before_tables(
// CHECK:         %[[D:.+]] = dorefa.layer
// CHECK:         -> tensor<1x24x9x9xi8, #dorefa.layout<elements
// CHECK:         %[[U:.+]] = dorefa.unpack %[[D]]
// CHECK:         %[[P:.+]] = dorefa.pack %[[U]] {{.*}} #dorefa.layout<lookup
// CHECK:         dorefa.layer {{.*}} inputs(%[[P]] :
func.func @groups_before_tables(%x: !h) -> !x {
  %w = arith.constant dense<1> : tensor<24x12x1x1xi8, #dorefa.code<u1>>
  %v = arith.constant dense<1> : tensor<16x24x1x1xi8, #dorefa.code<u1>>
  %t = arith.constant dense<1> : tensor<24x3xi32>
  %s = arith.constant dense<1> : tensor<16x3xi32>
  %d = dorefa.layer products [#halves] inputs(%x : !h)
      weights(%w : tensor<24x12x1x1xi8, #dorefa.code<u1>>)
      parameters(%t : tensor<24x3xi32>) epilogue {
      ^bb0(%p: i32, %u: vector<3xi32>):
        %c = dorefa.count_thresholds %p, %u : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<bytes vectors 1 pixels 4>} -> !h
  %q = dorefa.layer products [#reader] inputs(%d : !h)
      weights(%v : tensor<16x24x1x1xi8, #dorefa.code<u1>>)
      parameters(%s : tensor<16x3xi32>) epilogue {
      ^bb0(%p: i32, %u: vector<3xi32>):
        %c = dorefa.count_thresholds %p, %u : i32, vector<3xi32> to i8
        dorefa.yield %c : i8
      } {schedule = #dorefa.schedule<lookup vectors 1 pixels 4>} -> !x
  return %q : !x
}
