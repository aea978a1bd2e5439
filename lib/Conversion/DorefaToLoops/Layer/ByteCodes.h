//===- ByteCodes.h - codes of bytes by x86's instructions -------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What x86 does in one instruction, and LLVM makes several of:
//
// - vpackusdw and vpackuswb clamp what they narrow
// - vcvtps2dq rounds to nearest even, as all arithmetic does. Bounds that are integers
//   give the same in front of it
// - vmaxps and vminps give their second operand where one is NaN
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_BYTECODES_H
#define DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_BYTECODES_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Engine/KernelBuilder.h"
#include "dorefa/Target/CPU/TargetFeatures.h"

namespace mlir::dorefa {

/// The registers of AVX2, an even number with integers of 32 bits or any with such
/// of 16, as one vector of bytes: negative ones become 0, those over 255 become 255.
Value packBytes(KernelBuilder &b, ArrayRef<Value> registers);

/// What loops::emitQuantize gives for a vector of reals, or null if the target, the
/// code or the number of lanes has no such instructions.
Value emitByteQuantize(KernelBuilder &b, Value reals, QuantizeScalarOp quantize,
                       const TargetFeatures &target);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_CONVERSION_DOREFATOLOOPS_LAYER_BYTECODES_H
