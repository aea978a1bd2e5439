//===- DorefaAttributes.td - encodings and geometry -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What is known of tensors and layers at compile time: which integers codes
// are, the geometry of windows, what a product sums, and where every bit of a
// packed tensor lies. Layouts name the few forms that engines read; digits are
// the general form in which each of them can be written.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ATTRIBUTES
#define DOREFA_ATTRIBUTES

include "dorefa/Dialect/Dorefa/IR/DorefaDialect.td"
include "dorefa/Dialect/Dorefa/IR/DorefaEnums.td"
include "mlir/IR/TensorEncoding.td"

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

def Dorefa_CodeAttr : Dorefa_Attr<"Code", "code"> {
  let summary = "encoding of a tensor of integer codes";
  let description = [{
    `#dorefa.code<u2>` are the integers 0 to 3, `#dorefa.code<s3>` the integers
    -4 to 3. An element holds its code zero- or sign-extended to the tensor's
    element type, which is the narrowest of `i8`, `i16`, `i32` that has
    `bits` bits (so `u8` codes fill an `i8`: the type says how to read them).
    Widths are 1 to 32; products have engines for 1 to 8.
  }];
  let parameters = (ins "bool":$isSigned, "unsigned":$bits);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getMin() const { return getIsSigned() ? -(int64_t(1) << (getBits() - 1)) : 0; }
    int64_t getMax() const {
      return (int64_t(1) << (getIsSigned() ? getBits() - 1 : getBits())) - 1;
    }
    /// The element type that holds such codes: i8, i16 or i32.
    ::mlir::IntegerType getStorageType() const;
    /// The tensor type of such codes with the given shape.
    ::mlir::RankedTensorType getTensorType(::llvm::ArrayRef<int64_t> shape) const;
    /// The integer that a stored element stands for.
    int64_t decode(const ::llvm::APInt &stored) const {
      return getIsSigned() ? stored.getSExtValue() : static_cast<int64_t>(stored.getZExtValue());
    }
    /// The narrowest code type that holds every integer of [min, max].
    static CodeAttr getForRange(::mlir::MLIRContext *context, int64_t min, int64_t max);
  }];
}

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

def Dorefa_ConvAttr : Dorefa_Attr<"Conv", "conv"> {
  let summary = "geometry of a convolution";
  let description = [{
    One entry of `strides` and `dilations` a spatial dimension, `pads` as in
    ONNX: all begins, then all ends. Positions outside the image contribute
    real 0, that is nothing. No pad is negative.

    Example: `#dorefa.conv<strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 2>`
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$strides,
    ArrayRefParameter<"int64_t">:$pads,
    ArrayRefParameter<"int64_t">:$dilations,
    DefaultValuedParameter<"int64_t", "1">:$groups);
  let assemblyFormat = [{
    `<` `strides` `=` custom<IntArray>($strides) `,` `pads` `=` custom<IntArray>($pads) `,`
        `dilations` `=` custom<IntArray>($dilations) (`,` `groups` `=` $groups^)? `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    unsigned getRank() const { return getStrides().size(); }
    /// Stride 1, no padding, no dilation, one group: a matrix product.
    static ConvAttr getUnit(::mlir::MLIRContext *context, unsigned rank);
  }];
}

def Dorefa_WindowAttr : Dorefa_Attr<"Window", "window"> {
  let summary = "geometry of a pool";
  let description = [{
    As `#dorefa.conv`, with the extents of the window in `kernel`. Positions
    outside the image are skipped.

    Example: `#dorefa.window<kernel = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1]>`
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$kernel,
    ArrayRefParameter<"int64_t">:$strides,
    ArrayRefParameter<"int64_t">:$pads,
    ArrayRefParameter<"int64_t">:$dilations);
  let assemblyFormat = [{
    `<` `kernel` `=` custom<IntArray>($kernel) `,` `strides` `=` custom<IntArray>($strides) `,`
        `pads` `=` custom<IntArray>($pads) `,` `dilations` `=` custom<IntArray>($dilations) `>`
  }];
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Products of a layer
//===----------------------------------------------------------------------===//

def Dorefa_AffineAttr : Dorefa_Attr<"Affine", "affine"> {
  let summary = "the integer that a code stands for in a product";
  let description = [{
    Code q stands for `step * q - zero`. `step` is 1 or 2 (2 for grids such as
    DoReFa's weights 2q - n, which have no zero); `zero` has one element, or
    one a channel (input channels for an input, output channels for weights).
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "1">:$step,
    ArrayRefParameter<"int64_t">:$zero);
  let assemblyFormat = "`<` `zero` `=` `[` $zero `]` (`,` `step` `=` $step^)? `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isIdentity() const { return getStep() == 1 && getZero().size() == 1 && getZero()[0] == 0; }
    static AffineAttr getIdentity(::mlir::MLIRContext *context);
  }];
}

def Dorefa_ProductAttr : Dorefa_Attr<"Product", "product"> {
  let summary = "one contraction of a layer";
  let description = [{
    `conv`: the sum over the window and the input channels of the group of
    input times weight, over positions inside the image. Of codes: the exact
    integer sum of `(input affine) * (weight affine)`. Of reals: `acc = +0`,
    then `acc = fma(x, w, acc)` in the order of the kernel's spatial positions
    (row-major) and then of the input channels; with `channels_first` the input
    channel is the outermost loop (a matrix product behind a flatten).

    `sum`: the sum over the window, channel by channel, without weights: exact
    for codes, in the kernel's order with one rounding each for reals.
  }];
  let parameters = (ins
    EnumParameter<Dorefa_ProductKind>:$kind,
    "::mlir::dorefa::ConvAttr":$geometry,
    OptionalArrayRefParameter<"int64_t">:$kernel,
    OptionalParameter<"::mlir::dorefa::AffineAttr">:$input,
    OptionalParameter<"::mlir::dorefa::AffineAttr">:$weight,
    DefaultValuedParameter<"bool", "false">:$channelsFirst);
  let assemblyFormat = [{
    `<` $kind `geometry` $geometry
        (`kernel` `[` $kernel^ `]`)? (`input` $input^)? (`weight` $weight^)?
        (`channels_first` $channelsFirst^)? `>`
  }];
}

//===----------------------------------------------------------------------===//
// Packed tensors
//===----------------------------------------------------------------------===//

def Dorefa_LayoutAttr : Dorefa_Attr<"Layout", "layout", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "where every bit of an activation lies";
  let description = [{
    Encoding of a tensor N x C x spatial that is stored channels-last: image,
    then the spatial dimensions with a border of `border` pixels (all begins,
    then all ends), then `channels` channels: the tensor's, padded to what its
    engine reads at once.

    A code is stored as the unsigned number `code - min` of its type. Border
    pixels hold `fill` in the tensor's channels; padded channels hold 0. The
    tensor has at most two spatial dimensions; without `border` it has none.

    - `elements`: one byte a channel (codes of 1 to 8 bits; two or four bytes
      for wider ones), or one `f32` a channel if there is no code.
    - `planes`: words of 64 channels, little-endian, channel i in bit i; for
      each word of channels its planes follow each other, least significant
      first.
    - `lookup` (codes of 1 or 2 bits): 16-bit words of four channels;
      channel i is in the bits from 4 + i*bits on, so that the word is 16 times
      the index of a table entry.
    - `lookup64` (codes of 1 or 2 bits, a multiple of 64 channels): 64 channels
      take 64-bit words of 48 bits each, little-endian, channel i in the bits
      from (i*bits) % 48 on of word (i*bits) / 48. Each six bits are the number
      of a table.
  }];
  let parameters = (ins
    EnumParameter<Dorefa_LayoutKind>:$kind,
    OptionalParameter<"::mlir::dorefa::CodeAttr">:$code,
    "int64_t":$channels,
    ArrayRefParameter<"int64_t">:$border,
    "int64_t":$fill);
  let assemblyFormat = [{
    `<` $kind custom<OptionalCode>($code) `channels` $channels
        `border` custom<IntArray>($border) `fill` $fill `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Channels whose bits share a word.
    int64_t getWordChannels() const;
    /// Bytes from one pixel to the next.
    int64_t getPixelBytes() const;
    /// Spatial extents with their borders.
    ::llvm::SmallVector<int64_t> getPaddedSpatial(::llvm::ArrayRef<int64_t> shape) const;
    /// Bytes of a tensor of the given logical shape, a multiple of 64.
    int64_t getBytes(::llvm::ArrayRef<int64_t> shape) const;
    /// The same layout as digits, for the generic pack and unpack. They count
    /// the dimensions of getDigitsShape, which has the same elements in the same
    /// order: channels may be two dimensions there, blocks and those of a block.
    ::mlir::dorefa::DigitsAttr getDigits(::llvm::ArrayRef<int64_t> shape) const;
    ::llvm::SmallVector<int64_t> getDigitsShape(::llvm::ArrayRef<int64_t> shape) const;
    /// Where in a pixel a bit of a channel's stored number lies.
    int64_t getBitInPixel(int64_t channel, int64_t bit) const;
  }];
}

def Dorefa_WinogradAttr : Dorefa_Attr<"Winograd", "winograd"> {
  let summary = "kernels that are transformed where they lie";
  let description = [{
    A buffer is blocks of 16 planes of `plane` bytes each of integers of `bits` bits.
    In its plane 4r + c lies position (r, c) of 3 x 3 kernels g, as unsigned
    numbers, or with `signed` as two's complement of as many bits as numbers have. In
    the end it holds U = 4 G g G^T, position by position, with G of F(2x2, 3x3)
    (Lavin and Gray, arXiv 1509.09308, section 4.1).

    With `start` a plane's first so many bytes are 32-bit sums, and the rest are
    bytes, that long again and again: a lane's sum is -`offset` times all that lies
    in the lane's four bytes, but 0 in plane 5, whose inputs have no offset.
  }];
  let parameters = (ins
    "int64_t":$plane, "int64_t":$bits,
    DefaultValuedParameter<"bool", "false">:$isSigned,
    DefaultValuedParameter<"int64_t", "0">:$start,
    DefaultValuedParameter<"int64_t", "0">:$offset);
  let assemblyFormat = [{
    `<` `plane` $plane `bits` $bits (`signed` $isSigned^)?
        (`start` $start^)? (`offset` $offset^)? `>`
  }];
  let genVerifyDecl = 1;
}

def Dorefa_DigitsAttr : Dorefa_Attr<"Digits", "digits"> {
  let summary = "where every bit of a tensor lies, digit by digit";
  let description = [{
    Bit b of the element at `index` lies at bit
    `offset + b * plane + sum over digits of ((index[dim] / divisor) % modulus) * stride`
    of a buffer of `bytes` bytes. `digits` holds dim, divisor, modulus and stride
    (in bits) of each digit one after the other. `bits` is the number of bits of
    an element (32 for `f32`). The buffer is 0 elsewhere, or with `fill` holds
    those bytes, repeated.

    With `winograd` digits put kernels where `#dorefa.winograd` says, and what the
    buffer holds in the end are the transformed ones.
  }];
  let parameters = (ins
    "int64_t":$bytes, "int64_t":$bits, "int64_t":$offset, "int64_t":$plane,
    ArrayRefParameter<"int64_t">:$digits,
    OptionalArrayRefParameter<"int64_t">:$fill,
    OptionalParameter<"::mlir::dorefa::WinogradAttr">:$winograd);
  let assemblyFormat = [{
    `<` `bytes` $bytes `bits` $bits `offset` $offset `plane` $plane
        `digits` custom<IntArray>($digits) (`fill` `[` $fill^ `]`)?
        (`winograd` $winograd^)? `>`
  }];
  let builders = [
    AttrBuilder<(ins "int64_t":$bytes, "int64_t":$bits, "int64_t":$offset,
                     "int64_t":$plane, "::llvm::ArrayRef<int64_t>":$digits,
                     CArg<"::llvm::ArrayRef<int64_t>", "{}">:$fill,
                     CArg<"::mlir::dorefa::WinogradAttr", "{}">:$winograd), [{
      return $_get($_ctxt, bytes, bits, offset, plane, digits, fill, winograd);
    }]>];
  let skipDefaultBuilders = 1;
  let genVerifyDecl = 1;
}

def Dorefa_ScheduleAttr : Dorefa_Attr<"Schedule", "schedule"> {
  let summary = "engine and register tile of a layer";
  let description = [{
    `vectors` vectors of output channels by `pixels` output pixels are summed
    in registers at a time. With more than one of `passes` the rows of the
    kernel are divided up: a row of tiles is summed over some of them, then over
    the next, so that these weights stay close to the processor; sums lie in
    memory in between. The engines:

    - `lookup`: four bits of a plane of weights index a 16-entry table of the
      sums of four activations, by a byte shuffle; of activations of more than
      2 bits the tables are built
    - `lookup64`: six 1-bit or three 2-bit weights index a 64-entry table
    - `quad`: four bits of a plane of weights index a 16-entry table of the sums
      of four activations, four such tables side by side in a 64-entry table
      that is built from the activations
    - `planes`: `and` and popcount of every pair of bit planes
    - `bytes`: products of bytes, four to a 32-bit lane
    - `winograd`: 3 x 3 windows of stride 1, in squares of 2 x 2 output pixels by
      16 products a channel in place of 36, exact in integers; `pixels` are squares
    - `fma`: fused multiply-adds of binary32 numbers
    - `direct`: plain loops over the window
  }];
  let parameters = (ins EnumParameter<Dorefa_EngineKind>:$engine,
                        "int64_t":$vectors, "int64_t":$pixels,
                        DefaultValuedParameter<"int64_t", "1">:$passes);
  let assemblyFormat = [{
    `<` $engine `vectors` $vectors `pixels` $pixels (`passes` $passes^)? `>`
  }];
  let genVerifyDecl = 1;
}

#endif // DOREFA_ATTRIBUTES
