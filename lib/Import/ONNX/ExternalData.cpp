//===- ExternalData.cpp - tensors in files beside the model ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A model names files beside it. These are paths from an untrusted file: none
// may leave the model's folder, neither by `..` nor by links, and offset and
// length are compared with the file before anything is read.
//
//===----------------------------------------------------------------------===//

#include "OnnxModel.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

namespace {

/// Where a tensor's bytes lie.
struct ExternalLocation {
  StringRef path;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};

} // namespace

static FailureOr<ExternalLocation>
parseExternalLocation(const onnx::TensorProto &tensor,
                      function_ref<InFlightDiagnostic()> emitError) {
  ExternalLocation location;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location") {
      location.path = value;
    } else if (key == "offset") {
      if (value.getAsInteger(10, location.offset))
        return emitError() << "expected a number as offset of external data, "
                              "but got "
                           << quoteName(value);
    } else if (key == "length") {
      uint64_t length;
      if (value.getAsInteger(10, length))
        return emitError() << "expected a number as length of external data, "
                              "but got "
                           << quoteName(value);
      location.length = length;
    }
  }
  return location;
}

/// The file that `path` names below `folder`, with all links followed. Files
/// outside the folder are refused, whatever way the path takes there.
static FailureOr<SmallString<256>>
resolveInsideFolder(StringRef path, StringRef folder,
                    function_ref<InFlightDiagnostic()> emitError) {
  if (path.empty())
    return emitError() << "expected the location of external data";
  SmallString<256> shortest(path);
  llvm::sys::path::remove_dots(shortest, /*remove_dot_dot=*/true);
  if (path.contains('\0') || llvm::sys::path::is_absolute(path) ||
      (!shortest.empty() && *llvm::sys::path::begin(shortest) == ".."))
    return emitError() << "external data " << quoteName(path)
                       << " leaves the model's folder";
  SmallString<256> root, file, joined(folder);
  llvm::sys::path::append(joined, path);
  if (llvm::sys::fs::real_path(folder, root))
    return emitError() << "cannot find the model's folder "
                       << quoteName(folder);
  if (std::error_code error = llvm::sys::fs::real_path(joined, file))
    return emitError() << "cannot read external data " << quoteName(path)
                       << ": " << error.message();
  StringRef below = file;
  if (!below.consume_front(root) ||
      (!StringRef(root).ends_with("/") && !below.starts_with("/")))
    return emitError() << "external data " << quoteName(path)
                       << " leaves the model's folder";
  if (!llvm::sys::fs::is_regular_file(file))
    return emitError() << "external data " << quoteName(path)
                       << " is not a file";
  return file;
}

FailureOr<std::unique_ptr<llvm::MemoryBuffer>> onnx_import::readExternalData(
    const onnx::TensorProto &tensor, StringRef folder, uint64_t expectedBytes,
    function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<ExternalLocation> location =
      parseExternalLocation(tensor, emitError);
  if (failed(location))
    return failure();
  if (folder.empty())
    return emitError() << "external data needs a model that is read from a "
                          "file";
  FailureOr<SmallString<256>> file =
      resolveInsideFolder(location->path, folder, emitError);
  if (failed(file))
    return failure();
  uint64_t fileBytes = 0;
  if (std::error_code error = llvm::sys::fs::file_size(*file, fileBytes))
    return emitError() << "cannot read external data "
                       << quoteName(location->path) << ": " << error.message();
  uint64_t length = location->length.value_or(expectedBytes);
  if (length != expectedBytes)
    return emitError() << "expected " << expectedBytes
                       << " bytes of external data, but got " << length;
  if (location->offset > fileBytes || length > fileBytes - location->offset)
    return emitError() << "external data " << quoteName(location->path)
                       << " holds " << fileBytes << " bytes, but " << length
                       << " from " << location->offset << " on are needed";
  auto buffer =
      llvm::MemoryBuffer::getFileSlice(*file, length, location->offset);
  if (!buffer)
    return emitError() << "cannot read external data "
                       << quoteName(location->path) << ": "
                       << buffer.getError().message();
  return std::move(*buffer);
}
