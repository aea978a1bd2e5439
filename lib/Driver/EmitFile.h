//===- EmitFile.h - Code and its header on disk -----------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The end of a compilation: its files complete, but not at their place yet, for
// the report inside must still be told their sizes.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_EMITFILE_H
#define DOREFA_LIB_DRIVER_EMITFILE_H

#include "OutputFile.h"
#include "dorefa/Driver/Diagnostics.h"
#include "dorefa/Driver/CompileOptions.h"
#include "dorefa/Target/CPU/Emit.h"
#include "mlir/Support/Timing.h"

namespace mlir::dorefa {

/// What emission made, complete but not yet at its place.
struct EmittedFiles {
  std::vector<OutputFile> files;
  /// Bytes of the first file; 0 if it is text.
  uint64_t bytes = 0;
  /// Bytes of each variant's machine code in it.
  SmallVector<uint64_t> codeBytes;
  /// What the file holds, each constant once.
  ConstantBytes constants;

  llvm::Error commit();
};

/// Emits the variants of a network as `stage` asks, to `output`. `report` is
/// the report that the file carries.
FailureOr<EmittedFiles> emitFile(ArrayRef<EmittedVariant> variants, Stage stage,
                                 StringRef output, StringRef report,
                                 const CompileOptions &options,
                                 DiagnosticPrinter &diagnostics,
                                 TimingScope &timing);

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_EMITFILE_H
