// REQUIRES: x86-registered-target, aarch64-registered-target
// RUN: dorefa-opt %s --split-input-file --convert-dorefa-to-loops='target=x86-64-v3' --canonicalize | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: dorefa-opt %s --split-input-file --convert-dorefa-to-loops='target=x86-64-v4' --canonicalize | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: dorefa-opt %s --split-input-file --convert-dorefa-to-loops='target=aarch64' --canonicalize | FileCheck %s --check-prefixes=CHECK,OTHER

!x = tensor<1x16xf32, #dorefa.layout<elements channels 16 border [] fill 0>>
!y = tensor<1x16xi8, #dorefa.layout<elements <u8> channels 16 border [] fill 0>>

// On AVX2 the upper bound alone, as packing clamps to 0; elsewhere on x86 both bounds,
// then the rounding; else as emitQuantize has it.
// CHECK-LABEL: func.func private @step.unsigned(
// AVX2:          %[[ABOVE:.+]] = arith.cmpf olt, %[[HIGH:.+]], %[[X:[^ ]+]] : vector<16xf32>
// AVX2:          arith.select %[[ABOVE]], %[[HIGH]], %[[X]]
// AVX2-NOT:      arith.cmpf
// AVX2-COUNT-2:  llvm.call_intrinsic "llvm.x86.avx.cvt.ps2dq.256"
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.packusdw"
// AVX2:          llvm.call_intrinsic "llvm.x86.sse2.packuswb.128"
// AVX512:        arith.cmpf ogt
// AVX512:        arith.cmpf olt
// AVX512:        llvm.call_intrinsic "llvm.lrint"({{.*}}) : (vector<16xf32>) -> vector<16xi32>
// AVX512:        arith.trunci
// OTHER:         math.roundeven
// OTHER:         arith.fptosi
// CHECK:         return
func.func @unsigned(%x: !x) -> !y {
  %y = dorefa.layer products [] residuals(%x : !x) epilogue {
      ^bb0(%d: f32):
        %c = dorefa.quantize_scalar half_even %d code <u8> : f32 to i8
        dorefa.yield %c : i8
      } {packed} -> !y loc("unsigned")
  return %y : !y
}

// -----

!x = tensor<1x16xf32, #dorefa.layout<elements channels 16 border [] fill 0>>
!y = tensor<1x16xi8, #dorefa.layout<elements <u8> channels 16 border [] fill 0>>

// A first code that packing does not clamp to.
// CHECK-LABEL: func.func private @step.higher(
// AVX2:          arith.cmpf ogt
// AVX2:          arith.cmpf olt
// AVX2-COUNT-2:  llvm.call_intrinsic "llvm.lrint"({{.*}}) : (vector<8xf32>) -> vector<8xi32>
// AVX2-NOT:      packus
// CHECK:         return
func.func @higher(%x: !x) -> !y {
  %y = dorefa.layer products [] residuals(%x : !x) epilogue {
      ^bb0(%d: f32):
        %c = dorefa.quantize_scalar half_even %d code <u8> {min = 1 : i64} : f32 to i8
        dorefa.yield %c : i8
      } {packed} -> !y loc("higher")
  return %y : !y
}

// -----

!x = tensor<1x16xf32, #dorefa.layout<elements channels 16 border [] fill 0>>
!y = tensor<1x16xi8, #dorefa.layout<elements <u8> channels 16 border [] fill 0>>

// vcvtps2dq does not round down.
// CHECK-LABEL: func.func private @step.down(
// CHECK-NOT:     call_intrinsic
// CHECK:         math.floor
// CHECK:         arith.fptosi
// CHECK-NOT:     call_intrinsic
// CHECK:         return
func.func @down(%x: !x) -> !y {
  %y = dorefa.layer products [] residuals(%x : !x) epilogue {
      ^bb0(%d: f32):
        %c = dorefa.quantize_scalar floor %d code <u8> : f32 to i8
        dorefa.yield %c : i8
      } {packed} -> !y loc("down")
  return %y : !y
}
