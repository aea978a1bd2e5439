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

/// The names of what an object file exports say which network it is, so that
/// several can be linked into one program.
static ModelFacts getFacts(Stage stage, StringRef output, StringRef report) {
  ModelFacts facts;
  facts.compiler = getCompilerVersion().str();
  facts.report = report.str();
  if (stage == Stage::Object) {
    std::string name = getCIdentifier(llvm::sys::path::stem(output));
    facts.entry = name + "_get_model";
    facts.errorEntry = name + "_get_error";
  }
  return facts;
}

/// Each function has a section, which is named after it.
static Expected<SmallVector<uint64_t>>
countCodeBytes(StringRef object, ArrayRef<EmittedVariant> variants) {
  auto file = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(object, "object"));
  if (!file)
    return file.takeError();
  SmallVector<uint64_t> bytes(variants.size(), 0);
  for (const llvm::object::SectionRef &section : (*file)->sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    for (auto [i, variant] : llvm::enumerate(variants))
      if (section.isText() &&
          name->ends_with(getVariantSymbol("", variant.target)))
        bytes[i] += section.getSize();
  }
  return bytes;
}

static Error linkFile(Stage stage, StringRef object, OutputFile &output,
                      const CompileOptions &options,
                      const llvm::Triple &triple) {
  Expected<OutputFile> input = OutputFile::create("");
  if (!input)
    return input.takeError();
  if (Error error = input->write(object))
    return error;
  LinkOptions link;
  link.triple = triple;
  link.linker = options.linker;
  link.runtimeFolder = options.runtimeFolder;
  link.sysroot = options.sysroot;
  if (stage == Stage::Executable)
    return linkExecutable(input->getTemporaryPath(), output.getTemporaryPath(),
                          link);
  return linkLibrary(input->getTemporaryPath(), output.getTemporaryPath(),
                     link);
}

static Error addHeader(EmittedFiles &emitted, StringRef output,
                       ArrayRef<EmittedVariant> variants,
                       const ModelFacts &facts) {
  SmallString<128> path(output);
  llvm::sys::path::replace_extension(path, ".h");
  Expected<OutputFile> header = OutputFile::create(path);
  if (!header)
    return header.takeError();
  emitted.files.push_back(std::move(*header));
  return emitted.files.back().write(
      emitHeader(llvm::sys::path::stem(output), variants, facts));
}

static Error emitBinary(llvm::Module &module, llvm::TargetMachine &machine,
                        Stage stage, StringRef output,
                        ArrayRef<EmittedVariant> variants,
                        const ModelFacts &facts, const CompileOptions &options,
                        TimingScope &timing, EmittedFiles &emitted) {
  TimingScope code = timing.nest("code generation");
  Expected<std::string> object =
      emitMachineCode(module, machine, llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  code.stop();
  if (Error error = checkUndefinedSymbols(*object))
    return error;
  if (Error error =
          countCodeBytes(*object, variants).moveInto(emitted.codeBytes))
    return error;
  Expected<OutputFile> file = OutputFile::create(output);
  if (!file)
    return file.takeError();
  TimingScope linking = timing.nest("linking");
  if (Error error = stage == Stage::Object
                        ? file->write(*object)
                        : linkFile(stage, *object, *file, options,
                                   machine.getTargetTriple()))
    return error;
  emitted.bytes = file->getBytes();
  emitted.files.push_back(std::move(*file));
  if (stage != Stage::Executable && !output.empty())
    return addHeader(emitted, output, variants, facts);
  return Error::success();
}

static Error emitText(llvm::Module &module, llvm::TargetMachine &machine,
                      Stage stage, StringRef output, EmittedFiles &emitted) {
  std::string text;
  if (stage == Stage::LLVM) {
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
  } else if (Error error = emitMachineCode(module, machine,
                                           llvm::CodeGenFileType::AssemblyFile)
                               .moveInto(text)) {
    return error;
  }
  Expected<OutputFile> file = OutputFile::create(output);
  if (!file)
    return file.takeError();
  emitted.files.push_back(std::move(*file));
  return emitted.files.back().write(text);
}

FailureOr<EmittedFiles> mlir::dorefa::emitFile(
    ArrayRef<EmittedVariant> variants, Stage stage, StringRef output,
    StringRef report, const CompileOptions &options,
    DiagnosticPrinter &diagnostics, TimingScope &timing) {
  auto machine = createTargetMachine(variants.front().target.getBaseline());
  if (!machine)
    return diagnostics.emitError(machine.takeError());
  ModelFacts facts = getFacts(stage, output, report);
  TimingScope scope = timing.nest("emission");
  TimingScope linking = scope.nest("variants in one module");
  llvm::LLVMContext context;
  auto module = linkVariants(variants, facts, **machine, context);
  if (!module)
    return diagnostics.emitError(module.takeError());
  linking.stop();
  EmittedFiles emitted;
  emitted.constants = countConstantBytes(**module);
  if (Error error = isTextStage(stage)
                        ? emitText(**module, **machine, stage, output, emitted)
                        : emitBinary(**module, **machine, stage, output,
                                     variants, facts, options, scope, emitted))
    return diagnostics.emitError(std::move(error));
  return std::move(emitted);
}
