// REQUIRES: x86-registered-target
// RUN: dorefa-opt %s --convert-dorefa-to-loops='target=x86-64-v3' --canonicalize | FileCheck %s --check-prefixes=CHECK,LANES
// RUN: dorefa-opt %s --convert-dorefa-to-loops='target=x86-64-v4' --canonicalize | FileCheck %s --check-prefixes=CHECK,MASKS

#elements = #dorefa.layout<elements <s16> channels 16 border [] fill 0>
!x = tensor<1x16xi16, #elements>
!y = tensor<1x16xi8, #dorefa.layout<elements <u2> channels 16 border [] fill 0>>

// Without mask registers, three less the thresholds that are not met: sums of whole
// lanes that go to bytes once. With masks, the met ones, each as a byte.
// CHECK-LABEL: func.func private @step.layer(
// LANES:         %[[N:.+]] = arith.constant dense<3> : vector<16xi16>
// LANES:         %[[C:.+]] = arith.cmpi slt, %{{.+}}, %{{.+}} : vector<16xi16>
// LANES:         %[[E:.+]] = arith.extsi %[[C]] : vector<16xi1> to vector<16xi16>
// LANES:         arith.addi %[[E]], %[[N]] : vector<16xi16>
// LANES-COUNT-2: arith.cmpi slt
// LANES:         %[[S:.+]] = arith.addi
// LANES:         %[[LOW:.+]] = vector.extract_strided_slice %[[S]] {offsets = [0], sizes = [8]
// LANES:         %[[HIGH:.+]] = vector.extract_strided_slice %[[S]] {offsets = [8], sizes = [8]
// LANES:         llvm.call_intrinsic "llvm.x86.sse2.packuswb.128"(%[[LOW]], %[[HIGH]])
// LANES-NOT:     arith.trunci
// MASKS:         %[[C:.+]] = arith.cmpi sge, %{{.+}}, %{{.+}} : vector<16xi16>
// MASKS:         arith.extui %[[C]] : vector<16xi1> to vector<16xi16>
// MASKS-COUNT-2: arith.cmpi sge
// MASKS:         arith.trunci %{{.+}} : vector<16xi16> to vector<16xi8>
func.func @thresholds(%x: !x) -> !y {
  %t = arith.constant dense<1> : tensor<3x16xi16>
  %y = dorefa.layer products [] parameters(%t : tensor<3x16xi16>)
      residuals(%x : !x) epilogue {
      ^bb0(%v: vector<3xi16>, %d: i16):
        %c = dorefa.count_thresholds %d, %v : i16, vector<3xi16> to i8
        dorefa.yield %c : i8
      } {packed} -> !y
  return %y : !y
}
