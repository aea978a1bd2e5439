//===- ArtifactBitcode.cpp - The artifact runtime as bitcode --------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The build compiles lib/Runtime/Artifact and lib/Runtime/Math once an
// architecture, and the bitcode is included here as arrays of bytes.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/ArtifactBitcode.h"

using namespace llvm;

namespace {
#include "EmbeddedBitcode.inc"
} // namespace

template <size_t size>
static StringRef asText(const unsigned char (&bytes)[size]) {
  return StringRef(reinterpret_cast<const char *>(bytes), size);
}

StringRef mlir::dorefa::getArtifactBitcode(Triple::ArchType arch) {
  switch (arch) {
  case Triple::x86_64:
    return asText(x86_64Bitcode);
  case Triple::aarch64:
    return asText(aarch64Bitcode);
  case Triple::riscv64:
    return asText(riscv64Bitcode);
  default:
    return StringRef();
  }
}
