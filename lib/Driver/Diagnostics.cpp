//===- Diagnostics.cpp - What users read about their model ----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A message is one line, `place: severity: node 'name' (Type): text`. Nodes
// come from named locations, as the importer nests them: the name outside, the
// operator's type inside. Passes report from several threads, so printing is
// locked.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/Diagnostics.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace mlir::dorefa;

static StringRef getSeverityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "";
}

/// The first location of a kind inside `location`.
template <typename LocationT> static LocationT findLocation(Location location) {
  LocationT found;
  location->walk([&](Location inner) {
    if ((found = dyn_cast<LocationT>(inner)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return found;
}

/// "model.onnx" or "model.mlir:3:5".
static std::string describePlace(Location location, StringRef file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto place = findLocation<FileLineColLoc>(location))
    os << place.getFilename().getValue() << ":" << place.getLine() << ":"
       << place.getColumn();
  else
    os << file;
  return text;
}

/// "node 'conv1' (Conv): ", or nothing.
static std::string describeNode(Location location) {
  auto name = findLocation<NameLoc>(location);
  if (!name)
    return "";
  std::string text = "node '" + name.getName().str() + "'";
  if (auto type = dyn_cast<NameLoc>(name.getChildLoc()))
    text += " (" + type.getName().str() + ")";
  return text + ": ";
}

/// One line. Messages that name the file or the node themselves, because they
/// are read elsewhere too, are not told again what they say.
static std::string describe(Diagnostic &diagnostic, StringRef file) {
  std::string message = diagnostic.str();
  StringRef rest = message;
  // Other files may have a name that begins with this one's.
  if (rest.starts_with((file + ": ").str()))
    rest = rest.drop_front(file.size() + 2);
  std::string text = describePlace(diagnostic.getLocation(), file) + ": " +
                     getSeverityName(diagnostic.getSeverity()).str() + ": ";
  if (!rest.starts_with("node '"))
    text += describeNode(diagnostic.getLocation());
  return text + rest.str() + "\n";
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, StringRef file,
                                     raw_ostream &os)
    : file(file), os(os),
      handler(context, [this](Diagnostic &diagnostic) { print(diagnostic); }) {}

void DiagnosticPrinter::print(Diagnostic &diagnostic) {
  std::string text = describe(diagnostic, file);
  for (Diagnostic &note : diagnostic.getNotes())
    text += describe(note, file);
  std::lock_guard<std::mutex> lock(mutex);
  numErrors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
  if (printed.insert(text).second)
    os << text;
}

LogicalResult DiagnosticPrinter::emitError(const Twine &message) {
  std::lock_guard<std::mutex> lock(mutex);
  ++numErrors;
  os << file << ": error: " << message << "\n";
  return failure();
}

LogicalResult DiagnosticPrinter::emitError(llvm::Error error) {
  return emitError(llvm::toString(std::move(error)));
}
