//===- LayerNest.cpp - what loop nests of layers share ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// From accumulators to stored results at one output pixel. A unit has 16
// channels, or a vector's worth of 16-bit lanes where the epilogue is narrow (of
// bytes in a pool of codes, or where comparisons are narrowed to bytes) and every
// tensor has whole units of them, or 64 for table numbers. Residuals may have extent 1, or one
// value a group of channels: they are read once and repeated.
//
//===----------------------------------------------------------------------===//

#include "LayerLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// What a layout that shares words among more channels wants; else lanes of 16
/// bits, or of bytes, fill a vector if all that is read and written has whole units
/// of so many channels.
static int64_t getUnitChannels(LayerOp layer, const TargetFeatures &target) {
  for (Value output : layer.getOutputs())
    if (cast<LayoutAttr>(typeOf(output).getEncoding()).getKind() ==
        LayoutKind::Lookup64)
      return 64;
  // A pool of codes has lanes of bytes.
  bool isPool = layer.getProducts().empty() &&
                llvm::hasSingleElement(layer.getEpilogue().front()) &&
                llvm::all_of(layer.getResiduals(), [](Value residual) {
                  return typeOf(residual).getElementType().isInteger(8);
                });
  bool isNarrow = !layer.getProducts().empty() &&
                  layer.getAccumulator(0).getType().isInteger(16);
  // Two vectors of counts become one of bytes.
  bool hasByteLanes = isPool || target.isAVX2();
  int64_t wide = hasByteLanes ? target.vectorBytes : target.vectorBytes / 2;
  if (wide <= unitChannels || !(isPool || isNarrow))
    return unitChannels;
  // A unit lies inside of a group, or channels do not meet.
  int64_t channels = layer.getIterationShape()[1];
  bool fits = isPool;
  if (!isPool) {
    ProductShape shape = ProductShape::get(layer, 0);
    fits = shape.isDepthwise() ? channels % wide == 0
                               : shape.groups == 1 ||
                                     shape.getGroupOutputs() % wide == 0;
  }
  for (Value output : layer.getOutputs())
    fits &= cast<LayoutAttr>(typeOf(output).getEncoding()).getChannels() %
                wide == 0;
  for (Value residual : layer.getResiduals())
    if (auto layout = dyn_cast_if_present<LayoutAttr>(
            typeOf(residual).getEncoding()))
      fits &= layout.getChannels() % wide == 0;
  for (Value parameter : layer.getParameters())
    fits &= typeOf(parameter).getRank() == 0 ||
            typeOf(parameter).getShape().back() % wide == 0;
  return fits ? wide : unitChannels;
}

LayerNest::LayerNest(LayerOp layer, const LayerBuffers &buffers,
                     const TargetFeatures &target, KernelBuilder &b)
    : layer(layer), buffers(buffers), target(target), b(b),
      unit(getUnitChannels(layer, target)),
      epilogue(layer, buffers, target, unit, /*lanesAreChannels=*/true) {
  for (auto [value, buffer] : llvm::zip(layer.getInputs(), buffers.inputs))
    inputs.emplace_back(buffer, typeOf(value));
  for (auto [value, buffer] : llvm::zip(layer.getOutputs(), buffers.outputs))
    outputs.emplace_back(buffer, typeOf(value));
  for (auto [input, stride] : llvm::zip(inputs, buffers.inputStrides))
    input.imageStride = stride;
  for (auto [output, stride] : llvm::zip(outputs, buffers.outputStrides))
    output.imageStride = stride;
  SmallVector<int64_t> iteration = layer.getIterationShape();
  images = iteration[0];
  channels = iteration[1];
  height = iteration.size() > 3 ? iteration[2] : 1;
  width = iteration.size() > 2 ? iteration.back() : 1;
  // Where rings are filled there are no outputs.
  ArrayRef<int64_t> result = shapeOf(layer.getOutputs().front());
  pooledHeight = result.size() > 3 ? result[2] : 1;
  pooledWidth = result.size() > 2 ? result.back() : 1;
  if (WindowAttr pool = layer.getPoolAttr()) {
    poolColumns = pool.getKernel().back();
    poolRows = pool.getKernel().size() > 1 ? pool.getKernel()[0] : 1;
  }
}

std::pair<Value, Value> LayerNest::getPosition(Value y, Value x,
                                               int64_t place) {
  int64_t rowStride = 1, columnStride = 1, rowDilation = 1, columnDilation = 1;
  int64_t rowPad = 0, columnPad = 0;
  if (WindowAttr pool = layer.getPoolAttr()) {
    size_t rank = pool.getKernel().size();
    columnStride = pool.getStrides().back();
    columnDilation = pool.getDilations().back();
    columnPad = pool.getPads()[rank - 1];
    if (rank > 1) {
      rowStride = pool.getStrides()[0];
      rowDilation = pool.getDilations()[0];
      rowPad = pool.getPads()[0];
    }
  }
  return {b.add(b.mul(y, rowStride),
                place / poolColumns * rowDilation - rowPad),
          b.add(b.mul(x, columnStride),
                place % poolColumns * columnDilation - columnPad)};
}

Value LayerNest::loadResidual(unsigned index, Value image, Value y, Value x,
                              Value channel, int64_t lanes) {
  RankedTensorType type = typeOf(layer.getResiduals()[index]);
  Value buffer = buffers.residuals[index];
  Value zero = b.index(0);
  bool isOfAll = !buffers.images && type.getDimSize(0) == 1;
  if (isa_and_present<LayoutAttr>(type.getEncoding())) {
    PackedImage residual(buffer, type);
    if (buffers.images)
      residual.imageStride = buffers.residualStrides[index];
    Value pixel =
        residual.getPixelOffset(b, isOfAll ? zero : image,
                                residual.height == 1 && height > 1 ? zero : y,
                                residual.width == 1 && width > 1 ? zero : x);
    return residual.loadUnit(b, pixel, channel, /*raw=*/false, unit, lanes);
  }
  // Row-major with one value a pixel and group of channels.
  int64_t groups = type.getDimSize(1);
  Value group = groups == 1 ? zero
                            : b.createOrFold<arith::DivUIOp>(
                                  channel, b.index(channels / groups));
  if (buffers.images && buffers.residualStrides[index] != 0) {
    int64_t bytes = type.getElementTypeBitWidth() / 8;
    Value offset = b.add(b.mul(image, buffers.residualStrides[index]),
                         b.mul(group, bytes));
    return b.splat(b.loadScalar(buffer, offset, type.getElementType()),
                   b.vectorOf(unit, type.getElementType()));
  }
  SmallVector<Value> indices{isOfAll || buffers.images ? zero : image, group};
  for (int64_t i = 2; i < type.getRank(); ++i)
    indices.push_back(type.getDimSize(i) == 1  ? b.index(0)
                      : i + 1 == type.getRank() ? x
                                                : y);
  return b.splat(memref::LoadOp::create(b, buffer, indices),
                 b.vectorOf(unit, type.getElementType()));
}

Value LayerNest::combine(unsigned output, Value lhs, Value rhs) {
  bool isMax = layer.getPoolKind() == PoolKind::Max;
  CodeAttr code = dorefa::getCode(layer.getOutputs()[output].getType());
  if (!code)
    return isMax ? Value(arith::MaximumFOp::create(b, lhs, rhs))
                 : Value(arith::MinimumFOp::create(b, lhs, rhs));
  if (code.getIsSigned())
    return isMax ? Value(arith::MaxSIOp::create(b, lhs, rhs))
                 : Value(arith::MinSIOp::create(b, lhs, rhs));
  return isMax ? Value(arith::MaxUIOp::create(b, lhs, rhs))
               : Value(arith::MinUIOp::create(b, lhs, rhs));
}

void LayerNest::emitPixel(
    Value image, Value y, Value x, Value channel,
    function_ref<SmallVector<Value>(int64_t)> accumulators, int64_t lanes) {
  SmallVector<Value> results;
  for (int64_t place = 0; place < getPoolSize(); ++place) {
    auto [row, column] = getPosition(y, x, place);
    SmallVector<Value> residuals;
    for (unsigned i = 0; i < layer.getResiduals().size(); ++i)
      residuals.push_back(
          loadResidual(i, image, row, column, channel, lanes));
    SmallVector<Value> values =
        epilogue.emit(b, accumulators(place), residuals);
    if (place == 0)
      results = values;
    else
      for (auto [i, value] : llvm::enumerate(values))
        results[i] = combine(i, results[i], value);
  }
  for (auto [result, output] : llvm::zip(results, outputs))
    output.storeUnit(b, result, output.getPixelOffset(b, image, y, x),
                     channel, lanes);
}

VectorType LayerNest::getSumUnit(unsigned index) {
  // Engines give sums of 32 bits; a wider accumulator is for what follows.
  Type sum = layer.getAccumulator(index).getType();
  return b.vectorOf(unit, sum.isInteger(64) ? Type(b.getI32Type()) : sum);
}

void LayerNest::emitUnits(const ProductShape &shape, int64_t blockChannels,
                          Value group, Value block,
                          function_ref<void(int64_t, Value, int64_t)> body) {
  int64_t outputs = shape.getGroupOutputs();
  int64_t blocks = llvm::divideCeil(outputs, blockChannels);
  int64_t units = llvm::divideCeil(outputs, unit);
  int64_t perBlock = blockChannels / unit;
  // Behind a group's last channel lie the next group's.
  int64_t lastLanes = unit;
  if (shape.groups > 1 && outputs % unit != 0)
    lastLanes = outputs % unit;
  // Units of the last block: it may have fewer, and a shorter last one.
  int64_t lastUnits = units - (blocks - 1) * perBlock;
  auto emitUnit = [&](int64_t index, int64_t lanes) {
    Value channel = b.add(b.add(b.mul(group, outputs),
                                b.mul(block, blockChannels)),
                          index * unit);
    epilogue.loadParameters(b, channel);
    body(index, channel, lanes);
  };
  for (int64_t index = 0; index < perBlock; ++index) {
    bool shorter = index == lastUnits - 1 && lastLanes != unit;
    if (blocks == 1) {
      if (index < lastUnits)
        emitUnit(index, shorter ? lastLanes : unit);
      continue;
    }
    if (index < lastUnits && !shorter) {
      emitUnit(index, unit);
      continue;
    }
    Value inLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, block,
                                         b.index(blocks - 1));
    auto choice = scf::IfOp::create(b, inLast, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard insertion(b);
    if (shorter) {
      b.setInsertionPointToStart(choice.thenBlock());
      emitUnit(index, lastLanes);
    }
    b.setInsertionPointToStart(choice.elseBlock());
    emitUnit(index, unit);
  }
}

int64_t LayerNest::getWrittenChannels() {
  bool isTiled = !layer.getProducts().empty() &&
                 layer.getScheduleAttr().getEngine() != EngineKind::Direct;
  if (isTiled) {
    ProductShape shape = ProductShape::get(layer, 0);
    // Behind a group's last channel lie the next group's.
    if (shape.groups > 1 && shape.getGroupOutputs() % unit != 0)
      return shape.outputChannels;
  }
  return llvm::alignTo(channels, unit);
}

void LayerNest::emitChannelPadding() {
  int64_t written = getWrittenChannels();
  for (const PackedImage &output : outputs) {
    if (output.layout.getChannels() <= written)
      continue;
    b.loop(images, [&](Value image) {
      b.loop(pooledHeight, [&](Value y) {
        b.loop(pooledWidth, [&](Value x) {
          output.clearChannels(b, output.getPixelOffset(b, image, y, x),
                               written);
        });
      });
    });
  }
}
