//===- MeasuredTimes.h - times of layers on a machine ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What `--tune` has measured, as a file of JSON. A section holds the times of
// code for one target by one compiler on one machine: of each layer, known by a
// key of all that its time depends on, with the schedules that were tried.
// Names of layers and values of weights are no part of it, so networks share
// times.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_MEASUREDTIMES_H
#define DOREFA_TARGET_CPU_MEASUREDTIMES_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace mlir::dorefa {

/// The kind, types and attributes of a layer and the ops of its epilogue in a
/// few words and a hash; constants count by their types. The same for layers
/// that become the same code.
std::string getLayerKey(LayerOp layer);

/// Of a network, from the keys of its layers in their order, and the engine and
/// tile that a user asks for.
std::string getNetworkKey(ArrayRef<std::string> layers, StringRef engine,
                          StringRef tile);

/// `lookup 1x14`, or `quad 4x2x3` with passes.
std::string getScheduleText(ScheduleAttr schedule);

/// Nanoseconds of one image by the schedules that were predicted best, and by
/// those that were measured best.
struct NetworkTimes {
  double predicted = 0, tuned = 0;
};

struct MeasuredTimes {
  /// Nanoseconds of one image, by layer and schedule.
  std::map<std::string, std::map<std::string, double>> layers;
  std::map<std::string, NetworkTimes> networks;

  std::optional<double> find(StringRef layer, ScheduleAttr schedule) const;
  /// Whether what was measured of single layers did not make the network
  /// faster.
  bool isPredictionBetter(StringRef network) const;
};

/// Whose times those of a section are.
struct MeasuredMachine {
  std::string compiler, cpu, target;
  /// Cycles in a nanosecond.
  double clock = 0;

  /// The name of the section: a hash of the words.
  std::string getSection() const;
};

struct MeasuredSection {
  MeasuredMachine machine;
  MeasuredTimes times;
};

struct TimesFile {
  std::map<std::string, MeasuredSection> sections;

  /// An error if there is no such file, or if it is of another kind.
  static llvm::Expected<TimesFile> read(StringRef path);
  std::string getText() const;
};

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_MEASUREDTIMES_H
