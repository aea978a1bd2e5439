//===- WeightNegation.cpp - weights of the opposite sign ------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// With integers `step*q - zero`, the code of the opposite integer is `mirror -
// q`, where mirror is 2*zero for step 1 and zero for step 2.
//
//===----------------------------------------------------------------------===//

#include "WeightNegation.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace mlir::dorefa;

DenseElementsAttr mlir::dorefa::negateChannels(DenseElementsAttr weights,
                                               AffineAttr affine,
                                               ArrayRef<bool> isNegated) {
  auto type = cast<RankedTensorType>(weights.getType());
  CodeAttr code = getCode(type);
  if (!code || code.getStorageType().getWidth() != 8 ||
      type.getNumElements() == 0)
    return {};
  int64_t channelSize = type.getNumElements() / type.getDimSize(0);
  ArrayRef<char> raw = weights.getRawData();
  std::vector<char> bytes;
  if (weights.isSplat())
    bytes.assign(type.getNumElements(), raw.front());
  else
    bytes.assign(raw.begin(), raw.end());

  for (auto [channel, negated] : llvm::enumerate(isNegated)) {
    if (!negated)
      continue;
    int64_t step = 1, zero = 0;
    if (affine) {
      step = affine.getStep();
      zero = affine.getZero()[affine.getZero().size() == 1 ? 0 : channel];
    }
    // step*q' - zero = -(step*q - zero)
    int64_t mirror = step == 2 ? zero : 2 * zero;
    for (int64_t i = 0; i < channelSize; ++i) {
      char &stored = bytes[channel * channelSize + i];
      int64_t mirrored = mirror - code.decode(APInt(8, stored, false, true));
      if (mirrored < code.getMin() || mirrored > code.getMax())
        return {};
      stored = static_cast<char>(mirrored);
    }
  }
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}
