//===- DorefaBase.td - types and enum attributes that ops share -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The types that ops of both levels constrain their operands to. All shapes are
// static; codes are told from plain integers by their encoding alone.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_BASE
#define DOREFA_BASE

include "mlir/IR/OpBase.td"
include "dorefa/Dialect/Dorefa/IR/DorefaAttributes.td"

def Dorefa_RoundingAttr : EnumAttr<Dorefa_Dialect, Dorefa_Rounding, "rounding"> {
  let assemblyFormat = "$value";
}
def Dorefa_PoolKindAttr : EnumAttr<Dorefa_Dialect, Dorefa_PoolKind, "pool_kind"> {
  let assemblyFormat = "$value";
}
def Dorefa_ReduceKindAttr
    : EnumAttr<Dorefa_Dialect, Dorefa_ReduceKind, "reduce_kind"> {
  let assemblyFormat = "$value";
}

/// All tensors have a static shape: networks are compiled for one image.
def Dorefa_RealTensor : StaticShapeTensorOf<[F32]> {
  let summary = "static tensor of binary32 reals";
}

def Dorefa_CodeTensor : Type<
    And<[StaticShapeTensorOf<[I8, I16, I32]>.predicate,
         CPred<"::llvm::isa_and_nonnull<::mlir::dorefa::CodeAttr>("
               "::llvm::cast<::mlir::RankedTensorType>($_self).getEncoding())">]>,
    "static tensor of codes">;

def Dorefa_IntegerTensor
    : StaticShapeTensorOf<[I1, I8, I16, I32, I64, UI8, SI8]>;

/// Reals, codes, or plain integers (indices, booleans).
def Dorefa_AnyTensor : StaticShapeTensorOf<[F32, I1, I8, I16, I32, I64]>;

#endif // DOREFA_BASE
