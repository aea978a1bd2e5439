//===- DorefaLayerOps.td - layer level ops -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The layer level: one op joins products, the scalar epilogue that the model
// declares behind them and a pool, and is one function on a CPU. The epilogue
// is a region of scalar ops, so that what the model declares stays visible, op
// by op and rounding by rounding, until loops are made of it.
//
//   inputs, weights -> products -> one accumulator each --+
//   parameters, one an output channel --------------------+-> epilogue -> pool
//   residuals, one an output position --------------------+
//
// The ops on packed tensors stand here too.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LAYER_OPS
#define DOREFA_LAYER_OPS

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "dorefa/Dialect/Dorefa/IR/DorefaBase.td"

def Dorefa_LayerOp : Dorefa_Op<"layer", [
    Pure, IsolatedFromAbove, AttrSizedOperandSegments,
    SingleBlockImplicitTerminator<"::mlir::dorefa::YieldOp">]> {
  let summary = "products, the epilogue behind them, and a pool";
  let description = [{
    The unit of the compiler: one or more products (or none: an elementwise
    layer), then for every output position and channel the scalar `epilogue`,
    then optionally a pool over the results.

    - `inputs`: one a product, N x C x spatial (spatial: 0, 1 or 2 dimensions).
    - `weights`: one a product of kind `conv`, O x C/groups x kernel (without
      spatial dimensions: O x C).
    - `parameters`: constants of rank 0; of rank 1, one element an output
      channel; or of rank 2, T elements an output channel, which the epilogue
      gets as a vector of T.
    - `residuals`: tensors of the shape of the products' result (before the
      pool), such as a residual stream. An extent may be a divisor of the
      full one, as 1 or the number of groups: each value then counts for as
      many neighbours.

    The epilogue's block arguments are, in this order: one accumulator a
    product (`i32`, or `i64` where 31 bits do not suffice, for codes; `f32` for
    reals), one scalar or vector a parameter, one scalar a residual. Its ops
    are `arith` and `math` ops on scalars, `dorefa.sigmoid`,
    `dorefa.quantize_scalar` and `dorefa.count_thresholds`; each is one IEEE
    operation with one rounding. `dorefa.yield` has one value a result.

    At the packed level (`packed`) `schedule` names the engine, inputs and
    outputs have a `#dorefa.layout` and weights `#dorefa.digits`. A product then
    is the sum of the stored (unsigned) numbers, border included; what the
    affine forms add to it stands in the epilogue (the `direct` engine applies
    the weights' form itself). An accumulator may be `i16` there
    (`dorefa-narrow-epilogues`). Parameters of rank 1 are
    padded to a multiple of 16 channels, those of rank 2 transposed to
    T x channels. A value that has consumers with different
    layouts is yielded once a layout.

    Example:

    ```mlir
    %q = dorefa.layer
        products [#dorefa.product<conv geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
                                  weight <zero = [1], step = 2>>]
        inputs(%x : tensor<1x64x56x56xi8, #dorefa.code<u2>>)
        weights(%w : tensor<64x64x3x3xi8, #dorefa.code<u1>>)
        parameters(%t : tensor<64x3xi32>)
        epilogue {
        ^bb0(%d: i32, %t0: vector<3xi32>):
          %c = dorefa.count_thresholds %d, %t0 : i32, vector<3xi32> to i8
          dorefa.yield %c : i8
        } -> tensor<1x64x56x56xi8, #dorefa.code<u2>>
    ```
  }];
  let arguments = (ins
    TypedArrayAttrBase<Dorefa_ProductAttr, "products">:$products,
    Variadic<Dorefa_AnyTensor>:$inputs,
    Variadic<Dorefa_AnyTensor>:$weights,
    Variadic<Dorefa_AnyTensor>:$parameters,
    Variadic<Dorefa_AnyTensor>:$residuals,
    OptionalAttr<Dorefa_PoolKindAttr>:$pool_kind,
    OptionalAttr<Dorefa_WindowAttr>:$pool,
    OptionalAttr<Dorefa_ScheduleAttr>:$schedule,
    UnitAttr:$packed);
  let results = (outs Variadic<Dorefa_AnyTensor>:$outputs);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `products` $products
    (`inputs` `(` $inputs^ `:` type($inputs) `)`)?
    (`weights` `(` $weights^ `:` type($weights) `)`)?
    (`parameters` `(` $parameters^ `:` type($parameters) `)`)?
    (`residuals` `(` $residuals^ `:` type($residuals) `)`)?
    (`pool` $pool_kind^ $pool)?
    `epilogue` $epilogue attr-dict `->` type($outputs)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::dorefa::ProductAttr getProduct(unsigned i) {
      return ::llvm::cast<::mlir::dorefa::ProductAttr>(getProducts()[i]);
    }
    /// The weights of product i, or null for products without weights.
    ::mlir::Value getWeightOf(unsigned i);
    ::mlir::BlockArgument getAccumulator(unsigned i) { return getEpilogue().getArgument(i); }
    ::mlir::BlockArgument getParameterArgument(unsigned i) {
      return getEpilogue().getArgument(getProducts().size() + i);
    }
    ::mlir::BlockArgument getResidualArgument(unsigned i) {
      return getEpilogue().getArgument(getProducts().size() + getParameters().size() + i);
    }
    /// The shape on which the epilogue is evaluated: results before the pool.
    ::llvm::SmallVector<int64_t> getIterationShape();
  }];
}

def Dorefa_YieldOp : Dorefa_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"LayerOp">]> {
  let summary = "results of a layer's epilogue";
  let description = [{
    Ends the epilogue of a `dorefa.layer`: one scalar for each of the layer's
    results, of that result's element type.
  }];
  let arguments = (ins Variadic<AnyTypeOf<[F32, I1, I8, I16, I32, I64]>>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ /* no values */ }]>];
}

def Dorefa_QuantizeScalarOp : Dorefa_Op<"quantize_scalar", [Pure]> {
  let summary = "round a real to an integer code";
  let description = [{
    `dorefa.quantize` of one element, inside the epilogue of a layer.

    Example:

    ```mlir
    %c = dorefa.quantize_scalar half_even %x code <u2> : f32 to i8
    ```
  }];
  let arguments = (ins F32:$input, Dorefa_RoundingAttr:$rounding,
                       Dorefa_CodeAttr:$code, OptionalAttr<I64Attr>:$min,
                       OptionalAttr<I64Attr>:$max);
  let results = (outs AnyTypeOf<[I8, I16, I32]>:$result);
  let assemblyFormat = "$rounding $input `code` $code attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The smallest and largest code that this op gives.
    int64_t getLowest() { return getMin().value_or(getCode().getMin()); }
    int64_t getHighest() { return getMax().value_or(getCode().getMax()); }
  }];
}

def Dorefa_CountThresholdsOp : Dorefa_Op<"count_thresholds", [Pure]> {
  let summary = "count the thresholds that a value meets";
  let description = [{
    The number of elements t of `thresholds` with `value >= t`, signed for
    integers, ordered for reals, in the order and number they are written.

    Example:

    ```mlir
    %c = dorefa.count_thresholds %d, %t : i32, vector<3xi32> to i8
    ```
  }];
  let arguments = (ins AnyTypeOf<[I16, I32, I64, F32]>:$value,
                       VectorOfRankAndType<[1], [I16, I32, I64, F32]>:$thresholds);
  let results = (outs AnyTypeOf<[I8, I16, I32]>:$result);
  let assemblyFormat = "$value `,` $thresholds attr-dict `:` type($value) `,` type($thresholds) `to` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Packed tensors
//===----------------------------------------------------------------------===//

def Dorefa_PackOp : Dorefa_Op<"pack", [Pure]> {
  let summary = "bring a tensor into a packed layout";
  let description = [{
    The result has the input's logical shape and a `#dorefa.layout` or
    `#dorefa.digits` encoding. Codes are stored as unsigned numbers
    `code - min`. The input is in row-major order, or in another layout.
    With `#dorefa.digits` the input may have more dimensions than the result
    (the same elements in row-major order): the digits count the input's.

    Example:

    ```mlir
    %p = dorefa.pack %x : tensor<1x64x8x8xi8, #dorefa.code<u2>>
        to tensor<1x64x8x8xi8, #dorefa.layout<lookup <u2> channels 64
                                              border [1, 1, 1, 1] fill 0>>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Dorefa_UnpackOp : Dorefa_Op<"unpack", [Pure]> {
  let summary = "bring a packed tensor into row-major order";
  let description = [{
    The inverse of `dorefa.pack` on a `#dorefa.layout`: codes get their offset
    back, border and padded channels are left out.
  }];
  let arguments = (ins Dorefa_AnyTensor:$input);
  let results = (outs Dorefa_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Dorefa_WindowSumOp : Dorefa_Op<"window_sum", [Pure]> {
  let summary = "sum of the stored numbers in each window of a packed tensor";
  let description = [{
    For each output position of a convolution and each group of channels: the
    sum of the stored unsigned numbers of the group's channels over the window,
    border included. The result is N x groups x spatial. It is what an offset
    of the weights contributes to a product, shared by all output channels.

    Example:

    ```mlir
    %s = dorefa.window_sum %p kernel [3, 3]
        geometry <strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1]>
        : tensor<1x64x8x8xi8, #dorefa.layout<lookup <u2> channels 64
                                             border [1, 1, 1, 1] fill 0>>
        to tensor<1x1x8x8xi32>
    ```
  }];
  let arguments = (ins Dorefa_AnyTensor:$input, DenseI64ArrayAttr:$kernel,
                       Dorefa_ConvAttr:$geometry);
  let results = (outs StaticShapeTensorOf<[I32]>:$result);
  let assemblyFormat = [{
    $input `kernel` $kernel `geometry` $geometry attr-dict `:` type($input) `to` type($result)
  }];
  let hasVerifier = 1;
}

#endif // DOREFA_LAYER_OPS
