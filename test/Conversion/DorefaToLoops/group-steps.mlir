// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni engine=bytes}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni})' | FileCheck %s
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni engine=bytes}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni group-images=1})' | FileCheck %s --check-prefix=ONE
// RUN: dorefa-opt %s --split-input-file --pass-pipeline='builtin.module(dorefa-layers-to-packed-pipeline{target=x86-64-v4-vnni engine=bytes}, dorefa-packed-to-loops-pipeline{target=x86-64-v4-vnni group-images=3})' | FileCheck %s --check-prefix=ALL

#unit = #dorefa.conv<strides = [], pads = [], dilations = []>
!x = tensor<1x256xi8, #dorefa.code<u4>>
!w = tensor<512x256xi8, #dorefa.code<u4>>
!y = tensor<1x512xi8, #dorefa.code<u4>>
!v = tensor<16x512xi8, #dorefa.code<u4>>
!z = tensor<1x16xi8, #dorefa.code<u4>>

// 128 KiB of weights are read once for the images of a group, in tiles of as many
// images as registers hold, then of fewer. The second layer's weights stay in the
// first-level cache.
// CHECK:       dorefa.group_images = 64 : i64
// CHECK-SAME:  dorefa.slice_bytes = [[SLICE:[0-9]+]] : i64
// CHECK-LABEL: func.func private @step.large(
// CHECK-SAME:    %[[IMAGES:[^:]+]]: index
// CHECK:         %[[TILES:.+]] = arith.divui %[[IMAGES]], %c{{.+}}
// CHECK:         scf.for %{{.+}} = %c0 to %[[TILES]]
// CHECK:           memref.prefetch
// CHECK-COUNT-2:   vpdpbusd
// CHECK:         vector.store
// CHECK-LABEL: func.func private @step.small(
// CHECK-NOT:     arith.divui
// CHECK-LABEL: func.func @dorefa_network(
// CHECK-SAME:    memref<16384xi8>, %{{[^:]+}}: memref<1024xi8>, %[[IMAGES:[^:]+]]: index)
// CHECK:         %[[OTHERS:.+]] = arith.subi %[[IMAGES]],
// CHECK:         scf.for %[[IMAGE:.+]] = %{{.+}} to %[[IMAGES]]
// CHECK:           %[[OFFSET:.+]] = arith.muli %[[IMAGE]],
// CHECK:           memref.view %{{.+}}[%[[OFFSET]]][] : memref<16384xi8> to memref<1x256xi8>
// CHECK:           call @step.pack(
// CHECK:         }
// CHECK:         call @step.large({{.*}}%[[IMAGES]]
// CHECK:         scf.for %{{.+}} = %{{.+}} to %[[IMAGES]]
// CHECK:           call @step.small(
// CHECK:           call @step.small_
// ONE-NOT:     dorefa.group_images
// ONE-LABEL:   func.func @dorefa_network(
// ONE-SAME:      %{{[^:]+}}: memref<1x256xi8>, %{{[^:]+}}: memref<1x16xi8>)
// ONE-NOT:       scf.for
// ONE:           call @step.small(
// Every layer that can is in groups.
// ALL:         dorefa.group_images = 3 : i64
// ALL-LABEL:   func.func @dorefa_network(
// ALL-SAME:      memref<768xi8>, %{{[^:]+}}: memref<48xi8>, %[[IMAGES:[^:]+]]: index)
// ALL:           call @step.large({{.*}}%[[IMAGES]]
// ALL:           call @step.small({{.*}}%[[IMAGES]]
func.func @net(%x: !x {dorefa.name = "x"}) -> (!z {dorefa.name = "z"}) {
  %w = arith.constant dense<1> : !w
  %y = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%x : !x) weights(%w : !w)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !y loc("large")
  %v = arith.constant dense<1> : !v
  %z = dorefa.layer products [#dorefa.product<conv geometry #unit>]
      inputs(%y : !y) weights(%v : !v)
      epilogue {
      ^bb0(%d: i32):
        %c = arith.trunci %d : i32 to i8
        dorefa.yield %c : i8
      } -> !z loc("small")
  return %z : !z
}
