//===- TimesStore.h - where measured times are kept ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The file of `--tune`. It is read once, and written whenever something was
// measured; times that another compilation has written meanwhile are kept.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_TIMESSTORE_H
#define DOREFA_LIB_DRIVER_TIMESSTORE_H

#include "dorefa/Target/CPU/MeasuredTimes.h"
#include "dorefa/Target/CPU/TargetMachine.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::dorefa {

/// `dorefa/tune-<cpu>.json` in the user's folder for caches; empty if there is
/// no such folder.
std::string getDefaultTimesPath();

/// This compiler and this machine, with code for `target`.
MeasuredMachine describeMachine(const TargetDescription &target);

/// Cycles in a nanosecond as in a file of times, 0 if it has none for this
/// compiler, this machine and `target`.
double readClock(StringRef path, const TargetDescription &target);

class TimesStore {
public:
  /// What is in the file, nothing if there is none; an error if it is a file of
  /// another kind.
  static llvm::Expected<TimesStore> open(StringRef path);
  /// An empty one, whose file is to be replaced.
  static TimesStore create(StringRef path) { return TimesStore(path); }

  bool hasFile() const;
  MeasuredTimes &getTimes(const MeasuredMachine &machine);
  /// Drops a network's times, from the file too when it is saved.
  void forgetNetwork(const MeasuredMachine &machine, StringRef network);
  llvm::Error save(const MeasuredMachine &machine);

private:
  explicit TimesStore(StringRef path) : path(path) {}

  std::string path;
  TimesFile file;
  /// Networks whose times in the file are not those of now.
  llvm::StringSet<> forgotten;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_TIMESSTORE_H
