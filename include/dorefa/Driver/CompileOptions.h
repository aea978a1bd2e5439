//===- CompileOptions.h - What a user asks of the compiler ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A compilation as plain data. The stages are ordered: a compilation passes
// through all in front of the one that it stops after.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_DRIVER_COMPILEOPTIONS_H
#define DOREFA_DRIVER_COMPILEOPTIONS_H

#include "dorefa/Target/CPU/TargetMachine.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir::dorefa {

/// What a compilation passes through, in this order, and may stop after. The
/// last three exclude each other.
enum class Stage {
  Graph,
  Layers,
  Packed,
  Loops,
  LLVM,
  Assembly,
  Object,
  Library,
  Executable
};

/// The stage's name as users write it.
StringRef getStageName(Stage stage);
std::optional<Stage> findStage(StringRef name);

/// Whether the stage's result is text.
bool isTextStage(Stage stage);

enum class ReportFormat { None, Text, JSON };

struct CompileOptions {
  /// An ONNX file, or MLIR of any level.
  std::string input;
  /// Empty: text goes to standard output, anything else is not written.
  std::string output;
  /// Unset: by the output's suffix.
  std::optional<Stage> emit;
  TargetRequest target;
  /// Empty: the compiler chooses for each layer.
  std::string engine, tile;
  /// Layers are measured, and the times kept in the file `tune`.
  bool isTuned = false;
  std::string tune;
  /// Code that tells its executor where steps begin.
  bool timeSteps = false;
  /// Nanoseconds of work that are worth another thread's while; empty: as the
  /// compiler has it.
  std::string leastPartWork;
  /// The most images that dense layers are computed for at once; empty: as the
  /// compiler chooses.
  std::string groupImages;
  /// `name=1x3x224x224`, one an input.
  std::vector<std::string> shapes;
  /// Falling back on floating point is an error.
  bool strict = false;
  /// The codes of each quantizer become outputs.
  bool taps = false;
  ReportFormat report = ReportFormat::None;
  /// Inputs (.npz or .npy) for the comparison with the interpreter.
  std::string verify;
  /// Stages and passes after which the IR is printed.
  std::vector<std::string> printAfter;
  bool timing = false;
  /// ld.lld; empty: LLVM's own.
  std::string linker;
  /// Root of the target's system; empty: this machine's.
  std::string sysroot;
  /// The folder with the static runtimes of executables.
  std::string runtimeFolder;
};

/// The stage that an output's suffix stands for: `.so`, `.o`, `.s`, `.ll`, no
/// suffix for a program.
std::optional<Stage> getStageOfOutput(StringRef output);

} // namespace mlir::dorefa

#endif // DOREFA_DRIVER_COMPILEOPTIONS_H
