//===- CostTable.h - measured rates of a family of CPUs ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What register tiles do in a cycle, measured. There is a data file for each
// family of CPUs (lib/Engine/Costs/*.json, linked into the compiler), which
// says where its figures come from. A CPU without a file of its own gets that of
// the family with the most of its instructions.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_ENGINE_COSTTABLE_H
#define DOREFA_ENGINE_COSTTABLE_H

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Target/CPU/TargetFeatures.h"
#include <map>

namespace mlir::dorefa {

/// A register tile of an engine and how fast it is.
struct TileRate {
  EngineKind engine;
  /// Widths of codes that the rate is of (Engine::getRatedWidths); 0 for any.
  int64_t weightBits = 0, inputBits = 0;
  int64_t vectors = 1, pixels = 1;
  /// Multiply-adds in a cycle, of codes of the given widths. For any width of
  /// weights: of one plane (`quad`, `lookup`); for any of both: of one-bit
  /// products (`planes`). With `winograd` only products that are left count.
  double rate = 0;
};

struct CostTable {
  /// The family's name, LLVM's names of its CPUs, and the instructions
  /// (x86-vbmi, x86-vnni, ...) for which it stands if no other has the CPU.
  std::string family;
  SmallVector<std::string> cpus, levels;
  std::string origin;
  /// Bytes of a block's weights that tiles find in the first-level cache; more
  /// come from the second, in no less than `lineCycles` for each 64 bytes.
  int64_t nearWeightBytes = 0;
  double lineCycles = 0;
  /// By engine, bytes of a block's weights of which a part is better used for a
  /// whole row of tiles than all for each.
  std::map<EngineKind, int64_t> passWeightBytes;
  /// Cycles in which 16 codes get their tables (`quad`, `lookup`), and cycles
  /// that a tile costs beside its steps.
  double ringChunkCycles = 0, tileCycles = 0;
  /// Cycles in which 16 channels of a patch are transformed, and 16 channels of the
  /// sums of a square (`winograd`).
  double patchChunkCycles = 0, squareCycles = 0;
  /// Sums that hide the latency of an addition; fewer take the same time.
  int64_t latencySums = 1;
  /// Multiply-adds in a cycle of plain loops (`direct`), and of those over the
  /// window alone: sums and depthwise products, in 16 bits. Wider sums take twice
  /// as long.
  double directRate = 1, directChannelwiseRate = 1;
  /// An image of so many bytes in an engine's form stays in the second-level
  /// cache, beside a block's weights.
  int64_t wholeRingBytes = 0;
  /// The same of transformed patches, which `winograd` reads.
  int64_t wholePatchBytes = 0;
  /// Where weights are read once, by one pixel: how far ahead they are asked for,
  /// so that the latency of memory is hidden, and cycles in which memory has 64
  /// bytes of them.
  int64_t streamBytesAhead = 0;
  double streamLineCycles = 0;
  SmallVector<TileRate, 0> tiles;

  /// The table for a target.
  static const CostTable &get(const TargetFeatures &target);
  /// All tables, in rising order of their instructions.
  static ArrayRef<CostTable> getAll();
};

} // namespace mlir::dorefa

#endif // DOREFA_ENGINE_COSTTABLE_H
