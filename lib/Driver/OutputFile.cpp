//===- OutputFile.cpp - Files that appear whole or not at all -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

static Error getFileError(const Twine &what, StringRef path, std::error_code code) {
  return llvm::createStringError(code, what + " '" + path +
                                           "': " + code.message());
}

static bool isStandardOutput(StringRef path) {
  return path.empty() || path == "-";
}

Expected<OutputFile> OutputFile::create(StringRef path) {
  SmallString<128> temporary;
  std::error_code code;
  int descriptor = -1;
  if (isStandardOutput(path))
    code = llvm::sys::fs::createTemporaryFile("dorefa", "tmp", descriptor,
                                              temporary);
  else if (llvm::sys::fs::is_directory(path))
    code = std::make_error_code(std::errc::is_a_directory);
  else
    // As a program would create it, for whom the user lets read it.
    code = llvm::sys::fs::createUniqueFile(
        path + "-%%%%%%%%.tmp", descriptor, temporary, llvm::sys::fs::OF_None,
        llvm::sys::fs::all_read | llvm::sys::fs::all_write);
  if (code)
    return getFileError("cannot write", path, code);
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true);
  llvm::sys::RemoveFileOnSignal(temporary);
  return OutputFile(path, temporary);
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : path(std::move(other.path)), temporary(std::move(other.temporary)) {
  other.temporary.clear();
}

OutputFile::~OutputFile() {
  if (temporary.empty())
    return;
  llvm::sys::fs::remove(temporary);
  llvm::sys::DontRemoveFileOnSignal(temporary);
}

Error OutputFile::write(StringRef bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(temporary, code);
  if (code)
    return getFileError("cannot write", temporary, code);
  stream << bytes;
  stream.close();
  if (stream.has_error()) {
    code = stream.error();
    stream.clear_error();
    return getFileError("cannot write", path, code);
  }
  return Error::success();
}

uint64_t OutputFile::getBytes() const {
  uint64_t bytes = 0;
  return llvm::sys::fs::file_size(temporary, bytes) ? 0 : bytes;
}

Error OutputFile::commit() {
  if (isStandardOutput(path)) {
    auto buffer = llvm::MemoryBuffer::getFile(temporary);
    if (!buffer)
      return getFileError("cannot read", temporary, buffer.getError());
    llvm::outs() << (*buffer)->getBuffer();
    return Error::success();
  }
  if (std::error_code code = llvm::sys::fs::rename(temporary, path))
    return getFileError("cannot write", path, code);
  llvm::sys::DontRemoveFileOnSignal(temporary);
  temporary.clear();
  return Error::success();
}
