//===- Diagnostics.h - What users read about their model --------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// MLIR's diagnostics as users of a model want them: by the ONNX node that a
// location names, not by a place in the IR, and each text once.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_DIAGNOSTICS_H
#define DOREFA_DRIVER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <atomic>
#include <mutex>

namespace mlir::dorefa {

/// Prints diagnostics as `file: error: node 'conv1' (Conv): reason`, the same
/// one once.
class DiagnosticPrinter {
public:
  DiagnosticPrinter(MLIRContext *context, StringRef file, raw_ostream &os);

  /// Has those of another context printed too, while it lives.
  class Listener {
  public:
    Listener(DiagnosticPrinter &printer, MLIRContext &context)
        : handler(&context, [&printer](Diagnostic &diagnostic) {
            printer.print(diagnostic);
          }) {}

  private:
    ScopedDiagnosticHandler handler;
  };

  /// Whether an error was printed.
  bool hasErrors() const { return numErrors != 0; }

  /// Prints an error that is not of any place in the model.
  LogicalResult emitError(llvm::Error error);
  LogicalResult emitError(const Twine &message);

private:
  void print(Diagnostic &diagnostic);

  std::string file;
  raw_ostream &os;
  std::mutex mutex;
  llvm::StringSet<> printed;
  std::atomic<unsigned> numErrors = 0;
  ScopedDiagnosticHandler handler;
};

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_DIAGNOSTICS_H
