//===- CompileOptions.cpp - What a user asks of the compiler --------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The names of stages, and the suffixes that stand for them.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/CompileOptions.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::dorefa;

StringRef mlir::dorefa::getStageName(Stage stage) {
  switch (stage) {
  case Stage::Graph:
    return "graph";
  case Stage::Layers:
    return "layers";
  case Stage::Packed:
    return "packed";
  case Stage::Loops:
    return "loops";
  case Stage::LLVM:
    return "llvm";
  case Stage::Assembly:
    return "asm";
  case Stage::Object:
    return "obj";
  case Stage::Library:
    return "lib";
  case Stage::Executable:
    return "exe";
  }
  return "";
}

std::optional<Stage> mlir::dorefa::findStage(StringRef name) {
  for (int i = 0; i <= static_cast<int>(Stage::Executable); ++i)
    if (getStageName(static_cast<Stage>(i)) == name)
      return static_cast<Stage>(i);
  return std::nullopt;
}

bool mlir::dorefa::isTextStage(Stage stage) { return stage <= Stage::Assembly; }

std::optional<Stage> mlir::dorefa::getStageOfOutput(StringRef output) {
  return llvm::StringSwitch<std::optional<Stage>>(
             llvm::sys::path::extension(output))
      .Case(".so", Stage::Library)
      .Case(".o", Stage::Object)
      .Case(".s", Stage::Assembly)
      .Case(".ll", Stage::LLVM)
      .Case("", Stage::Executable)
      .Default(std::nullopt);
}
