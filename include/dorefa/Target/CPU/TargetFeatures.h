//===- TargetFeatures.h - what kernels may use ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The small table of instructions that engines ask for. Where an entry is
// absent an engine is not legal or falls back on generic vector code, which
// LLVM lowers for any target.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_TARGETFEATURES_H
#define DOREFA_TARGET_CPU_TARGETFEATURES_H

#include "mlir/Support/LLVM.h"
#include <string>

namespace mlir::dorefa {

/// A CPU as LLVM names it.
struct TargetDescription {
  std::string triple;   ///< empty: the host's
  std::string cpu;      ///< LLVM's name, or empty for the triple's baseline
  std::string features; ///< "+a,-b", added to the CPU's own

  /// From a name of ours: native, x86-64-v3, x86-64-v4, x86-64-v4-vnni,
  /// x86-64-v4-vbmi, aarch64, riscv64, riscv64-v, riscv64-v-zvbb, or a CPU that
  /// LLVM knows, of the host's architecture or of x86-64, AArch64 or RISC-V.
  static FailureOr<TargetDescription> get(StringRef name);

  /// What its code asks of a CPU that runs it, in bits of
  /// dorefa/Runtime/cpu_features.h. LLVM knows triple and CPU.
  uint64_t getRequiredFeatures() const;
};

struct TargetFeatures {
  enum class Dot4 {
    None,    ///< shifts and multiplies
    VNNI,    ///< vpdpbusd (AVX512-VNNI or AVX-VNNI)
    MaddUBS, ///< vpmaddubsw and vpmaddwd
    UDot     ///< udot and sdot of AArch64
  };
  enum class Shuffle {
    None,
    PShufB, ///< 16-entry look-up in each 128-bit lane
    Tbl     ///< AArch64's tbl
  };

  /// LLVM's name of the CPU; empty for an architecture's baseline.
  std::string cpu;
  /// Bytes of the widest vector register that kernels should use.
  unsigned vectorBytes = 16;
  /// Number of such registers.
  unsigned numRegisters = 16;
  Dot4 dot4 = Dot4::None;
  Shuffle shuffle = Shuffle::None;
  /// A popcount of each byte, and of each 32-bit element, in one instruction.
  bool popcountBytes = false;
  bool popcountWords = false;
  /// A look-up of bytes in a table of one 64-byte vector (vpermb).
  bool permuteBytes = false;
  /// Any function of three bits in one instruction (vpternlog).
  bool ternaryLogic = false;
  /// Products of matrices of bytes, 2x8 times 8x2 (usmmla of AArch64).
  bool multiplyMatrices = false;
  /// The vectors of RISC-V, whose operands may be scalars.
  bool isVectorRISCV = false;

  /// a * b + c with one rounding in one instruction; else a call an element.
  bool fusedMultiplyAdd = false;

  /// x86 with vectors of 32 bytes: comparisons give lanes of 0 and -1, of integers
  /// there is "greater" alone, and shuffles and packs stay in 16 bytes.
  bool isAVX2() const {
    return shuffle == Shuffle::PShufB && vectorBytes == 32;
  }

  /// From a triple, a CPU and features; failure if LLVM does not know them.
  static FailureOr<TargetFeatures> get(const TargetDescription &target);
};

/// Makes LLVM's code generators known; more than one call does no harm.
void initializeTargets();

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_TARGETFEATURES_H
