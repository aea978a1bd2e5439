//===- DirectProduct.cpp - one product by plain loops ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where channels do not meet they are the lanes, which lie next to each other in
// the input, and a few pixels of a row share weights and what their windows have
// in common. Sums of 16 bits have twice the lanes of a vector that those of 32
// have. Else channel by channel: right on any target, and slow.

#include "DirectProduct.h"
#include "dorefa/Engine/DirectLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Positions of windows, of all pixels of a tile, that are written out.
static constexpr int64_t mostWritten = 128;
/// Positions of a window whose weights are held for all pixels of a row; those
/// that no register is left for wait on the stack.
static constexpr int64_t mostHeld = 32;

DirectProduct::DirectProduct(LayerNest &nest, unsigned index)
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
  if (hasNarrowDirectSums(shape, weightAffine))
    sumType = b.getI16Type();
}

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
  auto rows = b.loop(getRows(), sum, [&](Value row, ValueRange before) {
    return b.loop(getColumns(), before, [&](Value column, ValueRange state) {
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
  if (sumType.isInteger(64))
    zero = arith::ExtSIOp::create(b, type, zero);
  else if (sumType.isInteger(16))
    zero = arith::TruncIOp::create(b, type, zero);
  return arith::SubIOp::create(b, weight, zero);
}

Value DirectProduct::multiplyAdd(Value code, Value weight, Value sum) {
  if (isa<FloatType>(sumType))
    return math::FmaOp::create(b, code, weight, sum);
  return arith::AddIOp::create(b, sum,
                               arith::MulIOp::create(b, widen(code), weight));
}

Value DirectProduct::loadWeights(Value row, Value column, Value channel) {
  int64_t bytes = getDirectElementBytes(shape.weightCode);
  int64_t tapBytes =
      llvm::alignTo(shape.outputChannels, unitChannels) * bytes;
  Value tap = b.add(b.mul(row, getColumns()), column);
  Value stored = b.loadVector(
      weights, b.add(b.mul(tap, tapBytes), b.mul(channel, bytes)),
      b.vectorOf(nest.unit, getDirectElementType(b, shape.weightCode)));
  return applyAffine(widen(stored), channel);
}

void DirectProduct::loadWindow(Value channel, int64_t positions) {
  window.clear();
  int64_t taps = shape.getTaps();
  if (!shape.isDepthwise() || taps > mostHeld || taps * positions > mostWritten)
    return;
  auto load = [&](Tap tap) {
    return loadWeights(b.index(tap.row), b.index(tap.column), channel);
  };
  pairs = TapPairs::get(shape, weightAffine, sumType, nest.unit, nest.target);
  if (pairs) {
    pairs->holdWeights(b, load);
    return;
  }
  for (int64_t row = 0; row < getRows(); ++row)
    for (int64_t column = 0; column < getColumns(); ++column)
      window.push_back(load({row, column}));
}

SmallVector<Value> DirectProduct::emitNeighbours(
    Value image, ArrayRef<std::pair<Value, Value>> positions, Value channel) {
  int64_t rows = getRows(), columns = getColumns(), lanes = nest.unit;
  auto loadCodes = [&](std::pair<Value, Value> position, Value row,
                       Value column) {
    return input.loadUnit(b,
                          getInputPixel(image, position.first, position.second,
                                        row, column),
                          channel, /*raw=*/true, lanes, lanes);
  };
  if (pairs)
    return pairs->emit(b, positions.size(), [&](int64_t pixel, Tap tap) {
      return loadCodes(positions[pixel], b.index(tap.row),
                       b.index(tap.column));
    });
  auto findWeight = [&](Value row, Value column) -> Value {
    if (shape.kind == ProductKind::Sum)
      return {};
    if (window.empty())
      return loadWeights(row, column, channel);
    // The window is written out.
    return window[*getConstantIntValue(row) * columns +
                  *getConstantIntValue(column)];
  };
  auto emitColumn = [&](Value row, Value column, ValueRange before) {
    SmallVector<Value> sums(before);
    Value weight = findWeight(row, column);
    for (auto [sum, position] : llvm::zip(sums, positions)) {
      Value codes = loadCodes(position, row, column);
      if (weight)
        sum = multiplyAdd(codes, weight, sum);
      else if (isa<FloatType>(sumType))
        sum = arith::AddFOp::create(b, sum, codes);
      else
        sum = arith::AddIOp::create(b, sum, widen(codes));
    }
    return sums;
  };
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
    Value tap = b.add(b.mul(row, getColumns()), column);
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
  if (isChannelwise())
    return emitNeighbours(image, positions, channel);
  SmallVector<Value> sums;
  for (auto [y, x] : positions) {
    SmallVector<Value> parts;
    for (int64_t lane = 0; lane < nest.unit; lane += unitChannels)
      parts.push_back(emitChannelByChannel(image, y, x, b.add(channel, lane)));
    sums.push_back(b.concat(parts));
  }
  return sums;
}
