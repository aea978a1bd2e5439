//===- CostTable.cpp - measured rates of a family of CPUs ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The files are read when a table is first asked for. They are ours, and a unit
// test reads them all, so what is wrong with one is a failed assertion.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/CostTable.h"
#include "dorefa/Support/Assert.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::dorefa;
namespace json = llvm::json;

/// The texts of Costs/*.json.
static constexpr const char *files[] = {
#include "EmbeddedCosts.inc"
};

namespace mlir::dorefa {
static bool fromJSON(const json::Value &value, EngineKind &engine,
                     json::Path path) {
  std::optional<StringRef> name = value.getAsString();
  std::optional<EngineKind> kind =
      name ? symbolizeEngineKind(*name) : std::nullopt;
  if (!kind) {
    path.report("expected an engine");
    return false;
  }
  engine = *kind;
  return true;
}

static bool fromJSON(const json::Value &value, TileRate &tile,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("engine", tile.engine) &&
         mapper.mapOptional("weights", tile.weightBits) &&
         mapper.mapOptional("inputs", tile.inputBits) &&
         mapper.map("vectors", tile.vectors) &&
         mapper.map("pixels", tile.pixels) && mapper.map("rate", tile.rate);
}

static bool fromJSON(const json::Value &value, CostTable &table,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  std::vector<std::string> cpus, levels;
  std::vector<TileRate> tiles;
  std::map<std::string, int64_t> passes;
  bool valid = mapper && mapper.map("family", table.family) &&
               mapper.map("cpus", cpus) && mapper.map("levels", levels) &&
               mapper.map("origin", table.origin) &&
               mapper.map("near_weight_bytes", table.nearWeightBytes) &&
               mapper.map("line_cycles", table.lineCycles) &&
               mapper.map("pass_weight_bytes", passes) &&
               mapper.map("ring_chunk_cycles", table.ringChunkCycles) &&
               mapper.map("tile_cycles", table.tileCycles) &&
               mapper.mapOptional("patch_chunk_cycles", table.patchChunkCycles) &&
               mapper.mapOptional("square_cycles", table.squareCycles) &&
               mapper.mapOptional("whole_patch_bytes", table.wholePatchBytes) &&
               mapper.map("latency_sums", table.latencySums) &&
               mapper.map("direct_rate", table.directRate) &&
               mapper.map("direct_channelwise_rate",
                          table.directChannelwiseRate) &&
               mapper.map("whole_ring_bytes", table.wholeRingBytes) &&
               mapper.map("stream_bytes_ahead", table.streamBytesAhead) &&
               mapper.map("stream_line_cycles", table.streamLineCycles) &&
               mapper.map("tiles", tiles);
  table.cpus.assign(cpus.begin(), cpus.end());
  table.levels.assign(levels.begin(), levels.end());
  table.tiles.assign(tiles.begin(), tiles.end());
  for (const auto &[name, bytes] : passes) {
    std::optional<EngineKind> engine = symbolizeEngineKind(name);
    if (engine)
      table.passWeightBytes[*engine] = bytes;
    valid &= engine.has_value();
  }
  return valid;
}
} // namespace mlir::dorefa

ArrayRef<CostTable> CostTable::getAll() {
  static const SmallVector<CostTable, 0> tables = [] {
    SmallVector<CostTable, 0> read;
    for (const char *text : files) {
      llvm::Expected<CostTable> table = json::parse<CostTable>(text);
      DOREFA_ASSERT(bool(table), "a cost table is valid");
      read.push_back(std::move(*table));
    }
    return read;
  }();
  return tables;
}

/// The names of instructions that tables are chosen by, the best first.
static SmallVector<StringRef, 4> getLevels(const TargetFeatures &target) {
  SmallVector<StringRef, 4> levels;
  auto add = [&](StringRef level, bool isThere) {
    if (isThere)
      levels.push_back(level);
  };
  using Dot4 = TargetFeatures::Dot4;
  using Shuffle = TargetFeatures::Shuffle;
  add("x86-vbmi", target.permuteBytes);
  add("x86-vnni", target.ternaryLogic && target.dot4 == Dot4::VNNI);
  add("x86-avx512", target.ternaryLogic);
  add("x86-avxvnni", !target.ternaryLogic && target.dot4 == Dot4::VNNI);
  add("x86-avx2", target.shuffle == Shuffle::PShufB);
  add("aarch64-i8mm", target.multiplyMatrices);
  add("aarch64-dotprod", target.dot4 == Dot4::UDot);
  add("aarch64", target.shuffle == Shuffle::Tbl);
  add("riscv64-zvbb", target.isVectorRISCV && target.popcountWords);
  add("riscv64-v", target.isVectorRISCV);
  levels.push_back("generic");
  return levels;
}

const CostTable &CostTable::get(const TargetFeatures &target) {
  ArrayRef<CostTable> tables = getAll();
  SmallVector<StringRef, 4> levels = getLevels(target);
  // The CPU's own, unless a hypervisor hides the instructions that it is of.
  for (const CostTable &table : tables)
    if (llvm::is_contained(table.cpus, target.cpu) &&
        llvm::any_of(table.levels, [&](StringRef level) {
          return llvm::is_contained(levels, level);
        }))
      return table;
  for (StringRef level : levels)
    for (const CostTable &table : tables)
      if (llvm::is_contained(table.levels, level))
        return table;
  llvm_unreachable("one table is generic");
}
