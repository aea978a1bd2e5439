//===- DorefaDialect.td - the dorefa dialect -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The dialect itself and the base classes of its ops and attributes. Its
// description is the overview of the three levels graph, layers and packed.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DIALECT
#define DOREFA_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Dorefa_Dialect : Dialect {
  let name = "dorefa";
  let cppNamespace = "::mlir::dorefa";
  let summary = "low-bit neural networks with exact integer arithmetic";
  let description = [{
    The dialect holds a network at three levels, each of them legal, printed
    and verified:

    - **graph**: tensors of reals (`f32`) in the model's declared layout. Every
      elementwise operator is an `arith` or `math` op on tensors, one IEEE
      binary32 operation each; structured operators are `dorefa` ops. A
      quantizer is the declared elementwise chain followed by
      `dorefa.quantize`, which gives integer codes; `dorefa.dequantize` is the
      only way back to reals.
    - **layers**: `dorefa.layer` joins one or more products of codes (or of
      reals), the scalar epilogue that the model declares behind them, a pool
      and the quantizer into one op: one function on a CPU, one line of the
      report.
    - **packed**: the same layers with an engine and a tile chosen, on tensors
      whose encoding says where every bit of every code lies.

    Codes are builtin integer tensors whose encoding is `#dorefa.code`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
}

class Dorefa_Op<string mnemonic, list<Trait> traits = []>
    : Op<Dorefa_Dialect, mnemonic, traits>;

class Dorefa_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Dorefa_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

#endif // DOREFA_DIALECT
