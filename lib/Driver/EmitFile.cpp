//===- EmitFile.cpp - Code and its header on disk -------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// From the LLVM level to files: machine code, a check of what it refers to, the
// linker for libraries and programs, and the C header. Everything is written to
// temporary files; the caller commits them all together.
//
//===----------------------------------------------------------------------===//

#include "EmitFile.h"
#include "dorefa/Driver/Version.h"
#include "dorefa/Target/CPU/Link.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

Error EmittedFiles::commit() {
  for (OutputFile &file : files)
    if (Error error = file.commit())
      return error;
  return Error::success();
}

/// The name of what an object file exports: it says which network it is, so
/// that several can be linked into one program.
static std::string getEntryName(Stage stage, StringRef output) {
  if (stage != Stage::Object)
    return "dorefa_get_model";
  return getCIdentifier(llvm::sys::path::stem(output)) + "_get_model";
}

static Expected<uint64_t> countCodeBytes(StringRef object) {
  auto file = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(object, "object"));
  if (!file)
    return file.takeError();
  uint64_t bytes = 0;
  for (const llvm::object::SectionRef &section : (*file)->sections())
    if (section.isText())
      bytes += section.getSize();
  return bytes;
}

static Error linkFile(Stage stage, StringRef object, OutputFile &output,
                      const std::string &entry, const CompileOptions &options,
                      const TargetDescription &target) {
  Expected<OutputFile> input = OutputFile::create("");
  if (!input)
    return input.takeError();
  if (Error error = input->write(object))
    return error;
  LinkOptions link;
  link.triple = llvm::Triple(target.triple);
  link.linker = options.linker;
  link.runtimeFolder = options.runtimeFolder;
  link.sysroot = options.sysroot;
  if (stage == Stage::Executable)
    return linkExecutable(input->getTemporaryPath(), output.getTemporaryPath(),
                          link);
  return linkLibrary(input->getTemporaryPath(), output.getTemporaryPath(),
                     entry, link);
}

static Error addHeader(EmittedFiles &emitted, StringRef output,
                       const ModelInterface &interface,
                       const ModelFacts &facts) {
  SmallString<128> path(output);
  llvm::sys::path::replace_extension(path, ".h");
  ModelInterface named = interface;
  named.name = llvm::sys::path::stem(output).str();
  Expected<OutputFile> header = OutputFile::create(path);
  if (!header)
    return header.takeError();
  emitted.files.push_back(std::move(*header));
  return emitted.files.back().write(emitHeader(named, facts));
}

static Expected<EmittedFiles>
emitBinary(llvm::Module &module, llvm::TargetMachine &machine, Stage stage,
           StringRef output, const ModelInterface &interface,
           const ModelFacts &facts, const CompileOptions &options,
           const TargetDescription &target, TimingScope &timing) {
  TimingScope code = timing.nest("code generation");
  Expected<std::string> object =
      emitMachineCode(module, machine, llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  code.stop();
  if (Error error = checkUndefinedSymbols(*object))
    return std::move(error);
  EmittedFiles emitted;
  if (Error error = countCodeBytes(*object).moveInto(emitted.codeBytes))
    return std::move(error);
  Expected<OutputFile> file = OutputFile::create(output);
  if (!file)
    return file.takeError();
  TimingScope linking = timing.nest("linking");
  if (Error error = stage == Stage::Object
                        ? file->write(*object)
                        : linkFile(stage, *object, *file, facts.entry, options,
                                   target))
    return std::move(error);
  emitted.bytes = file->getBytes();
  emitted.files.push_back(std::move(*file));
  if (stage != Stage::Executable && !output.empty())
    if (Error error = addHeader(emitted, output, interface, facts))
      return std::move(error);
  return emitted;
}

static Expected<EmittedFiles> emitText(llvm::Module &module,
                                       llvm::TargetMachine &machine,
                                       Stage stage, StringRef output) {
  std::string text;
  if (stage == Stage::LLVM) {
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
  } else if (Error error = emitMachineCode(module, machine,
                                           llvm::CodeGenFileType::AssemblyFile)
                               .moveInto(text)) {
    return std::move(error);
  }
  EmittedFiles emitted;
  Expected<OutputFile> file = OutputFile::create(output);
  if (!file)
    return file.takeError();
  emitted.files.push_back(std::move(*file));
  if (Error error = emitted.files.back().write(text))
    return std::move(error);
  return emitted;
}

FailureOr<EmittedFiles>
mlir::dorefa::emitFile(ModuleOp module, Stage stage, StringRef output,
                       StringRef report, const CompileOptions &options,
                       const TargetDescription &target,
                       DiagnosticPrinter &diagnostics, TimingScope &timing) {
  FailureOr<ModelInterface> interface = readModelInterface(module);
  if (failed(interface))
    return failure();
  auto machine = createTargetMachine(target);
  if (!machine)
    return diagnostics.emitError(machine.takeError());
  ModelFacts facts;
  facts.compiler = getCompilerVersion().str();
  facts.target = describeTarget(target);
  facts.report = report.str();
  facts.entry = getEntryName(stage, output);

  TimingScope scope = timing.nest("emission");
  TimingScope optimization = scope.nest("LLVM IR");
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule =
      emitLLVMModule(module, *interface, facts, **machine, context);
  if (!llvmModule)
    return failure();
  optimization.stop();
  Expected<EmittedFiles> emitted =
      isTextStage(stage)
          ? emitText(*llvmModule, **machine, stage, output)
          : emitBinary(*llvmModule, **machine, stage, output, *interface, facts,
                       options, target, scope);
  if (!emitted)
    return diagnostics.emitError(emitted.takeError());
  return std::move(*emitted);
}
