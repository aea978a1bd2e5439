//===- TimesStore.cpp - where measured times are kept ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Code changes with the compiler, so times are of one build of it, which the
// linker's build id tells from others. Those of other builds are dropped when
// the same machine is measured anew.
//
//===----------------------------------------------------------------------===//

#include "TimesStore.h"
#include "OutputFile.h"
#include "dorefa/Driver/Version.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"
#include <elf.h>
#include <link.h>

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

std::string dorefa::getDefaultTimesPath() {
  SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return "";
  llvm::sys::path::append(path, "dorefa",
                          "tune-" + llvm::sys::getHostCPUName() + ".json");
  return path.str().str();
}

/// The build id among a program's notes, or nothing.
static StringRef findBuildId(const char *note, const char *end) {
  while (note + sizeof(ElfW(Nhdr)) <= end) {
    const auto *header = reinterpret_cast<const ElfW(Nhdr) *>(note);
    const char *name = note + sizeof(*header);
    const char *bytes = name + llvm::alignTo(header->n_namesz, 4);
    if (header->n_type == NT_GNU_BUILD_ID &&
        StringRef(name, header->n_namesz) == StringRef(ELF_NOTE_GNU, 4))
      return StringRef(bytes, header->n_descsz);
    note = bytes + llvm::alignTo(header->n_descsz, 4);
  }
  return "";
}

/// Of the running program, which the list of loaded objects begins with.
static std::string getBuildId() {
  std::string id;
  dl_iterate_phdr(
      [](dl_phdr_info *program, size_t, void *result) {
        for (int i = 0; i < program->dlpi_phnum; ++i) {
          const ElfW(Phdr) &segment = program->dlpi_phdr[i];
          const auto *start = reinterpret_cast<const char *>(
              program->dlpi_addr + segment.p_vaddr);
          if (segment.p_type == PT_NOTE && segment.p_align == 4)
            if (StringRef found = findBuildId(start, start + segment.p_filesz);
                !found.empty())
              *static_cast<std::string *>(result) =
                  llvm::toHex(found, /*LowerCase=*/true);
        }
        return 1;
      },
      &id);
  return id;
}

static std::string describeHost() {
  SmallVector<std::string> words;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.second)
      words.push_back("+" + feature.first().str());
  llvm::sort(words);
  return llvm::sys::getHostCPUName().str() + " " + llvm::join(words, ",");
}

MeasuredMachine dorefa::describeMachine(const TargetDescription &target) {
  MeasuredMachine machine;
  machine.compiler = (getCompilerVersion() + " " + getBuildId()).str();
  machine.cpu = describeHost();
  machine.target = describeTarget(target);
  return machine;
}

double dorefa::readClock(StringRef path, const TargetDescription &target) {
  Expected<TimesFile> file = TimesFile::read(path);
  if (!file) {
    llvm::consumeError(file.takeError());
    return 0;
  }
  auto section = file->sections.find(describeMachine(target).getSection());
  return section == file->sections.end() ? 0 : section->second.machine.clock;
}

Expected<TimesStore> TimesStore::open(StringRef path) {
  TimesStore store(path);
  if (!llvm::sys::fs::exists(path))
    return store;
  if (Error error = TimesFile::read(path).moveInto(store.file))
    return std::move(error);
  return store;
}

bool TimesStore::hasFile() const { return llvm::sys::fs::exists(path); }

MeasuredTimes &TimesStore::getTimes(const MeasuredMachine &machine) {
  auto [entry, isNew] = file.sections.try_emplace(machine.getSection());
  if (isNew)
    entry->second.machine = machine;
  return entry->second.times;
}

void TimesStore::forgetNetwork(const MeasuredMachine &machine,
                               StringRef network) {
  getTimes(machine).networks.erase(network.str());
  forgotten.insert(network);
}

/// Adds what another compilation has written to the file.
static void addOthers(TimesFile &file, TimesFile others,
                      const llvm::StringSet<> &forgotten) {
  for (auto &[name, section] : others.sections) {
    for (const auto &network : forgotten)
      section.times.networks.erase(network.getKey().str());
    MeasuredSection &own =
        file.sections.try_emplace(name, section).first->second;
    for (auto &[layer, schedules] : section.times.layers)
      own.times.layers[layer].insert(schedules.begin(), schedules.end());
    own.times.networks.insert(section.times.networks.begin(),
                              section.times.networks.end());
  }
}

/// Drops older builds' times of `machine`.
static void dropOlder(TimesFile &file, const MeasuredMachine &machine) {
  for (auto it = file.sections.begin(); it != file.sections.end();) {
    const MeasuredMachine &other = it->second.machine;
    bool isOld = other.cpu == machine.cpu && other.target == machine.target &&
                 other.compiler != machine.compiler;
    it = isOld ? file.sections.erase(it) : std::next(it);
  }
}

Error TimesStore::save(const MeasuredMachine &machine) {
  Expected<TimesFile> others = TimesFile::read(path);
  if (others)
    addOthers(file, std::move(*others), forgotten);
  else
    llvm::consumeError(others.takeError());
  dropOlder(file, machine);
  file.sections[machine.getSection()].machine.clock = machine.clock;
  // A folder that the user names is there, as for every other output.
  if (path == getDefaultTimesPath()) {
    StringRef folder = llvm::sys::path::parent_path(path);
    if (std::error_code code = llvm::sys::fs::create_directories(folder))
      return llvm::createStringError(code, "cannot create '" + folder +
                                               "': " + code.message());
  }
  Expected<OutputFile> output = OutputFile::create(path);
  if (!output)
    return output.takeError();
  if (Error error = output->write(file.getText()))
    return error;
  return output->commit();
}
