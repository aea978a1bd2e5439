//===- Link.cpp - From object files to libraries and programs -------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The linker runs as a process, with fixed arguments: a library without any
// dependency, a program with the runtime's archive and the C library of its
// target. An object must refer to nothing but the four memory functions that
// compilers call by themselves and getenv, which the choice of a variant asks;
// any other name stands for a missing instruction.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/Link.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;
using llvm::Triple;

static std::string joinPath(const Twine &a, const Twine &b) {
  SmallString<128> path;
  llvm::sys::path::append(path, a, b);
  return path.str().str();
}

static Expected<std::string> findLinker(const LinkOptions &options) {
  if (!options.linker.empty())
    return options.linker;
  for (StringRef name : {"ld.lld", "ld.lld-22"}) {
    std::string path = joinPath(DOREFA_LLVM_TOOLS_DIR, name);
    if (llvm::sys::fs::can_execute(path))
      return path;
  }
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  return refuse("no linker: expected ld.lld-22 or ld.lld in PATH");
}

/// The first lines that lld prints, in one.
static std::string readFirstLines(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return "";
  SmallVector<StringRef> lines;
  (*buffer)->getBuffer().trim().split(lines, '\n', 3, /*KeepEmpty=*/false);
  if (lines.size() > 3)
    lines.pop_back();
  return llvm::join(lines, "; ");
}

static Error runLinker(ArrayRef<std::string> arguments,
                       const LinkOptions &options) {
  Expected<std::string> linker = findLinker(options);
  if (!linker)
    return linker.takeError();
  SmallString<128> log;
  if (llvm::sys::fs::createTemporaryFile("dorefa-link", "log", log))
    return refuse("cannot create a temporary file");
  auto removeLog = llvm::scope_exit([&] { llvm::sys::fs::remove(log); });

  SmallVector<StringRef> words = {*linker};
  words.append(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  std::string reason;
  int status = llvm::sys::ExecuteAndWait(*linker, words, std::nullopt,
                                         redirects, 0, 0, &reason);
  if (status == 0)
    return Error::success();
  if (reason.empty())
    reason = readFirstLines(log);
  if (reason.empty())
    reason = "exit status " + std::to_string(status);
  return refuse("linking failed: " + *linker + ": " + reason);
}

/// What libraries and programs have in common.
static SmallVector<std::string> getCommonArguments(StringRef output) {
  return {"-o",           output.str(), "--gc-sections", "--strip-all",
          "--build-id=none", "--hash-style=gnu", "-z", "noexecstack",
          "-z",           "relro",      "-z",            "now",
          "--as-needed"};
}

Error mlir::dorefa::linkLibrary(StringRef input, StringRef output,
                                const LinkOptions &options) {
  SmallVector<std::string> arguments = getCommonArguments(output);
  llvm::append_range(arguments,
                     ArrayRef<std::string>{"-shared", input.str()});
  return runLinker(arguments, options);
}

/// Where a system of another architecture keeps the C library's files: beside
/// this machine's under a root of its own, or in the multiarch folder.
static SmallVector<std::string> getLibraryFolders(const LinkOptions &options) {
  std::string multiarch =
      (options.triple.getArchName() + "-linux-gnu").str();
  SmallVector<std::string> folders;
  for (StringRef folder : {"/usr/lib/", "/lib/"})
    folders.push_back(options.sysroot + folder.str() + multiarch);
  if (options.sysroot.empty())
    folders.push_back("/usr/" + multiarch + "/lib");
  if (!options.sysroot.empty() ||
      options.triple.getArch() ==
          Triple(llvm::sys::getDefaultTargetTriple()).getArch())
    for (StringRef folder : {"/usr/lib64", "/lib64", "/usr/lib"})
      folders.push_back(options.sysroot + folder.str());
  return folders;
}

static Expected<std::string> getLoader(const Triple &triple) {
  switch (triple.getArch()) {
  case Triple::x86_64:
    return "/lib64/ld-linux-x86-64.so.2";
  case Triple::aarch64:
    return "/lib/ld-linux-aarch64.so.1";
  case Triple::riscv64:
    return "/lib/ld-linux-riscv64-lp64d.so.1";
  default:
    return refuse("unsupported architecture: no program for " +
                  triple.getArchName());
  }
}

Error mlir::dorefa::linkExecutable(StringRef input, StringRef output,
                                   const LinkOptions &options) {
  Expected<std::string> loader = getLoader(options.triple);
  if (!loader)
    return loader.takeError();
  StringRef arch = Triple::getArchTypeName(options.triple.getArch());
  std::string runtime =
      joinPath(options.runtimeFolder, "libdorefa_main-" + arch + ".a");
  if (!llvm::sys::fs::exists(runtime))
    return refuse("no runtime of programs for " + arch + ": expected '" +
                  runtime + "'");
  SmallVector<std::string> folders = getLibraryFolders(options);
  auto start = llvm::find_if(folders, [](const std::string &folder) {
    return llvm::sys::fs::exists(joinPath(folder, "Scrt1.o"));
  });
  if (start == folders.end())
    return refuse("no C library for " + arch + ": expected Scrt1.o in " +
                  llvm::join(folders, " or "));

  SmallVector<std::string> arguments = getCommonArguments(output);
  if (!options.sysroot.empty())
    arguments.push_back("--sysroot=" + options.sysroot);
  for (const std::string &folder : folders)
    arguments.push_back("-L" + folder);
  llvm::append_range(
      arguments,
      ArrayRef<std::string>{"-pie", "-dynamic-linker", *loader,
                            joinPath(*start, "Scrt1.o"),
                            joinPath(*start, "crti.o"), input.str(), runtime,
                            "-lc", joinPath(*start, "crtn.o")});
  return runLinker(arguments, options);
}

Error mlir::dorefa::checkUndefinedSymbols(StringRef bytes) {
  auto object = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(bytes, "object"));
  if (!object)
    return object.takeError();
  for (const llvm::object::SymbolRef &symbol : (*object)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & llvm::object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty() && *name != "memcpy" && *name != "memmove" &&
        *name != "memset" && *name != "memcmp" && *name != "getenv")
      return refuse("unsupported cpu: the code needs the function '" + *name +
                    "', which stands for an instruction that is missing");
  }
  return Error::success();
}
