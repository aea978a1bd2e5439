//===- GroupSteps.cpp - steps for several images at once ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights that stay in the first-level cache from one image to the next are not
// worth it, nor are those of a layer in the midst of large tensors: these would
// be written to memory and read again for each image instead of the weights.
//
//===----------------------------------------------------------------------===//

#include "GroupSteps.h"
#include "dorefa/Conversion/DorefaToLoops/LayerToLoops.h"
#include "dorefa/Engine/CostTable.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// With so many images a group reads less than 2 % of the weights that they
/// would read one by one.
static constexpr int64_t mostImages = 64;

namespace {
/// When the tensors that steps compute for an image are alive.
class ImageTensors {
public:
  explicit ImageTensors(ArrayRef<Step> steps) {
    for (auto [index, step] : llvm::enumerate(steps)) {
      int64_t now = index;
      if (step.isPrepare)
        continue;
      for (Value result : step.root->getResults())
        lifetimes[result] = {getBufferBytes(getTensorType(result)), now, now};
      for (Value input : step.inputs)
        if (auto found = lifetimes.find(getStorage(input));
            found != lifetimes.end())
          found->second.last = now;
    }
  }

  bool isOfImage(Value tensor) const {
    Value storage = getStorage(tensor);
    return isa<BlockArgument>(storage) || lifetimes.contains(storage);
  }

  /// Bytes of the tensors that are alive at a step.
  int64_t getLiveBytes(int64_t step) const {
    int64_t bytes = 0;
    for (const auto &[tensor, lifetime] : lifetimes)
      if (lifetime.overlaps({0, step, step}))
        bytes += lifetime.bytes;
    return bytes;
  }

private:
  llvm::DenseMap<Value, Lifetime> lifetimes;
};
} // namespace

static int64_t getWeightBytes(LayerOp layer) {
  int64_t bytes = 0;
  for (Value weight : layer.getWeights())
    bytes += getBufferBytes(getTensorType(weight));
  return bytes;
}

void loops::groupSteps(MutableArrayRef<Step> steps,
                       const TargetFeatures &target, bool all) {
  ImageTensors tensors(steps);
  auto canBeGrouped = [&](const Step &step) {
    auto layer = dyn_cast<LayerOp>(step.root);
    auto isOfImage = [&](Value tensor) { return tensors.isOfImage(tensor); };
    return layer && !step.isPrepare && isForManyImages(layer) &&
           llvm::none_of(layer.getWeights(), isOfImage) &&
           llvm::none_of(layer.getParameters(), isOfImage) &&
           llvm::any_of(layer.getInputs(), isOfImage);
  };
  const CostTable &table = CostTable::get(target);
  int64_t segment = 0;
  bool wasGrouped = false;
  for (auto [index, step] : llvm::enumerate(steps)) {
    if (step.isPrepare)
      continue;
    if (canBeGrouped(step)) {
      int64_t weights = getWeightBytes(cast<LayerOp>(step.root));
      step.isGrouped = all || (weights > table.nearWeightBytes &&
                               weights > tensors.getLiveBytes(index));
    }
    if (step.isGrouped) {
      auto layer = cast<LayerOp>(step.root);
      step.scratchBytes =
          getLayerScratchBytes(layer, target, /*forImages=*/true);
      step.ringBytes = getLayerRingBytes(layer, target);
    }
    if (step.isGrouped || wasGrouped)
      ++segment;
    step.segment = segment;
    wasGrouped = step.isGrouped;
  }
}

llvm::DenseSet<Value> loops::findGroupTensors(ArrayRef<Step> steps) {
  llvm::DenseMap<Value, int64_t> segments;
  llvm::DenseSet<Value> tensors;
  for (const Step &step : steps) {
    if (step.isPrepare)
      continue;
    for (Value result : step.root->getResults()) {
      segments[result] = step.segment;
      if (step.isGrouped)
        tensors.insert(result);
    }
    for (Value input : step.inputs) {
      Value storage = getStorage(input);
      auto found = segments.find(storage);
      if (found != segments.end() && found->second != step.segment)
        tensors.insert(storage);
    }
  }
  return tensors;
}

int64_t loops::chooseGroupImages(ArrayRef<Step> steps, int64_t imageBytes,
                                 const TargetFeatures &target) {
  int64_t tile = 0;
  for (const Step &step : steps)
    if (step.isGrouped)
      tile = std::max(
          tile, cast<LayerOp>(step.root).getScheduleAttr().getPixels());
  if (tile == 0)
    return 1;
  // What the images of a group keep should stay in the second-level cache, but a
  // tile is filled in any case.
  int64_t near = CostTable::get(target).wholeRingBytes /
                 std::max<int64_t>(imageBytes, 1);
  return std::max<int64_t>({std::min(near, mostImages), tile, 2});
}
