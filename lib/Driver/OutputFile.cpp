//===- OutputFile.cpp - Files that appear whole or not at all -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whoever looks at a path sees the old file or the complete new one: bytes go
// to a temporary file in the same folder, which is renamed. Devices and pipes
// cannot be replaced, so these are written through at the end; links are
// followed, so that what they name is replaced.
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

static Error getFileError(const Twine &what, StringRef path,
                          std::error_code code) {
  return llvm::createStringError(code, what + " '" + path +
                                           "': " + code.message());
}

static bool isStandardOutput(StringRef path) {
  return path.empty() || path == "-";
}

/// Devices, pipes and links to nothing are not replaced by a file, but written
/// to.
static bool isWrittenThrough(StringRef path) {
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status))
    return llvm::sys::fs::is_symlink_file(path);
  return !llvm::sys::fs::is_regular_file(status);
}

Expected<OutputFile> OutputFile::create(StringRef name) {
  // What a link names is replaced, not the link.
  SmallString<128> path(name), temporary;
  if (!isStandardOutput(name) && llvm::sys::fs::is_symlink_file(name) &&
      llvm::sys::fs::real_path(name, path))
    path = name;
  std::error_code code;
  int descriptor = -1;
  if (llvm::sys::fs::is_directory(path))
    code = std::make_error_code(std::errc::is_a_directory);
  else if (isStandardOutput(path) || isWrittenThrough(path))
    code = llvm::sys::fs::createTemporaryFile("dorefa", "tmp", descriptor,
                                              temporary);
  else
    // As a program would create it, for whom the user lets read it.
    code = llvm::sys::fs::createUniqueFile(
        Twine(path) + "-%%%%%%%%.tmp", descriptor, temporary,
        llvm::sys::fs::OF_None,
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

static Error writeTo(StringRef path, StringRef bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (code)
    return getFileError("cannot write", path, code);
  stream << bytes;
  stream.close();
  if (stream.has_error()) {
    code = stream.error();
    stream.clear_error();
    return getFileError("cannot write", path, code);
  }
  return Error::success();
}

Error OutputFile::write(StringRef bytes) { return writeTo(temporary, bytes); }

Error OutputFile::replace(StringRef from, StringRef to) {
  auto buffer = llvm::MemoryBuffer::getFile(temporary);
  if (!buffer)
    return getFileError("cannot read", temporary, buffer.getError());
  std::string bytes = (*buffer)->getBuffer().str();
  for (size_t at = bytes.find(from); at != std::string::npos;
       at = bytes.find(from, at + to.size()))
    bytes.replace(at, to.size(), to.data(), to.size());
  return write(bytes);
}

uint64_t OutputFile::getBytes() const {
  uint64_t bytes = 0;
  return llvm::sys::fs::file_size(temporary, bytes) ? 0 : bytes;
}

Error OutputFile::commit() {
  if (isStandardOutput(path) || isWrittenThrough(path)) {
    auto buffer = llvm::MemoryBuffer::getFile(temporary);
    if (!buffer)
      return getFileError("cannot read", temporary, buffer.getError());
    if (!isStandardOutput(path))
      return writeTo(path, (*buffer)->getBuffer());
    llvm::outs() << (*buffer)->getBuffer();
    return Error::success();
  }
  if (std::error_code code = llvm::sys::fs::rename(temporary, path))
    return getFileError("cannot write", path, code);
  llvm::sys::DontRemoveFileOnSignal(temporary);
  temporary.clear();
  return Error::success();
}
