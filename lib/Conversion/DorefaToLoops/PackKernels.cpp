//===- PackKernels.cpp - transformed kernels ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What lies at a place of one plane belongs to what lies at the same place of the
// others, so kernels are transformed vector by vector, in their place. Sums to start
// with come after, from the transformed bytes.
//
//===----------------------------------------------------------------------===//

#include "PackKernels.h"
#include "dorefa/Engine/Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Bytes of a plane that are transformed at a time.
static constexpr int64_t vectorBytes = 32;

namespace {
class KernelPlanes {
public:
  KernelPlanes(KernelBuilder &b, Value buffer, DigitsAttr digits)
      : b(b), buffer(buffer), layout(digits.getWinograd()),
        numberBits(digits.getBits()),
        elements(b.vectorOf(8 * vectorBytes / layout.getBits(),
                            b.getIntegerType(layout.getBits()))) {}

  /// Of a block, which begins at a byte offset.
  void emitTransform(Value block);
  void emitStarts(Value block);

private:
  Value load(Value offset);
  /// The sums of the four bytes of each lane.
  Value addBytes(Value lanes);

  KernelBuilder &b;
  Value buffer;
  WinogradAttr layout;
  int64_t numberBits;
  VectorType elements;
};
} // namespace

Value KernelPlanes::load(Value offset) {
  Value numbers = b.bitcast(b.loadVector(buffer, offset, b.bytes(vectorBytes)),
                            elements);
  if (!layout.getIsSigned())
    return numbers;
  // The top bit of two's complement counts negatively.
  Value top = b.splat(int64_t(1) << (numberBits - 1), elements);
  numbers = arith::XOrIOp::create(b, numbers, top);
  return arith::SubIOp::create(b, numbers, top);
}

void KernelPlanes::emitTransform(Value block) {
  int64_t vectors = (layout.getPlane() - layout.getStart()) / vectorBytes;
  b.loop(vectors, [&](Value vector) {
    Value first =
        b.add(b.add(block, layout.getStart()), b.mul(vector, vectorBytes));
    SmallVector<Value> kernel;
    for (int64_t row = 0; row < winograd::kernel; ++row)
      for (int64_t column = 0; column < winograd::kernel; ++column)
        kernel.push_back(load(b.add(
            first, (row * winograd::patch + column) * layout.getPlane())));
    winograd::emitKernelTransform(
        b, kernel, [&](int64_t position, Value transformed) {
          b.storeVector(transformed, buffer,
                        b.add(first, position * layout.getPlane()));
        });
  });
}

Value KernelPlanes::addBytes(Value lanes) {
  auto type = cast<VectorType>(lanes.getType());
  Value sum = b.splat(int64_t(0), type);
  for (int64_t i = 0; i < 4; ++i) {
    Value shifted =
        arith::ShLIOp::create(b, lanes, b.splat(int64_t(24 - 8 * i), type));
    sum = arith::AddIOp::create(
        b, sum,
        arith::ShRSIOp::create(b, shifted, b.splat(int64_t(24), type)));
  }
  return sum;
}

void KernelPlanes::emitStarts(Value block) {
  VectorType lanes = b.words(vectorBytes / 4);
  int64_t start = layout.getStart();
  for (int64_t position = 0; position < winograd::positions; ++position) {
    if (position == winograd::positivePosition)
      continue;
    Value plane = b.add(block, position * layout.getPlane());
    b.loop(start / vectorBytes, [&](Value vector) {
      Value at = b.add(plane, b.mul(vector, vectorBytes));
      Value zero = b.splat(int64_t(0), lanes);
      Value sum = b.loop(
          layout.getPlane() / start - 1, {zero},
          [&](Value chunk, ValueRange before) -> SmallVector<Value> {
            Value bytes =
                b.loadVector(buffer, b.add(at, b.add(b.mul(chunk, start), start)),
                             lanes);
            return {arith::AddIOp::create(b, before[0], addBytes(bytes))};
          })[0];
      b.storeVector(arith::MulIOp::create(b, sum,
                                          b.splat(-layout.getOffset(), lanes)),
                    buffer, at);
    });
  }
}

void loops::emitKernels(ImplicitLocOpBuilder &builder, Value buffer,
                        DigitsAttr digits) {
  WinogradAttr layout = digits.getWinograd();
  if (!layout)
    return;
  KernelBuilder b(builder.getLoc(), builder);
  KernelPlanes planes(b, buffer, digits);
  int64_t blockBytes = winograd::positions * layout.getPlane();
  b.loop(digits.getBytes() / blockBytes, [&](Value index) {
    Value block = b.mul(index, blockBytes);
    planes.emitTransform(block);
    if (layout.getStart() > 0)
      planes.emitStarts(block);
  });
}
