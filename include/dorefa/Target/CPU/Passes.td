//===- Passes.td - passes that choose and pack for a CPU --*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The passes that make layers depend on a machine: which engine computes each
// product, how operands lie for it, and in how many bits the epilogue counts.
// All take the same four options that name the machine.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_PASSES
#define DOREFA_TARGET_CPU_PASSES

include "mlir/Pass/PassBase.td"
include "dorefa/Target/CPU/TargetOptions.td"

/// Passes that ask what the target's kernels may use.
class Dorefa_CPUPass<string argument, list<Option> more = []>
    : Pass<argument, "::mlir::ModuleOp">, Dorefa_TargetOptions {
  let options = !listconcat(targetOptions, more);
}

def ChooseEngines : Dorefa_CPUPass<"dorefa-choose-engines", [
    Option<"engine", "engine", "std::string", /*default=*/"",
           "use this engine for codes wherever it is legal: lookup, lookup64, "
           "quad, planes, bytes, winograd or direct">,
    Option<"tile", "tile", "std::string", /*default=*/"",
           "use this register tile in all layers: vectors x pixels, or vectors "
           "x pixels x passes">,
    Option<"times", "times", "std::string", /*default=*/"",
           "a file of measured times, which count where it has them">,
    Option<"section", "section", "std::string", /*default=*/"",
           "the section of that file">]> {
  let summary = "choose engine and register tile of each layer";
  let description = [{
    Writes a `schedule` on every layer with products: of the engines that
    compute all its products exactly on the target, and of their register tiles,
    the one with the least predicted time by the cost table of the target's
    family of CPUs (`lib/Engine/Costs`). A schedule that is there already is kept
    if it is legal, and an error if it is not.

    With `times`, what was measured of a layer comes before what is predicted of
    it: of the schedules that the file has for its key, the one with the least
    time. The file may say that this makes a network no faster; it then keeps the
    prediction.

    ```mlir
    %q = dorefa.layer products [...] inputs(%x : ...) weights(%w : ...) ...
    // becomes
    %q = dorefa.layer products [...] inputs(%x : ...) weights(%w : ...) ...
        {schedule = #dorefa.schedule<lookup vectors 1 pixels 4>}
    ```
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

def PackLayers : Dorefa_CPUPass<"dorefa-pack-layers"> {
  let summary = "give activations and weights the layouts of their engines";
  let description = [{
    Each layer reads its inputs in the layout of its engine and writes its
    results in every layout that a consumer reads; `dorefa.pack` and
    `dorefa.unpack` stand where other ops meet them. Products become sums of
    stored (unsigned) numbers; what offsets of codes and weights add to them
    is written into the epilogue:

        sum (sx*u + bx)(sw*v + bw) = sx*sw*sum(u*v) + sx*bw*sum(u) + bx*sum(W)

    with `dorefa.window_sum` for sum(u), one constant an output channel for
    the last term, or one a position where the border counts.

    ```mlir
    %q = dorefa.layer products [#dorefa.product<conv geometry <...> weight <zero = [1], step = 2>>]
        inputs(%x : tensor<1x16x9x9xi8, #dorefa.code<u2>>)
        weights(%w : tensor<32x16x3x3xi8, #dorefa.code<u1>>) parameters(%t : tensor<32x3xi32>)
        epilogue {
        ^bb0(%d: i32, %tc: vector<3xi32>):
          %c = dorefa.count_thresholds %d, %tc : i32, vector<3xi32> to i8
          ...
    // becomes, behind a layer that gives %x in the layout of the engine
    %wp = dorefa.pack %w : ... to tensor<32x16x3x3xi8, #dorefa.digits<...>>
    %s = dorefa.window_sum %x kernel [3, 3] geometry <...> : ... to tensor<1x1x9x9xi32>
    %q = dorefa.layer products [#dorefa.product<conv geometry <...>>]
        inputs(%x : tensor<1x16x9x9xi8, #dorefa.layout<lookup <u2> ...>>)
        weights(%wp : ...) parameters(%tp : tensor<3x32xi32>) residuals(%s : tensor<1x1x9x9xi32>)
        epilogue {
        ^bb0(%d: i32, %tc: vector<3xi32>, %sum: i32):
          %twice = arith.muli %d, %two : i32
          %e = arith.subi %twice, %sum : i32
          %c = dorefa.count_thresholds %e, %tc : i32, vector<3xi32> to i8
          ...
    ```
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

def ReduceEpilogues : Dorefa_CPUPass<"dorefa-reduce-epilogues"> {
  let summary = "replace ops of epilogues by cheaper ones with the same codes";
  let description = [{
    Where no code changes, for any input:

    - many thresholds on a sum, about evenly far apart, become a fused
      multiply-add, rounded; a slope and an offset a channel take their place
    - the division in front of a quantizer becomes a multiplication, or one and a
      fused multiply-add, whose factors add up to the reciprocal
    - bounds of a real at which its code is the first or the last are left to the
      quantizer

    All are tried out at every step of the code, in the arithmetic of the new
    ops, and left alone where a code would differ. Fused multiply-adds are for
    targets that have the instruction.

    ```mlir
    ^bb0(%sum: i32, %t: vector<15xi32>):
      %q = dorefa.count_thresholds %sum, %t : i32, vector<15xi32> to i8
    // becomes
    ^bb0(%sum: i32, %slope: f32, %offset: f32):
      %r = arith.sitofp %sum : i32 to f32
      %x = math.fma %r, %slope, %offset : f32
      %q = dorefa.quantize_scalar half_even %x code <u4> : f32 to i8
    ```
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect",
                           "::mlir::math::MathDialect"];
}

def NarrowEpilogues : Dorefa_CPUPass<"dorefa-narrow-epilogues"> {
  let summary = "compute epilogues in 16 bits where all values fit";
  let description = [{
    Where a packed layer's engine has sums of 16 bits and every integer of its
    epilogue is in -32768 .. 32766 for all inputs, accumulators and what follows
    up to the codes become `i16`: a vector then holds twice as many channels.
    Bounds are those of the stored numbers and of the constant parameters;
    thresholds that no value reaches, or that all reach, become the nearest
    number of 16 bits. Parameters are padded to whole vectors of such lanes.

    ```mlir
    ^bb0(%sum: i16, %t: vector<3xi16>, %window: i32):
      %w = arith.trunci %window : i32 to i16
      %c2 = arith.constant 2 : i16
      %twice = arith.muli %sum, %c2 : i16
      %d = arith.subi %twice, %w : i16
      %q = dorefa.count_thresholds %d, %t : i16, vector<3xi16> to i8
    ```
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

#endif // DOREFA_TARGET_CPU_PASSES
