//===- OutputFile.h - Files that appear whole or not at all -----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// How the compiler writes files: they appear whole or not at all, even where it
// is interrupted.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_OUTPUTFILE_H
#define DOREFA_LIB_DRIVER_OUTPUTFILE_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::dorefa {

/// A file beside the one that is to be written, which takes its place when it
/// is complete, and goes away if that never happens.
class OutputFile {
public:
  /// `-` and nothing stand for standard output, to which commit prints.
  static llvm::Expected<OutputFile> create(StringRef path);
  OutputFile(OutputFile &&other) noexcept;
  OutputFile &operator=(OutputFile &&) = delete;
  ~OutputFile();

  /// The file to write to.
  StringRef getTemporaryPath() const { return temporary; }
  llvm::Error write(StringRef bytes);
  /// Writes `to` over the bytes `from` wherever they are; both are as long.
  llvm::Error replace(StringRef from, StringRef to);
  uint64_t getBytes() const;
  /// Puts the file at its place.
  llvm::Error commit();

private:
  OutputFile(StringRef path, StringRef temporary)
      : path(path), temporary(temporary) {}

  std::string path;
  std::string temporary;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_OUTPUTFILE_H
