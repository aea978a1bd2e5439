//===- EmitMachineCode.cpp - Assembly and object files --------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM's code generator from a finished module to assembly or an object file,
// in memory.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/Emit.h"
#include "llvm/IR/LegacyPassManager.h"

using namespace mlir;
using namespace mlir::dorefa;

llvm::Expected<std::string>
mlir::dorefa::emitMachineCode(llvm::Module &module,
                              llvm::TargetMachine &machine,
                              llvm::CodeGenFileType type) {
  SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "no emission of code for '" +
                                       machine.getTargetTriple().str() + "'");
  passes.run(module);
  return std::string(bytes.begin(), bytes.end());
}
