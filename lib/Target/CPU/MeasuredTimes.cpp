//===- MeasuredTimes.cpp - times of layers on a machine ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The file comes from a user's disk, so all of it is checked; numbers that are
// no times would make any schedule the fastest.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/MeasuredTimes.h"
#include "dorefa/Target/CPU/Refusal.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/xxhash.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;
namespace json = llvm::json;

/// The first member of every such file.
static constexpr StringLiteral formatName = "measured times of layers, 1";

static std::string getHash(StringRef text) {
  return llvm::utohexstr(llvm::xxh3_64bits(text), /*LowerCase=*/true,
                         /*Width=*/16);
}

std::string dorefa::getScheduleText(ScheduleAttr schedule) {
  std::string text = stringifyEnum(schedule.getEngine()).str() + " " +
                     std::to_string(schedule.getVectors()) + "x" +
                     std::to_string(schedule.getPixels());
  if (schedule.getPasses() > 1)
    text += "x" + std::to_string(schedule.getPasses());
  return text;
}

std::string dorefa::getNetworkKey(ArrayRef<std::string> layers,
                                  StringRef engine, StringRef tile) {
  return getHash(llvm::join(layers, "\n") + "\n" + engine.str() + "\n" +
                 tile.str());
}

std::string MeasuredMachine::getSection() const {
  return getHash(compiler + "\n" + cpu + "\n" + target);
}

std::optional<double> MeasuredTimes::find(StringRef layer,
                                          ScheduleAttr schedule) const {
  auto entry = layers.find(layer.str());
  if (entry == layers.end())
    return std::nullopt;
  auto time = entry->second.find(getScheduleText(schedule));
  if (time == entry->second.end())
    return std::nullopt;
  return time->second;
}

bool MeasuredTimes::isPredictionBetter(StringRef network) const {
  auto entry = networks.find(network.str());
  return entry != networks.end() &&
         entry->second.predicted <= entry->second.tuned;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static bool checkTime(double time, json::Path path) {
  bool isTime = std::isfinite(time) && time > 0;
  if (!isTime)
    path.report("expected a positive number");
  return isTime;
}

namespace mlir::dorefa {
static bool fromJSON(const json::Value &value, NetworkTimes &times,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("predicted", times.predicted) &&
         mapper.map("tuned", times.tuned) &&
         checkTime(times.predicted, path.field("predicted")) &&
         checkTime(times.tuned, path.field("tuned"));
}

static bool fromJSON(const json::Value &value, MeasuredSection &section,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  MeasuredMachine &machine = section.machine;
  MeasuredTimes &times = section.times;
  if (!mapper || !mapper.map("compiler", machine.compiler) ||
      !mapper.map("cpu", machine.cpu) ||
      !mapper.map("target", machine.target) ||
      !mapper.map("clock", machine.clock) ||
      !mapper.map("layers", times.layers) ||
      !mapper.map("networks", times.networks) ||
      !checkTime(machine.clock, path.field("clock")))
    return false;
  for (const auto &[layer, schedules] : times.layers)
    for (const auto &[schedule, time] : schedules)
      if (!checkTime(time, path.field("layers").field(layer).field(schedule)))
        return false;
  return true;
}

static bool fromJSON(const json::Value &value, TimesFile &file,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  std::string format;
  if (!mapper || !mapper.map("format", format))
    return false;
  if (format != formatName) {
    path.field("format").report("expected another format");
    return false;
  }
  return mapper.map("sections", file.sections);
}
} // namespace mlir::dorefa

/// Whether more brackets are open at once than in any file of times: the parser
/// takes a part of the stack for each.
static bool isTooDeep(StringRef text) {
  constexpr int most = 16;
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size() && depth <= most; ++i) {
    if (inString && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      inString = !inString;
    else if (!inString && (text[i] == '[' || text[i] == '{'))
      ++depth;
    else if (!inString && (text[i] == ']' || text[i] == '}'))
      --depth;
  }
  return depth > most;
}

llvm::Expected<TimesFile> TimesFile::read(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read '" + path +
                                       "': " + buffer.getError().message());
  StringRef text = (*buffer)->getBuffer();
  if (isTooDeep(text))
    return refuse("'" + path + "' holds no measured times: it is nested too "
                  "deeply");
  llvm::Expected<TimesFile> file = json::parse<TimesFile>(text, "the file");
  if (!file)
    return refuse("'" + path + "' holds no measured times: " +
                  llvm::toString(file.takeError()));
  return file;
}

/// Times with as many digits as mean something.
static double roundTime(double time) {
  return time < 100 ? std::max(0.1, std::round(10 * time) / 10)
                    : std::round(time);
}

std::string TimesFile::getText() const {
  json::Object entries;
  for (const auto &[name, section] : sections) {
    json::Object layers, networks;
    for (const auto &[layer, schedules] : section.times.layers) {
      json::Object tried;
      for (const auto &[schedule, time] : schedules)
        tried[schedule] = roundTime(time);
      layers[layer] = std::move(tried);
    }
    for (const auto &[network, times] : section.times.networks)
      networks[network] =
          json::Object{{"predicted", roundTime(times.predicted)},
                       {"tuned", roundTime(times.tuned)}};
    entries[name] = json::Object{{"compiler", section.machine.compiler},
                                 {"cpu", section.machine.cpu},
                                 {"target", section.machine.target},
                                 {"clock", section.machine.clock},
                                 {"layers", std::move(layers)},
                                 {"networks", std::move(networks)}};
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  json::OStream(stream, /*IndentSize=*/1)
      .value(json::Object{{"format", formatName},
                          {"sections", std::move(entries)}});
  return text + "\n";
}
