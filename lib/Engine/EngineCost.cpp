//===- EngineCost.cpp - predicted time of products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Rates are measured for a few classes of CPUs, and a product's time is its
// multiply-adds, with the padding of channels, over the rate. Tiles are tried
// out, all that fit into the registers: a tile costs its steps and its loads,
// where a vector of weights is shared by the tile's pixels and a pixel's codes
// by its vectors.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Engine/EngineCost.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Rates of one class of CPUs: multiply-adds a cycle, for the tiles that
/// `chooseTile` picks. Planes: of one-bit products.
namespace {
struct Rates {
  double lookup, planes, bytes, fma;
};
} // namespace

static Rates getRates(const TargetFeatures &target) {
  using Dot4 = TargetFeatures::Dot4;
  // Measured on GEMMs of convolution shapes: Zen 5 with VPOPCNTDQ, Cascade
  // Lake without; 256-bit rows on both with AVX2 code, the lower figure.
  // AArch64: counted in instructions, not measured.
  if (target.vectorBytes == 64) {
    double bytes = target.dot4 == Dot4::VNNI ? 120 : 60;
    return target.popcountWords ? Rates{310, 640, bytes, 30}
                                : Rates{200, 90, bytes, 29};
  }
  if (target.vectorBytes == 32)
    return {112, 60, target.dot4 == Dot4::VNNI ? 60.0 : 25.0, 14};
  double bytes = target.dot4 == Dot4::UDot ? 30 : 4;
  return {target.shuffle == TargetFeatures::Shuffle::None ? 0.0 : 40.0,
          target.popcountBytes ? 40.0 : 10.0, bytes, 7};
}

double mlir::dorefa::getMultiplyAddsPerCycle(EngineKind engine,
                                             const ProductShape &shape,
                                             const TargetFeatures &target) {
  Rates rates = getRates(target);
  switch (engine) {
  case EngineKind::Lookup:
    return rates.lookup;
  case EngineKind::Planes:
    return rates.planes /
           (shape.inputCode.getBits() * shape.weightCode.getBits());
  case EngineKind::Bytes: {
    // Pair sums of vpmaddubsw must fit 16 bits; else lanes are taken apart.
    int64_t most = 2 * ((int64_t(1) << shape.inputCode.getBits()) - 1) *
                   ((int64_t(1) << shape.weightCode.getBits()) - 1);
    if (target.dot4 == TargetFeatures::Dot4::MaddUBS && most > 32767)
      return rates.bytes / 4;
    return rates.bytes;
  }
  case EngineKind::Fma:
    return rates.fma;
  case EngineKind::Direct:
    return shape.kind == ProductKind::Sum || shape.isDepthwise() ? 8 : 0.3;
  }
  llvm_unreachable("covered switch");
}

double mlir::dorefa::getPredictedCycles(EngineKind kind,
                                        const ProductShape &shape,
                                        const TargetFeatures &target) {
  double rate = getMultiplyAddsPerCycle(kind, shape, target);
  double work = shape.getMultiplyAdds();
  if (std::unique_ptr<Engine> engine = Engine::create(kind, target)) {
    int64_t outputs = llvm::alignTo(shape.getGroupOutputs(),
                                    engine->getVectorChannels());
    work *= double(outputs) / shape.getGroupOutputs() *
            engine->getPaddedInputs(shape) / shape.getGroupInputs();
  }
  return work / rate;
}

/// Sums (vectors x pixels) that stay in registers beside weights and codes.
static int64_t getMaxSums(EngineKind kind, const TargetFeatures &target) {
  bool many = target.numRegisters >= 32;
  // Registers that hold the 16 channels of one sum.
  int64_t registers = std::max<int64_t>(1, 64 / target.vectorBytes);
  switch (kind) {
  case EngineKind::Lookup:
    return many ? 14 : 6;
  case EngineKind::Planes:
    return std::max<int64_t>(1, (many ? 16 : 8) / registers);
  case EngineKind::Bytes:
    return std::max<int64_t>(1, (many ? 28 : 10) / registers);
  case EngineKind::Fma:
    return std::max<int64_t>(1, (many ? 24 : 12) / registers);
  case EngineKind::Direct:
    return 1;
  }
  llvm_unreachable("covered switch");
}

ScheduleAttr mlir::dorefa::chooseTile(MLIRContext *context, EngineKind kind,
                                      const ProductShape &shape, int64_t width,
                                      int64_t poolSize,
                                      const TargetFeatures &target) {
  std::unique_ptr<Engine> engine = Engine::create(kind, target);
  if (!engine)
    return ScheduleAttr::get(context, kind, 1, 1);
  int64_t lanes = engine->getVectorChannels();
  int64_t outputs = shape.getGroupOutputs();
  int64_t most = getMaxSums(kind, target);
  int64_t bestVectors = 1, bestPixels = 1;
  double bestCost = std::numeric_limits<double>::infinity();
  for (int64_t vectors = 1; vectors <= std::min<int64_t>(most, 4); ++vectors) {
    int64_t total = llvm::divideCeil(outputs, lanes);
    if (vectors > total)
      continue;
    int64_t limit = std::max<int64_t>(1, most / vectors / poolSize);
    for (int64_t pixels = 1; pixels <= std::min(limit, width); ++pixels) {
      // Work for whole tiles, and the loads that a tile's sums share: a vector
      // of weights for all pixels, a pixel's codes for all vectors. A load of
      // codes is a load, a broadcast and for tables a second load.
      double tiles = double(llvm::divideCeil(width, pixels)) *
                     llvm::divideCeil(total, vectors);
      int64_t sums = vectors * pixels * poolSize;
      double loads = vectors + 1.0 * pixels * poolSize;
      // Too few sums do not hide the latency of an addition.
      double steps = std::max<double>(sums, 10);
      double cost = tiles * (steps + 0.6 * loads);
      if (cost < bestCost) {
        bestCost = cost;
        bestVectors = vectors;
        bestPixels = pixels;
      }
    }
  }
  return ScheduleAttr::get(context, kind, bestVectors, bestPixels * poolSize);
}
