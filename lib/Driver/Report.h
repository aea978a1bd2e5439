//===- Report.h - What became of each layer, and of each byte ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The report is read off the IR: the layers at the packed level, sizes of
// memory from the attributes that planning leaves on the module.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_DRIVER_REPORT_H
#define DOREFA_LIB_DRIVER_REPORT_H

#include "dorefa/Target/CPU/Emit.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace mlir::dorefa {

struct LayerReport {
  /// Of the ONNX node.
  std::string name;
  /// `conv`, `dense`, `average_pool`, `elementwise`, or an op's name.
  std::string kind;
  SmallVector<int64_t> inputShape, outputShape;
  /// 0 where there are none; 32 for reals, and for the widest codes.
  unsigned weightBits = 0, activationBits = 0;
  bool hasRealWeights = false, hasRealActivations = false;
  /// Of the product; `f32` where an operand is real; empty without a product.
  std::string engine;
  /// Vectors of output channels by output pixels, in so many passes.
  int64_t tileVectors = 0, tilePixels = 0, tilePasses = 1;
  int64_t macs = 0;
  /// Multiply-adds of single bits: macs x weight bits x activation bits.
  int64_t bitOperations = 0;
  /// As stored in the file, and as packed into model memory.
  int64_t weightBytes = 0, packedWeightBytes = 0;
  /// `thresholds`, `integer`, `float`, or empty.
  std::string epilogue;
  /// Of one image: by the cost table, and with `--tune` in nanoseconds on this
  /// machine. 0 where it is not known.
  int64_t predictedCycles = 0;
  double measuredTime = 0;
  /// Why the product is one of reals.
  std::string floatReason;
};

/// One variant of the network.
struct VariantReport {
  std::string name, target;
  std::vector<LayerReport> layers;
  /// Those that this variant reads, others too.
  ConstantBytes constants;
  int64_t modelMemoryBytes = 0, arenaBytes = 0, liveBytes = 0;
  /// Machine code; 0 where there is no file.
  int64_t codeBytes = 0;
  /// Cycles in a nanosecond of the machine where layers were measured, or 0.
  double clock = 0;

  explicit VariantReport(const VariantTarget &target);
  /// Reads the packed level.
  void readLayers(ModuleOp module, const TargetDescription &target);
  /// Predicted nanoseconds, if layers were measured.
  double getPredictedTime(const LayerReport &layer) const {
    return layer.predictedCycles / clock;
  }
  /// Whether a layer's time is known, and the prediction off by more than a
  /// quarter.
  bool isMispredicted(const LayerReport &layer) const;
  /// Reads the module's attributes at the LLVM level.
  void readSizes(ModuleOp module);
};

struct CompileReport {
  std::string model, compiler;
  std::vector<VariantReport> variants;
  /// Constants that the file holds: codes at their width; reals; thresholds and
  /// corrections.
  ConstantBytes constants;
  /// 0 where there is no file.
  int64_t fileBytes = 0;

  /// Numbers with more digits than those of any file, where the file says how
  /// large it is itself.
  void reserveSizes();

  int64_t getParameterBytes() const {
    return constants.reals + constants.integers;
  }
  int64_t getCodeBytes() const;
  /// Tables, names and the report.
  int64_t getOtherBytes() const {
    return fileBytes - constants.codes - getParameterBytes() - getCodeBytes();
  }

  void printText(raw_ostream &os) const;
  /// In one line without an indent.
  void printJson(raw_ostream &os, unsigned indent = 0) const;
};

} // namespace mlir::dorefa

#endif // DOREFA_LIB_DRIVER_REPORT_H
