//===- ReportJson.cpp - The report for programs ---------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Names are part of the format: programs read them, also from compiled files.
// Widths, tiles, times and reasons that a layer does not have are left out, and
// so is that operands are real, where they are codes; `engine` is null without
// a product. What is of one variant stands in `variants`, in the order of the
// file; `file` counts what variants share once.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::dorefa;
namespace json = llvm::json;

/// Names in a file need not be UTF-8; JSON's must be.
static json::Value getText(StringRef text) {
  return json::isUTF8(text) ? json::Value(text.str())
                            : json::Value(json::fixUTF8(text));
}

static json::Value getShape(ArrayRef<int64_t> shape) {
  return json::Array(shape);
}

static json::Object getLayer(const LayerReport &layer) {
  json::Object object{{"name", getText(layer.name)},
                      {"kind", layer.kind},
                      {"input_shape", getShape(layer.inputShape)},
                      {"output_shape", getShape(layer.outputShape)},
                      {"engine", layer.engine.empty()
                                     ? json::Value(nullptr)
                                     : json::Value(layer.engine)},
                      {"macs", layer.macs},
                      {"bit_operations", layer.bitOperations},
                      {"weight_bytes", layer.weightBytes},
                      {"packed_weight_bytes", layer.packedWeightBytes},
                      {"epilogue", layer.epilogue}};
  if (layer.weightBits)
    object["weight_bits"] = layer.weightBits;
  if (layer.activationBits)
    object["activation_bits"] = layer.activationBits;
  if (layer.hasRealWeights)
    object["real_weights"] = true;
  if (layer.hasRealActivations)
    object["real_activations"] = true;
  if (layer.tileVectors)
    object["tile"] = json::Array{layer.tileVectors, layer.tilePixels};
  if (layer.tilePasses > 1)
    object["passes"] = layer.tilePasses;
  if (layer.predictedCycles)
    object["predicted_cycles"] = layer.predictedCycles;
  if (layer.measuredTime != 0)
    object["measured_ns"] = layer.measuredTime;
  if (!layer.floatReason.empty())
    object["float_reason"] = getText(layer.floatReason);
  return object;
}

static json::Object getVariant(const VariantReport &variant) {
  json::Array layers;
  int64_t macs = 0, bitOperations = 0;
  for (const LayerReport &layer : variant.layers) {
    layers.push_back(getLayer(layer));
    macs += layer.macs;
    bitOperations += layer.bitOperations;
  }
  const ConstantBytes &constants = variant.constants;
  json::Object object{
      {"name", variant.name},
      {"target", variant.target},
      {"layers", std::move(layers)},
      {"macs", macs},
      {"bit_operations", bitOperations},
      {"weight_bytes", constants.codes},
      {"parameter_bytes", constants.reals + constants.integers},
      {"float_parameter_bytes", constants.reals},
      {"model_memory_bytes", variant.modelMemoryBytes},
      {"arena_bytes", variant.arenaBytes},
      {"live_bytes", variant.liveBytes}};
  if (variant.clock != 0) {
    json::Array names;
    for (const LayerReport &layer : variant.layers)
      if (variant.isMispredicted(layer))
        names.push_back(getText(layer.name));
    object["cycles_per_ns"] = variant.clock;
    object["mispredicted_layers"] = std::move(names);
  }
  if (variant.codeBytes)
    object["code_bytes"] = variant.codeBytes;
  return object;
}

void CompileReport::printJson(raw_ostream &os, unsigned indent) const {
  json::Array entries;
  for (const VariantReport &variant : variants)
    entries.push_back(getVariant(variant));
  json::Object report{{"model", getText(model)},
                      {"compiler", compiler},
                      {"variants", std::move(entries)}};
  if (fileBytes)
    report["file"] = json::Object{{"bytes", fileBytes},
                                  {"weight_bytes", constants.codes},
                                  {"parameter_bytes", getParameterBytes()},
                                  {"code_bytes", getCodeBytes()},
                                  {"other_bytes", getOtherBytes()}};
  json::OStream(os, indent).value(std::move(report));
}
