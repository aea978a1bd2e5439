//===- DorefaOps.td - graph level ops -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The graph level: ops on whole tensors whose descriptions fix the value to the
// last bit, order of sums and roundings included, so that the interpreter and
// compiled code must agree exactly. Quantizers and `dorefa.dequantize` are the
// only ways between reals and codes; elementwise arithmetic is left to `arith`
// and `math`.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_OPS
#define DOREFA_OPS

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "dorefa/Dialect/Dorefa/IR/DorefaBase.td"

//===----------------------------------------------------------------------===//
// Between reals and codes
//===----------------------------------------------------------------------===//

def Dorefa_QuantizeOp : Dorefa_Op<"quantize", [Pure, SameOperandsAndResultShape]> {
  let summary = "round reals to integer codes";
  let description = [{
    Each element x becomes the code `clamp(round(x), min, max)`; `round` is the
    declared rounding mode, `min` and `max` default to the range of the
    result's codes. NaN gives `min`. With `sign` the code is 1 for `x >= 0`
    (so for -0 too) and 0 for smaller x and NaN.

    Scales, zero points and clips that the model declares in front of the
    rounding stand before this op as `arith` ops, each with its own rounding.

    Example:

    ```mlir
    %q = dorefa.quantize half_even %x : tensor<4xf32> to tensor<4xi8, #dorefa.code<u2>>
    %t = dorefa.quantize half_even %x {min = -1 : i64, max = 1 : i64}
      : tensor<4xf32> to tensor<4xi8, #dorefa.code<s2>>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, Dorefa_RoundingAttr:$rounding,
                       OptionalAttr<I64Attr>:$min, OptionalAttr<I64Attr>:$max);
  let results = (outs Dorefa_CodeTensor:$result);
  let assemblyFormat = "$rounding $input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::dorefa::CodeAttr getCode();
    /// The smallest and largest code that this op gives.
    int64_t getLowest() { return getMin().value_or(getCode().getMin()); }
    int64_t getHighest() { return getMax().value_or(getCode().getMax()); }
  }];
}

def Dorefa_QuantizeThresholdsOp : Dorefa_Op<"quantize_thresholds", [Pure]> {
  let summary = "count the thresholds that a real meets";
  let description = [{
    Element x of channel c becomes the number of t with
    `x >= thresholds[c, t]`, thresholds counted as they are written, sorted or
    not. `thresholds` has one row, or one a channel of dimension `axis`. NaN
    meets no threshold. (QONNX: MultiThreshold.)

    Example:

    ```mlir
    %q = dorefa.quantize_thresholds %x, %t axis 1
      : tensor<1x64x8x8xf32>, tensor<64x3xf32> to tensor<1x64x8x8xi8, #dorefa.code<u2>>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, Dorefa_RealTensor:$thresholds,
                       I64Attr:$axis);
  let results = (outs Dorefa_CodeTensor:$result);
  let assemblyFormat = [{
    $input `,` $thresholds `axis` $axis attr-dict
        `:` type($input) `,` type($thresholds) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Dorefa_DequantizeOp : Dorefa_Op<"dequantize", [Pure]> {
  let summary = "the reals that codes stand for";
  let description = [{
    Code q becomes `fl(fl(step*q - zero_point) * scale)`: the integer is exact,
    converted to binary32 and multiplied once. `scale` and `zero_point` are
    single values or have one element a channel of dimension `axis`. Scales are
    finite and greater than 0. `step` is 1 or 2 (2 for grids without a zero
    such as 2q - n).

    A contraction of two dequantized tensors whose scales are constant along
    every contracted dimension is an exact integer contraction of the codes.

    Example:

    ```mlir
    %w = dorefa.dequantize %q, %s, %z axis 0 {step = 2 : i64}
      : tensor<64x3x3x3xi8, #dorefa.code<u1>>, tensor<64xf32>, tensor<i32> to tensor<64x3x3x3xf32>
    ```
  }];
  let arguments = (ins Dorefa_CodeTensor:$input, Dorefa_RealTensor:$scale,
                       StaticShapeTensorOf<[I32]>:$zero_point,
                       DefaultValuedAttr<I64Attr, "0">:$axis,
                       DefaultValuedAttr<I64Attr, "1">:$step);
  let results = (outs Dorefa_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale `,` $zero_point (`axis` $axis^)? attr-dict
        `:` type($input) `,` type($scale) `,` type($zero_point) `to` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::dorefa::CodeAttr getCode();
  }];
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

def Dorefa_ConvOp : Dorefa_Op<"conv", [Pure]> {
  let summary = "convolution";
  let description = [{
    Input N x C x spatial, weights O x C/groups x kernel, one or two spatial
    dimensions, no bias (a bias is an addition behind it). If both operands are
    `dorefa.dequantize` with scales constant along every contracted dimension:
    `fl(fl(D) * fl(input scale * weight scale))` with the exact integer sum D.
    Else `acc = +0; acc = fma(x, w, acc)` in the order kernel positions, then
    input channels, positions outside the image skipped.

    Example:

    ```mlir
    %y = dorefa.conv %x, %w
        geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
        : tensor<1x64x8x8xf32>, tensor<32x64x3x3xf32> to tensor<1x32x8x8xf32>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, Dorefa_RealTensor:$weight,
                       Dorefa_ConvAttr:$geometry);
  let results = (outs Dorefa_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight `geometry` $geometry attr-dict
        `:` type($input) `,` type($weight) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Dorefa_MatmulOp : Dorefa_Op<"matmul", [Pure]> {
  let summary = "matrix product";
  let description = [{
    The operands have the same rank of at least 2; the last two dimensions are
    M x K and K x N; the dimensions before are equal or 1 and broadcast. The
    value is defined as for `dorefa.conv`, in the order of k.

    Example:

    ```mlir
    %y = dorefa.matmul %x, %w : tensor<1x64xf32>, tensor<64x10xf32> to tensor<1x10xf32>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$lhs, Dorefa_RealTensor:$rhs);
  let results = (outs Dorefa_RealTensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `to` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Other structured ops on reals
//===----------------------------------------------------------------------===//

def Dorefa_BatchNormOp : Dorefa_Op<"batch_norm", [
    Pure, AllTypesMatch<["input", "result"]>,
    AllTypesMatch<["gamma", "beta", "mean", "variance"]>]> {
  let summary = "batch normalization at inference";
  let description = [{
    `fl(fl(a*x) + b)` with `a = gamma / sqrt(var + epsilon)` and
    `b = beta - mean*a` evaluated in binary64 without contraction (b from the
    unrounded a), each rounded once to binary32. The parameters have one
    element a channel (dimension 1).

    Example:

    ```mlir
    %n = dorefa.batch_norm %y, %gamma, %beta, %mean, %variance epsilon 1.0e-5
        : tensor<1x32x8x8xf32>, tensor<32xf32>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, Dorefa_RealTensor:$gamma,
                       Dorefa_RealTensor:$beta, Dorefa_RealTensor:$mean,
                       Dorefa_RealTensor:$variance, F32Attr:$epsilon);
  let results = (outs Dorefa_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $gamma `,` $beta `,` $mean `,` $variance `epsilon` $epsilon attr-dict
        `:` type($input) `,` type($gamma)
  }];
  let hasVerifier = 1;
}

def Dorefa_PoolOp : Dorefa_Op<"pool", [Pure]> {
  let summary = "pooling over windows";
  let description = [{
    Input N x C x spatial, of reals or of codes (codes: `max` and `min` only).
    Positions outside the image are skipped. Sum and average of reals: kernel
    order, one rounding an addition, then one division by the number of
    positions inside, or by the size of the window with `count_padding`.
    Of a `dorefa.dequantize` with one scale a channel: the exact integer sum D,
    then `fl(fl(D) * scale)` and the division.

    Example:

    ```mlir
    %p = dorefa.pool max %x
        window <kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>
        : tensor<1x32x8x8xf32> to tensor<1x32x4x4xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input, Dorefa_PoolKindAttr:$kind,
                       Dorefa_WindowAttr:$window, UnitAttr:$count_padding);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = [{
    $kind $input `window` $window (`count_padding` $count_padding^)? attr-dict
        `:` type($input) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Dorefa_ReduceOp : Dorefa_Op<"reduce", [Pure]> {
  let summary = "reduction over dimensions";
  let description = [{
    Reduces the dimensions of `axes` to extent 1. Sums and means of reals:
    element i of the reduced ones (row-major) goes to lane `i mod 64`, lanes
    start at +0, then lane j += lane j+h for h = 32, 16, .. 1; a mean divides
    once by the count. Sums and means of a `dorefa.dequantize` with one scale:
    the exact integer sum D, `fl(fl(D) * scale)`, then the division.

    Example:

    ```mlir
    %m = dorefa.reduce mean %x axes [2, 3] : tensor<1x32x4x4xf32> to tensor<1x32x1x1xf32>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, Dorefa_ReduceKindAttr:$kind,
                       DenseI64ArrayAttr:$axes);
  let results = (outs Dorefa_RealTensor:$result);
  let assemblyFormat = "$kind $input `axes` $axes attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Dorefa_SoftmaxOp
    : Dorefa_Op<"softmax", [Pure, SameOperandsAndResultType]> {
  let summary = "softmax along one dimension";
  let description = [{
    `exp(x - max) / sum`, each operation rounded; `exp` correctly rounded; the
    sum in the order of `dorefa.reduce`.

    Example:

    ```mlir
    %s = dorefa.softmax %x axis 1 : tensor<1x10xf32>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, I64Attr:$axis);
  let results = (outs Dorefa_RealTensor:$result);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Dorefa_SigmoidOp : Dorefa_Op<"sigmoid", [Pure, SameOperandsAndResultType]> {
  let summary = "correctly rounded 1 / (1 + exp(-x))";
  let description = [{
    On tensors, and on scalars inside the epilogue of a layer.
  }];
  let arguments = (ins AnyTypeOf<[F32, Dorefa_RealTensor]>:$input);
  let results = (outs AnyTypeOf<[F32, Dorefa_RealTensor]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def Dorefa_ArgMaxOp : Dorefa_Op<"arg_max", [Pure]> {
  let summary = "index of the largest element along one dimension";
  let description = [{
    Ties: the lowest index, or the highest with `select_last`. NaN counts as
    the largest. The dimension `axis` of the result has extent 1.

    Example:

    ```mlir
    %i = dorefa.arg_max %x axis 1 : tensor<1x10xf32> to tensor<1x1xi64>
    ```
  }];
  let arguments = (ins Dorefa_RealTensor:$input, I64Attr:$axis, UnitAttr:$select_last);
  let results = (outs StaticShapeTensorOf<[I64]>:$result);
  let assemblyFormat = [{
    $input `axis` $axis (`select_last` $select_last^)? attr-dict
        `:` type($input) `to` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Shape ops: of reals, of codes (which they leave as they are), of integers
//===----------------------------------------------------------------------===//

// Upstream's tensor ops infer result types without an encoding, so these are
// ours: the encoding of a code tensor passes through each of them.

def Dorefa_BroadcastOp : Dorefa_Op<"broadcast", [Pure]> {
  let summary = "repeat along dimensions of extent 1";
  let description = [{
    ONNX's rule: shapes are aligned at their last dimension; dimensions that
    are missing or 1 are repeated.

    Example:

    ```mlir
    %b = dorefa.broadcast %x : tensor<32x1x1xf32> to tensor<1x32x8x8xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dorefa_ReshapeOp : Dorefa_Op<"reshape", [Pure]> {
  let summary = "the same elements in row-major order, another shape";
  let description = [{
    Element i in row-major order of the result is element i of the input; both
    shapes have the same number of elements.

    Example:

    ```mlir
    %f = dorefa.reshape %q
        : tensor<1x64x4x4xi8, #dorefa.code<u2>> to tensor<1x1024xi8, #dorefa.code<u2>>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dorefa_TransposeOp : Dorefa_Op<"transpose", [Pure]> {
  let summary = "permute dimensions";
  let description = [{
    Dimension i of the result is dimension `permutation[i]` of the input.

    Example:

    ```mlir
    %t = dorefa.transpose %x permutation [0, 2, 3, 1]
        : tensor<1x64x4x2xf32> to tensor<1x4x2x64xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$input `permutation` $permutation attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dorefa_ConcatOp : Dorefa_Op<"concat", [Pure]> {
  let summary = "join tensors along one dimension";
  let description = [{
    The inputs lie one behind the other along dimension `axis`; their other
    extents, their element types and their encodings are the same.

    Example:

    ```mlir
    %c = dorefa.concat %x, %y axis 1
        : tensor<1x16x8x8xf32>, tensor<1x8x8x8xf32> to tensor<1x24x8x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Dorefa_AnyTensor>:$inputs, I64Attr:$axis);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` type($inputs) `to` type($result)";
  let hasVerifier = 1;
}

def Dorefa_SliceOp : Dorefa_Op<"slice", [Pure]> {
  let summary = "every step-th element from an offset on";
  let description = [{
    Element i of a dimension of the result is element `offsets + i * steps` of
    the input. Steps may be negative, not 0.

    Example:

    ```mlir
    %s = dorefa.slice %x offsets [0, 16] steps [1, 2] : tensor<1x64xf32> to tensor<1x8xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input, DenseI64ArrayAttr:$offsets,
                       DenseI64ArrayAttr:$steps);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = [{
    $input `offsets` $offsets `steps` $steps attr-dict `:` type($input) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Dorefa_GatherOp : Dorefa_Op<"gather", [Pure]> {
  let summary = "pick slices by index along one dimension";
  let description = [{
    The result has the shape of `indices` in place of dimension `axis`.
    Negative indices count from the end; an index outside is an error for
    constant indices and is clamped for others.

    Example:

    ```mlir
    %g = dorefa.gather %x, %i axis 0 : tensor<100x8xf32>, tensor<3xi64> to tensor<3x8xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input,
                       StaticShapeTensorOf<[I32, I64]>:$indices, I64Attr:$axis);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `axis` $axis attr-dict `:` type($input) `,` type($indices) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Dorefa_PadOp : Dorefa_Op<"pad", [Pure]> {
  let summary = "extend with a constant";
  let description = [{
    `low` and `high` elements of `value` (a tensor of rank 0 of the same
    element type) are added before and after each dimension.

    Example:

    ```mlir
    %p = dorefa.pad %x, %zero low [0, 0, 1, 1] high [0, 0, 1, 1]
        : tensor<1x3x8x8xf32>, tensor<f32> to tensor<1x3x10x10xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input, Dorefa_AnyTensor:$value,
                       DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = [{
    $input `,` $value `low` $low `high` $high attr-dict
        `:` type($input) `,` type($value) `to` type($result)
  }];
  let hasVerifier = 1;
}

def Dorefa_ResizeOp : Dorefa_Op<"resize", [Pure]> {
  let summary = "pick elements by one index table a dimension";
  let description = [{
    Nearest-neighbour resize: element (i0, i1, ..) of the result is element
    (indices[0][i0], indices[1][i1], ..) of the input. The importer evaluates
    the model's coordinate transformation and rounding into the tables.

    Example:

    ```mlir
    %r = dorefa.resize %x indices [array<i64: 0>, array<i64: 0, 0, 1, 1>]
        : tensor<1x2xf32> to tensor<1x4xf32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input,
                       TypedArrayAttrBase<DenseI64ArrayAttr, "index tables">:$indices);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$input `indices` $indices attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

#endif // DOREFA_OPS
