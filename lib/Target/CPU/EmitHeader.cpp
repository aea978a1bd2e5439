//===- EmitHeader.cpp - The C header of one network -----------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A header is the text of dorefa_model.h, so that users need no file of the
// compiler, followed by macros with the sizes of this network and, for object
// files, the declarations of its entries. Names come from models: they are
// cleaned before they enter a comment or an identifier.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include "dorefa/Target/CPU/Emit.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

// The text of dorefa_model.h.
#include "ModelHeader.inc"

/// `text` without what would end a comment or a line.
static std::string getCommentText(StringRef text) {
  std::string result;
  for (char c : text)
    result += llvm::isPrint(c) && c != '*' ? c : '_';
  return result;
}

static void printTensors(raw_ostream &os, StringRef prefix, StringRef kind,
                         ArrayRef<ModelTensor> tensors, int64_t batch) {
  os << "#define " << prefix << "_NUM_" << kind << "S " << tensors.size()
     << "\n";
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    std::string name = (prefix + "_" + kind + "_" + Twine(index)).str();
    os << "/* '" << getCommentText(tensor.name) << "': "
       << getElementTypeName(tensor.elementType);
    for (auto [dimension, extent] : llvm::enumerate(tensor.shape))
      if (dimension == 0 && batch == 0 && !tensor.isShared)
        os << "[batch]";
      else
        os << "[" << extent << "]";
    os << " */\n#define " << name << "_IMAGE_BYTES " << tensor.bytes << "u\n";
  }
}

/// Enough for whichever variant is chosen.
static uint64_t getMemoryBytes(ArrayRef<EmittedVariant> variants) {
  uint64_t bytes = 0;
  for (const EmittedVariant &variant : variants)
    bytes = std::max(bytes, variant.interface.memoryBytes);
  return bytes + DOREFA_MEMORY_HEADER_BYTES;
}

std::string mlir::dorefa::emitHeader(StringRef name,
                                     ArrayRef<EmittedVariant> variants,
                                     const ModelFacts &facts) {
  const ModelInterface &interface = variants.front().interface;
  std::string prefix = StringRef(getCIdentifier(name)).upper();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "/* The network '" << getCommentText(name) << "', compiled by "
     << getCommentText(facts.compiler) << " for\n";
  for (const EmittedVariant &variant : variants)
    os << " * " << getCommentText(describeTarget(variant.target.target))
       << "\n";
  os << " */\n\n"
     << ModelHeader << "\n#ifndef " << prefix << "_NETWORK_H\n#define "
     << prefix << "_NETWORK_H\n\n";
  os << "#define " << prefix << "_MODEL_MEMORY_BYTES "
     << getMemoryBytes(variants) << "u\n";
  os << "#define " << prefix << "_FIXED_BATCH " << interface.batch
     << " /* 0: chosen at run time */\n";
  printTensors(os, prefix, "INPUT", interface.inputs, interface.batch);
  printTensors(os, prefix, "OUTPUT", interface.outputs, interface.batch);
  if (facts.entry != "dorefa_get_model")
    os << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
       << "const dorefa_model *" << facts.entry << "(void);\nuint64_t "
       << facts.errorEntry
       << "(char *text, uint64_t bytes);\n#ifdef __cplusplus\n}\n#endif\n";
  os << "\n#endif /* " << prefix << "_NETWORK_H */\n";
  return text;
}
