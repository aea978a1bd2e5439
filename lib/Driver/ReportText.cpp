//===- ReportText.cpp - The report for people -----------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A table with one line a layer and a line of sums, then what runs in float and
// why, then where memory and bytes of the file go.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::dorefa;

using Row = SmallVector<std::string, 13>;

static std::string getShapeText(ArrayRef<int64_t> shape) {
  return llvm::join(llvm::map_range(shape,
                                    [](int64_t extent) {
                                      return std::to_string(extent);
                                    }),
                    "x");
}

/// Large numbers in three or four digits.
static std::string getCountText(int64_t count) {
  if (count == 0)
    return "-";
  for (auto [unit, suffix] : {std::pair(1e9, "G"), std::pair(1e6, "M"),
                              std::pair(1e3, "k")})
    if (count >= unit * 10)
      return llvm::formatv("{0:f1}{1}", count / unit, suffix).str();
  return std::to_string(count);
}

static std::string getWidthText(const LayerReport &layer) {
  auto getText = [](unsigned bits, bool isReal) {
    return bits == 0 ? "-" : isReal ? "f32" : std::to_string(bits);
  };
  if (layer.activationBits == 0)
    return "-";
  return getText(layer.weightBits, layer.hasRealWeights) + "/" +
         getText(layer.activationBits, layer.hasRealActivations);
}

static std::string getEngineText(const LayerReport &layer) {
  if (layer.engine.empty() || layer.tileVectors == 0)
    return layer.engine.empty() ? "-" : layer.engine;
  std::string tile = llvm::formatv("{0} {1}x{2}", layer.engine,
                                   layer.tileVectors, layer.tilePixels)
                         .str();
  return layer.tilePasses > 1 ? tile + "x" + std::to_string(layer.tilePasses)
                              : tile;
}

/// Microseconds.
static std::string getTimeText(double nanoseconds) {
  if (nanoseconds == 0)
    return "-";
  return llvm::formatv("{0:f1} us", nanoseconds / 1000).str();
}

/// Where layers were measured, both times; else the predicted cycles.
static Row getRow(const LayerReport &layer, const VariantReport &variant) {
  Row row = {layer.name.empty() ? "-" : layer.name,
          layer.kind,
          getShapeText(layer.inputShape),
          getShapeText(layer.outputShape),
          getWidthText(layer),
          getEngineText(layer),
          getCountText(layer.macs),
          getCountText(layer.bitOperations),
          getCountText(layer.weightBytes),
          getCountText(layer.packedWeightBytes),
          layer.epilogue.empty() ? "-" : layer.epilogue};
  if (variant.clock == 0)
    row.push_back(getCountText(layer.predictedCycles));
  else
    row.append({getTimeText(variant.getPredictedTime(layer)),
                getTimeText(layer.measuredTime)});
  return row;
}

/// Names those whose time is not as predicted.
static void printMispredicted(raw_ostream &os, const VariantReport &variant) {
  for (const LayerReport &layer : variant.layers)
    if (variant.isMispredicted(layer))
      os << "prediction off by more than a quarter: " << layer.name << ": "
         << getTimeText(variant.getPredictedTime(layer)) << " predicted, "
         << getTimeText(layer.measuredTime) << " measured\n";
}

/// Columns as wide as their widest entry.
static void printTable(raw_ostream &os, ArrayRef<Row> rows) {
  SmallVector<size_t> widths(rows.front().size());
  for (const Row &row : rows)
    for (auto [width, entry] : llvm::zip_equal(widths, row))
      width = std::max(width, entry.size());
  for (const Row &row : rows) {
    std::string line;
    for (auto [width, entry] : llvm::zip_equal(widths, row))
      line += entry + std::string(width - entry.size() + 2, ' ');
    os << StringRef(line).rtrim() << "\n";
  }
}

/// A line for each layer, why some are in float, and sizes.
static void printVariant(raw_ostream &os, const VariantReport &variant) {
  std::vector<Row> rows = {{"layer", "kind", "input", "output", "W/A", "engine",
                            "MACs", "bit ops", "weights", "packed",
                            "epilogue"}};
  if (variant.clock == 0)
    rows.front().push_back("cycles");
  else
    rows.front().append({"predicted", "measured"});
  LayerReport total;
  total.name = "total";
  for (const LayerReport &layer : variant.layers) {
    rows.push_back(getRow(layer, variant));
    total.macs += layer.macs;
    total.bitOperations += layer.bitOperations;
    total.weightBytes += layer.weightBytes;
    total.packedWeightBytes += layer.packedWeightBytes;
    total.predictedCycles += layer.predictedCycles;
    total.measuredTime += layer.measuredTime;
  }
  rows.push_back(getRow(total, variant));
  printTable(os, rows);

  os << "\n";
  for (const LayerReport &layer : variant.layers)
    if (layer.engine == "f32")
      os << "in float: " << layer.name
         << (layer.floatReason.empty() ? "" : ": ") << layer.floatReason
         << "\n";
  printMispredicted(os, variant);
  const ConstantBytes &constants = variant.constants;
  os << "constants: " << constants.codes << " bytes of weights at their width, "
     << constants.reals + constants.integers
     << " bytes of other parameters, of which " << constants.reals
     << " are float\n"
     << "memory: " << variant.modelMemoryBytes << " bytes for the model, "
     << variant.arenaBytes
     << " bytes of workspace for an image, of which at most "
     << variant.liveBytes << " are alive\n";
}

void CompileReport::printText(raw_ostream &os) const {
  for (const VariantReport &variant : variants) {
    // The features would fill the screen.
    os << "network '" << model << "' for "
       << StringRef(variant.target).split(' ').first << " " << variant.name
       << "\n\n";
    printVariant(os, variant);
    if (variants.size() > 1)
      os << "\n";
  }
  if (!fileBytes)
    return;
  os << "file: " << fileBytes << " bytes = " << constants.codes
     << " of weights + " << getParameterBytes() << " of other parameters + "
     << getCodeBytes() << " of code + " << getOtherBytes()
     << " of tables, names and this report\n";
  if (variants.size() > 1)
    for (const VariantReport &variant : variants)
      os << "code of " << variant.name << ": " << variant.codeBytes
         << " bytes\n";
}
