//===- Passes.td - passes over the dorefa dialect ---------*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The passes from the imported graph to layers, in the order in which they run:
// first the codes that the model spells out in floating point are found, then
// contractions of codes become integer products with their epilogues, and pools
// and step functions become part of these. From the recognised graph on no pass
// changes a value.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES
#define DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// From the imported to the recognised graph
//===----------------------------------------------------------------------===//

def RecognizeQuantizers : InterfacePass<"dorefa-recognize-quantizers", "::mlir::FunctionOpInterface"> {
  let summary = "find the quantizers that a model spells out";
  let description = [{
    A rounding with a Clip by whole numbers directly before or behind it
    (constant factors may stand between, as in `Clip(0, 1) - Mul(7) - Round`),
    a Sign, and a choice between two constants of which one is the negative of
    the other, or one 0 and the other positive, become `dorefa.quantize` with the
    narrowest code type and `dorefa.dequantize`:

    ```mlir
    %l = arith.maximumf %x, %minus_3 : tensor<4xf32>
    %c = arith.minimumf %l, %plus_3 : tensor<4xf32>
    %r = math.roundeven %c : tensor<4xf32>
    ```

    becomes

    ```mlir
    %q = dorefa.quantize half_even %x {min = -3 : i64} : tensor<4xf32> to tensor<4xi8, #dorefa.code<s3>>
    %r = dorefa.dequantize %q, %one, %zero : ...
    ```

    Clips of codes become bounds of their quantizer, and the type of codes
    shrinks to what their quantizer can give.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

def RecognizeCodes : InterfacePass<"dorefa-recognize-codes", "::mlir::FunctionOpInterface"> {
  let summary = "let contractions read codes";
  let description = [{
    Follows codes from `dorefa.dequantize`, casts of codes and constants of whole
    numbers through constant factors and addends, shape ops, concatenations and
    maximum pools. Where all operands of a convolution, matrix product, average
    pool, sum or mean are coded, and no scale varies along a contracted
    dimension, these operands become `dorefa.dequantize` of codes:

    ```mlir
    %v = dorefa.dequantize %q, %third, %zero : ...   // u2 codes times 1/3
    %m = arith.mulf %v, %two : tensor<1x8xf32>
    %w = arith.subf %m, %one : tensor<1x8xf32>
    %y = dorefa.matmul %x, %w : ...
    ```

    becomes

    ```mlir
    %w = dorefa.dequantize %q, %third, %three {step = 2 : i64} : ...
    %y = dorefa.matmul %x, %w : ...
    ```

    Elementwise ops still read the declared value. Constant operands get the
    narrowest codes for the integers that they stand for. A Pad by 0 becomes
    padding of the convolution or pool that reads it. A contraction whose operands
    are coded and that still must run in float has the reason as attribute
    `dorefa.float_reason`; one whose integer sums exceed 62 bits is refused.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

def FoldConstants : InterfacePass<"dorefa-fold-constants", "::mlir::FunctionOpInterface"> {
  let summary = "replace constant subgraphs by their values";
  let description = [{
    Each op of constants becomes a constant, by one IEEE operation an element and
    the correctly rounded functions that compiled networks contain. Two kinds of
    ops stay: `dorefa.dequantize` where a contraction reads it, and broadcasts of
    more than one value.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

//===----------------------------------------------------------------------===//
// From the recognised graph to layers
//===----------------------------------------------------------------------===//

def SinkPools : InterfacePass<"dorefa-sink-pools", "::mlir::FunctionOpInterface"> {
  let summary = "move max pools of reals behind quantizers";
  let description = [{
    A max pool commutes with a chain that grows with its input, a max pool in
    front of a chain that falls is a min pool behind it [DoReFa-Net, eq. 15].
    So a pool of a product's reals moves behind the quantizer, where it pools
    codes. Where the chain grows in some channels and falls in others, the codes
    of the latter are complemented around a max pool.

    ```mlir
    %p = dorefa.pool max %y window <...> : ...
    %n = dorefa.batch_norm %p, ...
    %q = dorefa.quantize half_even %n : ...
    ```

    becomes

    ```mlir
    %n = dorefa.batch_norm %y, ...
    %c = dorefa.quantize half_even %n : ...
    %q = dorefa.pool max %c window <...> : ...
    ```

    A chain that an infinity or NaN could take out of order stays: the pool must
    read a contraction of codes, whose values are finite.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

def FormLayers : InterfacePass<"dorefa-form-layers", "::mlir::FunctionOpInterface"> {
  let summary = "join contractions and what follows them into layers";
  let description = [{
    Each contraction becomes a product of a `dorefa.layer`: of codes where the
    recognised graph has dequantized operands with fitting scales, else of
    reals. The elementwise ops behind it, up to and including quantizers, become
    the layer's epilogue, op by op as declared. Two contractions of codes that
    are added become one layer with two products. Elementwise ops without a
    contraction in front become layers without products.

    ```mlir
    %xr = dorefa.dequantize %x, %sx, %zero : ...
    %wr = dorefa.dequantize %w, %sw, %zero : ...
    %y = dorefa.conv %xr, %wr geometry <...> : ...
    %n = dorefa.batch_norm %y, %gamma, %beta, %mean, %variance epsilon 1.0e-5 : ...
    %q = dorefa.quantize half_even %n : ...
    ```

    becomes

    ```mlir
    %q = dorefa.layer products [#dorefa.product<conv geometry <...>>]
        inputs(%x : ...) weights(%w : ...) parameters(%a, %b : tensor<64xf32>, tensor<64xf32>)
        epilogue {
        ^bb0(%d: i32, %ac: f32, %bc: f32):
          %scale = arith.constant 2.500000e-01 : f32
          %f = arith.sitofp %d : i32 to f32
          %v = arith.mulf %f, %scale : f32
          %m = arith.mulf %v, %ac : f32
          %n = arith.addf %m, %bc : f32
          %c = dorefa.quantize_scalar half_even %n code <u2> : f32 to i8
          dorefa.yield %c : i8
        } -> ...
    ```

    Each contraction that stays in float is named in a remark, with the reason.
    With `strict` that is an error for convolutions and matrix products.
    The attribute `dorefa.value` of ops stays on their layer; for a layer with
    several results it is an array with an element a result.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
  let options = [
    Option<"strict", "strict", "bool", /*default=*/"false",
           "refuse convolutions and matrix products in float">];
}

def FusePools : InterfacePass<"dorefa-fuse-pools", "::mlir::FunctionOpInterface"> {
  let summary = "make max and min pools part of the layer before them";
  let description = [{
    A pool whose windows do not overlap reads each element once, so the layer
    that gives the elements can pool them before it stores them:

    ```mlir
    %q = dorefa.layer products [...] ... epilogue {...} -> tensor<1x8x8x8xi8, #dorefa.code<u2>>
    %p = dorefa.pool max %q window <kernel = [2, 2], strides = [2, 2], ...> : ...
    ```

    becomes

    ```mlir
    %p = dorefa.layer products [...] ... pool max <kernel = [2, 2], strides = [2, 2], ...>
        epilogue {...} -> tensor<1x8x4x4xi8, #dorefa.code<u2>>
    ```

    Pools with overlapping or padded windows, or behind a layer that something
    else reads, stay ops of their own.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
}

def FoldThresholds : InterfacePass<"dorefa-fold-thresholds", "::mlir::FunctionOpInterface"> {
  let summary = "replace epilogues that are step functions by integer comparisons";
  let description = [{
    Where the codes of a layer depend on one integer sum, channel by channel as
    a step function, they become a count of thresholds that the sum meets:

    ```mlir
    ^bb0(%d: i32, %t: vector<3xi32>):
      %c = dorefa.count_thresholds %d, %t : i32, vector<3xi32> to i8
      dorefa.yield %c : i8
    ```

    Thresholds ascend. They are found by evaluating the epilogue at integers:
    by binary search where each op is weakly monotone, else at each sum that a
    channel can reach. The smallest integer stands for a threshold that is
    always met, the largest for one that never is. The weights of channels that
    fall are negated, so that these rise; where a weight has no opposite among
    its codes, the count is subtracted from the largest code instead.

    Epilogues with residuals, several products or sums of reals stay as they
    are, and so do those with more than `max-thresholds` thresholds.
  }];
  let dependentDialects = ["::mlir::dorefa::DorefaDialect"];
  let options = [
    Option<"maxThresholds", "max-thresholds", "unsigned", /*default=*/"15",
           "thresholds a channel beyond which the chain stays">,
    Option<"scanLimit", "scan-limit", "unsigned", /*default=*/"4194304",
           "evaluations a layer for chains without a proof">];
}

//===----------------------------------------------------------------------===//
// On the recognised graph
//===----------------------------------------------------------------------===//

def ExposeTaps : Pass<"dorefa-expose-taps", "::mlir::ModuleOp"> {
  let summary = "return the codes of each quantizer";
  let description = [{
    Each code tensor of a `dorefa.quantize` or `dorefa.quantize_thresholds`
    whose attribute `dorefa.value` names the model's value that stands for it
    becomes one more result of its function, called by that name, or by the name
    and `_codes` where that is another result's. Pools behind a quantizer do not
    change it. The list `dorefa.taps` of an op names the quantizers that give its
    codes once more, which recognition has dropped: a result each.

    ```mlir
    func.func @net(%x: tensor<1x4xf32>) -> (tensor<1x4xf32> {dorefa.name = "y"}) {
      %q = dorefa.quantize half_even %x {dorefa.value = "act0"}
        : tensor<1x4xf32> to tensor<1x4xi8, #dorefa.code<u2>>
      ...
      return %y : tensor<1x4xf32>
    }
    ```

    becomes

    ```mlir
    func.func @net(%x: tensor<1x4xf32>)
        -> (tensor<1x4xf32> {dorefa.name = "y"},
            tensor<1x4xi8, #dorefa.code<u2>> {dorefa.name = "act0"}) {
      ...
      return %y, %q : tensor<1x4xf32>, tensor<1x4xi8, #dorefa.code<u2>>
    }
    ```

    Where the batch is free, a value that has it in another place than the
    leading dimension cannot be returned; a remark says so.
  }];
}

#endif // DOREFA_DIALECT_DOREFA_TRANSFORMS_PASSES
