//===- DirectLayer.cpp - products by plain loops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Depthwise convolutions and sums take a unit of channels at a time, which lie
// next to each other in the input, for a few pixels of a row, which share the
// weights. Everything else that no engine takes (wide codes, groups of few
// channels) goes channel by channel: right on any target, and slow.
//
//   weights, depthwise:  [kernel position][channels, padded to 16]
//   weights, else:       [output channel][input channel][kernel position]
//
//===----------------------------------------------------------------------===//

#include "LayerLoops.h"
#include "dorefa/Engine/DirectLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
/// One product of a layer, with its window as rows and columns.
class DirectProduct {
public:
  DirectProduct(LayerNest &nest, unsigned index)
      : nest(nest), b(nest.b), shape(ProductShape::get(nest.layer, index)),
        input(nest.inputs[index]),
        sumType(nest.layer.getAccumulator(index).getType()) {
    unsigned weight = 0;
    for (unsigned before = 0; before < index; ++before)
      weight += nest.layer.getProduct(before).getKind() == ProductKind::Conv;
    if (shape.kind == ProductKind::Conv)
      weights = nest.buffers.weights[weight];
    weightAffine = nest.layer.getProduct(index).getWeight();
    if (weightAffine && !llvm::all_equal(weightAffine.getZero()))
      zeros = getZeros();
  }

  /// Whether channels do not meet in a sum.
  bool isChannelwise() const {
    return shape.kind == ProductKind::Sum || shape.isDepthwise();
  }
  /// The sums of a unit of channels at each position (row, column).
  SmallVector<Value> emit(Value image,
                          ArrayRef<std::pair<Value, Value>> positions,
                          Value channel);

private:
  int64_t at(ArrayRef<int64_t> values, size_t fromEnd, int64_t absent) const {
    size_t rank = shape.kernel.size();
    return fromEnd <= rank ? values[rank - fromEnd] : absent;
  }
  /// Byte offset of the input pixel under a kernel position.
  Value getInputPixel(Value image, Value y, Value x, Value row, Value column);
  SmallVector<Value>
  emitNeighbours(Value image, ArrayRef<std::pair<Value, Value>> positions,
                 Value channel, int64_t lanes);
  Value loadWeights(Value row, Value column, Value channel, int64_t lanes);
  Value emitChannelByChannel(Value image, Value y, Value x, Value channel);
  Value emitOneChannel(Value image, Value y, Value x, Value channel);
  /// Loops over the kernel's positions in row-major order.
  Value overWindow(Value sum, function_ref<Value(Value, Value, Value)> body);
  Value multiplyAdd(Value code, Value weight, Value sum);
  /// The number that a stored weight stands for.
  /// `channel`: the (first) output channel.
  Value applyAffine(Value weight, Value channel);
  /// The constant zeros of all output channels, padded to 16.
  Value getZeros();
  /// A stored number (unsigned) or a real, in the type of the sums.
  Value widen(Value stored);

  LayerNest &nest;
  KernelBuilder &b;
  ProductShape shape;
  const PackedImage &input;
  Value weights;
  AffineAttr weightAffine;
  Value zeros; ///< if they differ from channel to channel
  Type sumType;
};
} // namespace

Value DirectProduct::getInputPixel(Value image, Value y, Value x, Value row,
                                   Value column) {
  Value inputRow = b.add(b.add(b.mul(y, at(shape.strides, 2, 1)),
                               b.mul(row, at(shape.dilations, 2, 1))),
                         -at(shape.pads, 2, 0));
  Value inputColumn = b.add(b.add(b.mul(x, at(shape.strides, 1, 1)),
                                  b.mul(column, at(shape.dilations, 1, 1))),
                            -at(shape.pads, 1, 0));
  return input.getPixelOffset(b, image, inputRow, inputColumn);
}

Value DirectProduct::overWindow(
    Value sum, function_ref<Value(Value, Value, Value)> body) {
  auto rows = b.loop(at(shape.kernel, 2, 1), sum, [&](Value row,
                                                      ValueRange before) {
    return b.loop(at(shape.kernel, 1, 1), before,
                  [&](Value column, ValueRange state) {
                    return SmallVector<Value>{body(row, column, state[0])};
                  });
  });
  return rows[0];
}

Value DirectProduct::widen(Value stored) {
  Type type = stored.getType();
  Type element = getElementTypeOrSelf(type);
  if (element == sumType)
    return stored;
  auto vector = dyn_cast<VectorType>(type);
  return arith::ExtUIOp::create(b, vector ? vector.clone(sumType) : sumType,
                                stored);
}

Value DirectProduct::getZeros() {
  auto module =
      b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  SmallVector<int32_t> zeros(weightAffine.getZero().begin(),
                             weightAffine.getZero().end());
  int64_t padded = llvm::alignTo(zeros.size(), unitChannels);
  zeros.resize(padded, 0);
  auto type = MemRefType::get({padded}, b.getI32Type());
  auto values = DenseElementsAttr::get(
      RankedTensorType::get({padded}, b.getI32Type()), ArrayRef<int32_t>(zeros));
  std::string name;
  for (int64_t i = 0; name.empty() || module.lookupSymbol(name); ++i)
    name = "dorefa_weight_zeros_" + std::to_string(i);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    memref::GlobalOp::create(b, name, b.getStringAttr("private"), type, values,
                             /*constant=*/true, b.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(b, type, name);
}

Value DirectProduct::applyAffine(Value weight, Value channel) {
  if (!weightAffine || weightAffine.isIdentity())
    return weight;
  Type type = weight.getType();
  auto vector = dyn_cast<VectorType>(type);
  auto constant = [&](int64_t value) -> Value {
    if (vector)
      return b.splat(value, vector);
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
  };
  if (weightAffine.getStep() != 1)
    weight = arith::MulIOp::create(b, weight, constant(weightAffine.getStep()));
  if (llvm::all_equal(weightAffine.getZero()))
    return arith::SubIOp::create(b, weight,
                                 constant(weightAffine.getZero().front()));
  Value zero;
  if (vector)
    zero = vector::LoadOp::create(b, vector.clone(b.getI32Type()), zeros,
                                  channel);
  else
    zero = memref::LoadOp::create(b, zeros, channel);
  if (!sumType.isInteger(32))
    zero = arith::ExtSIOp::create(b, type, zero);
  return arith::SubIOp::create(b, weight, zero);
}

Value DirectProduct::multiplyAdd(Value code, Value weight, Value sum) {
  if (isa<FloatType>(sumType))
    return math::FmaOp::create(b, code, weight, sum);
  return arith::AddIOp::create(b, sum,
                               arith::MulIOp::create(b, widen(code), weight));
}

Value DirectProduct::loadWeights(Value row, Value column, Value channel,
                                 int64_t lanes) {
  int64_t bytes = getDirectElementBytes(shape.weightCode);
  int64_t tapBytes =
      llvm::alignTo(shape.outputChannels, unitChannels) * bytes;
  Value tap = b.add(b.mul(row, at(shape.kernel, 1, 1)), column);
  Value stored = b.loadVector(
      weights, b.add(b.mul(tap, tapBytes), b.mul(channel, bytes)),
      b.vectorOf(lanes, getDirectElementType(b, shape.weightCode)));
  return applyAffine(widen(stored), channel);
}

SmallVector<Value> DirectProduct::emitNeighbours(
    Value image, ArrayRef<std::pair<Value, Value>> positions, Value channel,
    int64_t lanes) {
  int64_t rows = at(shape.kernel, 2, 1), columns = at(shape.kernel, 1, 1);
  auto emitColumn = [&](Value row, Value column, ValueRange before) {
    SmallVector<Value> sums(before);
    Value weight;
    if (shape.kind != ProductKind::Sum)
      weight = loadWeights(row, column, channel, lanes);
    for (auto [sum, position] : llvm::zip(sums, positions)) {
      auto [y, x] = position;
      Value codes =
          input.loadUnit(b, getInputPixel(image, y, x, row, column), channel,
                         /*raw=*/true, lanes, lanes);
      if (weight)
        sum = multiplyAdd(codes, weight, sum);
      else if (isa<FloatType>(sumType))
        sum = arith::AddFOp::create(b, sum, codes);
      else
        sum = arith::AddIOp::create(b, sum, widen(codes));
    }
    return sums;
  };
  // Small windows are written out.
  constexpr int64_t mostWritten = 128;
  auto over = [&](int64_t count, bool isWritten, ValueRange before,
                  function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    if (!isWritten)
      return b.loop(count, before, body);
    SmallVector<Value> state(before);
    for (int64_t i = 0; i < count; ++i)
      state = body(b.index(i), state);
    return state;
  };
  int64_t rowSteps = columns * positions.size();
  SmallVector<Value> zeros(
      positions.size(), b.splat(int64_t(0), b.vectorOf(lanes, sumType)));
  return over(rows, rows * rowSteps <= mostWritten, zeros,
              [&](Value row, ValueRange state) {
                return over(columns, rowSteps <= mostWritten, state,
                            [&](Value column, ValueRange before) {
                              return emitColumn(row, column, before);
                            });
              });
}

Value DirectProduct::emitOneChannel(Value image, Value y, Value x,
                                    Value channel) {
  int64_t inputs = shape.getGroupInputs(), taps = shape.getTaps();
  int64_t bytes = getDirectElementBytes(shape.weightCode);
  int64_t inputBytes = getDirectElementBytes(shape.inputCode);
  Value group = arith::DivUIOp::create(b, channel,
                                       b.index(shape.getGroupOutputs()));
  Value firstInput = b.mul(group, inputs);
  Value firstWeight = b.mul(channel, inputs * taps);
  auto step = [&](Value row, Value column, Value in, Value sum) {
    Value pixel = getInputPixel(image, y, x, row, column);
    Value code = b.loadScalar(
        input.buffer, b.add(pixel, b.mul(b.add(firstInput, in), inputBytes)),
        getDirectElementType(b, shape.inputCode));
    Value tap = b.add(b.mul(row, at(shape.kernel, 1, 1)), column);
    Value place = b.add(firstWeight, b.add(b.mul(in, taps), tap));
    Value weight = b.loadScalar(weights, b.mul(place, bytes),
                                getDirectElementType(b, shape.weightCode));
    return multiplyAdd(code, applyAffine(widen(weight), channel), sum);
  };
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(sumType));
  if (shape.channelsFirst)
    return b.loop(inputs, zero, [&](Value in, ValueRange state) {
      return SmallVector<Value>{
          overWindow(state[0], [&](Value row, Value column, Value sum) {
            return step(row, column, in, sum);
          })};
    })[0];
  return overWindow(zero, [&](Value row, Value column, Value before) {
    return b.loop(inputs, before, [&](Value in, ValueRange state) {
      return SmallVector<Value>{step(row, column, in, state[0])};
    })[0];
  });
}

Value DirectProduct::emitChannelByChannel(Value image, Value y, Value x,
                                          Value channel) {
  Value zero = b.splat(int64_t(0), b.vectorOf(unitChannels, sumType));
  Value last = b.index(shape.outputChannels - 1);
  return b.loop(unitChannels, zero, [&](Value lane, ValueRange state) {
    // Lanes behind the last channel repeat it; the store drops them.
    Value current = arith::MinUIOp::create(b, b.add(channel, lane), last);
    Value sum = emitOneChannel(image, y, x, current);
    return SmallVector<Value>{vector::InsertOp::create(
        b, sum, state[0], ArrayRef<OpFoldResult>{lane})};
  })[0];
}

SmallVector<Value>
DirectProduct::emit(Value image, ArrayRef<std::pair<Value, Value>> positions,
                    Value channel) {
  // Wide units need inputs and weights of whole ones.
  int64_t lanes = unitChannels;
  if (input.layout.getChannels() % nest.unit == 0 &&
      shape.outputChannels % nest.unit == 0)
    lanes = nest.unit;
  SmallVector<SmallVector<Value>> parts(positions.size());
  for (int64_t at = 0; at < nest.unit; at += lanes) {
    Value first = b.add(channel, at);
    if (isChannelwise()) {
      SmallVector<Value> sums = emitNeighbours(image, positions, first, lanes);
      for (auto [part, sum] : llvm::zip(parts, sums))
        part.push_back(sum);
      continue;
    }
    for (auto [part, position] : llvm::zip(parts, positions))
      for (int64_t lane = 0; lane < lanes; lane += unitChannels)
        part.push_back(emitChannelByChannel(image, position.first,
                                            position.second,
                                            b.add(first, lane)));
  }
  return llvm::map_to_vector(parts,
                             [&](ArrayRef<Value> part) { return b.concat(part); });
}

/// for image, row, `tilePixels` pixels or what is left of the row, unit of
/// channels.
static void
overUnits(LayerNest &nest, WorkItems &items, int64_t tilePixels,
          function_ref<void(Value, Value, Value, int64_t, Value)> body) {
  KernelBuilder &b = nest.b;
  int64_t units = llvm::divideCeil(nest.channels, nest.unit);
  int64_t tiles = nest.pooledWidth / tilePixels;
  auto emitRow = [&](ValueRange row, Value) {
    auto emitTile = [&](Value x, int64_t pixels) {
      b.loop(units, [&](Value unit) {
        body(row[0], row[1], x, pixels, b.mul(unit, nest.unit));
      });
    };
    if (tiles > 0)
      b.loop(tiles,
             [&](Value tile) { emitTile(b.mul(tile, tilePixels), tilePixels); });
    if (int64_t left = nest.pooledWidth % tilePixels)
      emitTile(b.index(tiles * tilePixels), left);
  };
  items.emit(b, {nest.images, nest.pooledHeight}, emitRow);
}

LogicalResult mlir::dorefa::emitDirectLayer(LayerNest &nest,
                                            WorkItems &items) {
  SmallVector<DirectProduct, 0> products;
  for (unsigned i = 0; i < nest.layer.getProducts().size(); ++i)
    products.emplace_back(nest, i);
  // Sums of this many pixels hide each other's latency, in the registers of any
  // target.
  constexpr int64_t sumsInFlight = 4;
  int64_t poolSize = nest.getPoolSize(), tilePixels = 1;
  if (llvm::all_of(products, [](const DirectProduct &product) {
        return product.isChannelwise();
      }))
    tilePixels = std::max<int64_t>(1, sumsInFlight / poolSize);
  auto emitTile = [&](Value image, Value y, Value x, int64_t pixels,
                      Value channel) {
    KernelBuilder &b = nest.b;
    nest.epilogue.loadParameters(b, channel);
    SmallVector<std::pair<Value, Value>> positions;
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      for (int64_t place = 0; place < poolSize; ++place)
        positions.push_back(nest.getPosition(y, b.add(x, pixel), place));
    SmallVector<SmallVector<Value>> sums;
    for (DirectProduct &product : products)
      sums.push_back(product.emit(image, positions, channel));
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      nest.emitPixel(image, y, b.add(x, pixel), channel, [&](int64_t place) {
        return llvm::map_to_vector(sums, [&](ArrayRef<Value> ofProduct) {
          return ofProduct[pixel * poolSize + place];
        });
      }, nest.unit);
  };
  overUnits(nest, items, tilePixels, emitTile);
  return success();
}

LogicalResult mlir::dorefa::emitPixelwiseLayer(LayerNest &nest,
                                               WorkItems &items) {
  auto emitPixel = [&](Value image, Value y, Value x, int64_t, Value channel) {
    nest.epilogue.loadParameters(nest.b, channel);
    nest.emitPixel(image, y, x, channel,
                   [](int64_t) { return SmallVector<Value>(); }, nest.unit);
  };
  overUnits(nest, items, /*tilePixels=*/1, emitPixel);
  return success();
}
