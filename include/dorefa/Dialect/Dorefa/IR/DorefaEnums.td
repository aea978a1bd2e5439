//===- DorefaEnums.td - closed sets of choices -*- tablegen -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The choices that attributes are made of. Each spelling is part of the IR's
// syntax; the numbers are not.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENUMS
#define DOREFA_ENUMS

include "mlir/IR/EnumAttr.td"

class Dorefa_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::dorefa";
  let genSpecializedAttr = 0;
}

def Dorefa_Rounding : Dorefa_Enum<"Rounding", "how a real becomes an integer", [
  I32EnumAttrCase<"HalfEven", 0, "half_even">,
  I32EnumAttrCase<"HalfUp", 1, "half_up">,
  I32EnumAttrCase<"HalfDown", 2, "half_down">,
  I32EnumAttrCase<"Up", 3, "up">,
  I32EnumAttrCase<"Down", 4, "down">,
  I32EnumAttrCase<"Ceil", 5, "ceil">,
  I32EnumAttrCase<"Floor", 6, "floor">,
  I32EnumAttrCase<"Sign", 7, "sign">
]> {
  let description = [{
    - `half_even`: to nearest, ties to even
    - `half_up`: to nearest, ties away from 0
    - `half_down`: to nearest, ties toward 0
    - `up`: away from 0
    - `down`: toward 0
    - `ceil`, `floor`: up and down on the number line
    - `sign`: 1 if x >= 0, else 0
  }];
}

def Dorefa_PoolKind : Dorefa_Enum<"PoolKind", "what a window is reduced to", [
  I32EnumAttrCase<"Max", 0, "max">,
  I32EnumAttrCase<"Min", 1, "min">,
  I32EnumAttrCase<"Sum", 2, "sum">,
  I32EnumAttrCase<"Average", 3, "average">
]>;

def Dorefa_ReduceKind : Dorefa_Enum<"ReduceKind", "what a reduction computes", [
  I32EnumAttrCase<"Sum", 0, "sum">,
  I32EnumAttrCase<"Mean", 1, "mean">,
  I32EnumAttrCase<"Max", 2, "max">,
  I32EnumAttrCase<"Min", 3, "min">
]>;

def Dorefa_ProductKind : Dorefa_Enum<"ProductKind", "what a layer contracts", [
  I32EnumAttrCase<"Conv", 0, "conv">,                // input window x weights
  I32EnumAttrCase<"Sum", 1, "sum">                   // sum over the window
]>;

def Dorefa_LayoutKind : Dorefa_Enum<"LayoutKind", "how a pixel's codes lie", [
  I32EnumAttrCase<"Elements", 0, "elements">,        // one byte (or f32) a channel
  I32EnumAttrCase<"Planes", 1, "planes">,            // 64 channels a word, plane by plane
  I32EnumAttrCase<"Lookup", 2, "lookup">,            // 4 channels a table offset
  I32EnumAttrCase<"Lookup64", 3, "lookup64">         // words of 6-bit table numbers
]>;

def Dorefa_EngineKind : Dorefa_Enum<"EngineKind", "how a product is computed", [
  I32EnumAttrCase<"Lookup", 0, "lookup">,            // 16-entry tables of subset sums
  I32EnumAttrCase<"Planes", 1, "planes">,            // and + popcount
  I32EnumAttrCase<"Bytes", 2, "bytes">,              // four bytes a lane (dot4)
  I32EnumAttrCase<"Fma", 3, "fma">,                  // f32
  I32EnumAttrCase<"Direct", 4, "direct">,            // a loop over the window
  I32EnumAttrCase<"Lookup64", 5, "lookup64">,        // 64-entry tables of subset sums
  I32EnumAttrCase<"Quad", 6, "quad">,                // four built 16-entry tables
  I32EnumAttrCase<"Winograd", 7, "winograd">         // squares of 2 x 2 sums of a 3 x 3 window
]>;

#endif // DOREFA_ENUMS
