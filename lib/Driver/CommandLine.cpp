//===- CommandLine.cpp - The options of dorefa-compile --------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The options as users see them, in LLVM's library for command lines, and their
// copy into CompileOptions. The folder of the runtime for programs is found
// beside the running compiler, so an installation can be moved.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/CommandLine.h"
#include "TimesStore.h"
#include "dorefa/Driver/ParseOptions.h"
#include "dorefa/Driver/Version.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::dorefa;
namespace cl = llvm::cl;

namespace {
/// Options exist while a command line is read, and no longer.
struct CommandLine {
  cl::OptionCategory category{"dorefa-compile"};

  cl::opt<std::string> input{cl::Positional, cl::Required,
                             cl::desc("<model.onnx or .mlir>"),
                             cl::cat(category)};
  cl::opt<std::string> output{
      "o", cl::value_desc("file"),
      cl::desc("what to write: .so a shared library with a C header beside it, "
               ".o an object file with its header, no suffix a program"),
      cl::cat(category)};
  cl::opt<Stage> emit{
      "emit", cl::desc("stop after a stage, and write its result:"),
      cl::values(
          clEnumValN(Stage::Graph, "graph", "the model with its quantizers"),
          clEnumValN(Stage::Layers, "layers", "fused layers on codes"),
          clEnumValN(Stage::Packed, "packed", "engines and layouts chosen"),
          clEnumValN(Stage::Loops, "loops", "loops over vectors and buffers"),
          clEnumValN(Stage::LLVM, "llvm", "LLVM IR, optimised"),
          clEnumValN(Stage::Assembly, "asm", "assembly"),
          clEnumValN(Stage::Object, "obj", "object file"),
          clEnumValN(Stage::Library, "lib", "shared library"),
          clEnumValN(Stage::Executable, "exe", "program")),
      cl::cat(category)};
  cl::opt<std::string> target{
      "target", cl::init("native"), cl::value_desc("name,name..."),
      cl::desc("native, x86-64-v3, x86-64-v4, x86-64-v4-vnni, x86-64-v4-vbmi, "
               "aarch64, riscv64, riscv64-v, riscv64-v-zvbb or a cpu's name; "
               "of several, the last that can run is chosen at load; portable "
               "for every x86-64 of level v3 and up"),
      cl::cat(category)};
  cl::opt<std::string> triple{"triple", cl::value_desc("triple"),
                              cl::desc("the target's triple, as LLVM names it"),
                              cl::cat(category)};
  cl::opt<std::string> cpu{"cpu", cl::value_desc("name"),
                           cl::desc("the target's cpu, as LLVM names it"),
                           cl::cat(category)};
  cl::opt<std::string> features{
      "features", cl::value_desc("+a,-b"),
      cl::desc("instruction sets added to the cpu's and taken away from them"),
      cl::cat(category)};
  cl::opt<std::string> engine{
      "engine", cl::value_desc("name"),
      cl::desc("compute products of codes on lookup, lookup64, quad, planes, "
               "bytes, winograd or direct wherever it is possible (default: the fastest "
               "for each layer)"),
      cl::cat(category)};
  cl::opt<std::string> tile{
      "tile", cl::value_desc("vectors x pixels[x passes]"),
      cl::desc(
          "compute all layers in register tiles of this size (winograd: of "
          "squares of 2 x 2 pixels; default: the fastest for each layer)"),
      cl::cat(category)};
  cl::opt<std::string> tune{
      "tune", cl::ValueOptional, cl::value_desc("file"),
      cl::desc(
          "measure engines and tiles on this machine, and compile with the "
          "fastest; times are kept in the file (default: "
          "dorefa/tune-<cpu>.json in the user's folder for caches)"),
      cl::cat(category)};
  cl::opt<std::string> leastPartWork{
      "least-part-work", cl::value_desc("nanoseconds"), cl::Hidden,
      cl::desc(
          "work of a layer, as estimated, that is worth handing to another "
          "thread (default 3000)"),
      cl::cat(category)};
  cl::opt<std::string> groupImages{
      "group-images", cl::value_desc("number"), cl::Hidden,
      cl::desc("compute so many images of a batch at once in every dense layer "
               "that can (default: as the compiler chooses; 1: none)")};
  cl::list<std::string> shapes{
      "shape", cl::value_desc("name=1x3x224x224"),
      cl::desc("shape of an input, in place of the file's"), cl::cat(category)};
  cl::opt<bool> strict{
      "strict", cl::desc("refuse to fall back on floating point"),
      cl::cat(category)};
  cl::opt<bool> taps{
      "taps",
      cl::desc("make the codes of each quantizer, before pooling, outputs"),
      cl::cat(category)};
  cl::opt<ReportFormat> report{
      "report", cl::ValueOptional, cl::init(ReportFormat::None),
      cl::desc("print what each layer became, and where the bytes go:"),
      cl::values(clEnumValN(ReportFormat::Text, "", ""),
                 clEnumValN(ReportFormat::Text, "text", "a table (default)"),
                 clEnumValN(ReportFormat::JSON, "json", "JSON")),
      cl::cat(category)};
  cl::opt<std::string> verify{
      "verify", cl::value_desc("inputs.npz"),
      cl::desc("compare each layer's codes with the reference interpreter's "
               "on these inputs"),
      cl::cat(category)};
  cl::list<std::string> printAfter{
      "print-ir-after", cl::CommaSeparated, cl::value_desc("name"),
      cl::desc("print the IR after a stage or a pass, to standard error"),
      cl::cat(category)};
  cl::opt<bool> timing{"timing", cl::desc("print where the time goes"),
                       cl::cat(category)};
  cl::opt<std::string> linker{"linker", cl::value_desc("path"),
                              cl::desc("ld.lld (default: LLVM's own)"),
                              cl::cat(category)};
  cl::opt<std::string> sysroot{
      "sysroot", cl::value_desc("folder"),
      cl::desc("root of the system whose C library programs are linked with"),
      cl::cat(category)};
};
} // namespace

/// lib/dorefa beside the folder of the running program.
static std::string getRuntimeFolder(const char *program) {
  std::string path = llvm::sys::fs::getMainExecutable(
      program, reinterpret_cast<void *>(&parseCommandLine));
  SmallString<128> folder(
      llvm::sys::path::parent_path(llvm::sys::path::parent_path(path)));
  llvm::sys::path::append(folder, "lib", "dorefa");
  return folder.str().str();
}

CompileOptions mlir::dorefa::parseCommandLine(int argc, char **argv) {
  CommandLine line;
  cl::HideUnrelatedOptions(line.category);
  cl::SetVersionPrinter(
      [](raw_ostream &os) { os << getCompilerVersion() << "\n"; });
  parseOptions(argc, argv, "compiler for low-bit neural networks\n");
  CompileOptions options;
  options.input = line.input;
  options.output = line.output;
  if (line.emit.getNumOccurrences())
    options.emit = line.emit;
  options.target = {line.target, line.triple, line.cpu, line.features};
  options.engine = line.engine;
  options.tile = line.tile;
  options.tune = line.tune;
  if (line.tune.getNumOccurrences() && line.tune.empty())
    options.tune = getDefaultTimesPath();
  options.isTuned = line.tune.getNumOccurrences() != 0;
  options.leastPartWork = line.leastPartWork;
  options.groupImages = line.groupImages;
  options.shapes = line.shapes;
  options.strict = line.strict;
  options.taps = line.taps;
  options.report = line.report;
  options.verify = line.verify;
  options.printAfter = line.printAfter;
  options.timing = line.timing;
  options.linker = line.linker;
  options.sysroot = line.sysroot;
  options.runtimeFolder = getRuntimeFolder(argv[0]);
  return options;
}
