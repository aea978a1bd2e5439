//===- WindowSum.cpp - sums of stored numbers over windows ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// First the sum over the channels of each pixel, border included, then the sums
// of rows of the kernel's height, then of its width. So a kernel of 3 x 3 costs
// six additions of vectors of pixels, and the first sum reads the input once.
//
//===----------------------------------------------------------------------===//

#include "PackedBuffers.h"
#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

namespace {
/// The geometry in two dimensions.
struct SumWindow {
  SumWindow(WindowSumOp op, const PackedExtents &input) {
    ConvAttr geometry = op.getGeometry();
    ArrayRef<int64_t> shape = getShape(op.getResult());
    size_t rank = geometry.getRank();
    if (rank > 0) {
      columns = op.getKernel()[rank - 1];
      width = shape.back();
      columnStride = geometry.getStrides()[rank - 1];
      columnDilation = geometry.getDilations()[rank - 1];
      left = input.left - geometry.getPads()[rank - 1];
    }
    if (rank > 1) {
      rows = op.getKernel()[0];
      height = shape[2];
      rowStride = geometry.getStrides()[0];
      rowDilation = geometry.getDilations()[0];
      top = input.top - geometry.getPads()[0];
    }
  }

  int64_t rows = 1, columns = 1, height = 1, width = 1;
  int64_t rowStride = 1, columnStride = 1, rowDilation = 1, columnDilation = 1;
  int64_t top = 0, left = 0;
};

/// Emits the sum over the channels of one group of a pixel.
class PixelSum {
public:
  /// `bytes`: how many hold the group's channels.
  PixelSum(ImplicitLocOpBuilder &builder, Value buffer, LayoutAttr layout,
           int64_t bytes)
      : b(builder), buffer(buffer), layout(layout), bytes(bytes) {}

  /// `start`: the byte where the group begins.
  Value emit(Value start);

private:
  Value loadBytes(Value start, int64_t offset, int64_t count);
  Value getSplat(Type type, int64_t value) {
    return getConstant(b, type, static_cast<double>(value));
  }
  Value sumBytes(Value start);
  Value sumElements(Value start);
  Value sumWords(Value start);
  /// The sums of codes in each byte of a table offset.
  Value sumOffsets(Value word);
  Value reduce(Value vector);

  ImplicitLocOpBuilder &b;
  Value buffer;
  LayoutAttr layout;
  int64_t bytes;
};
} // namespace

/// sum + term, where no sum yet is null.
static Value addTerm(ImplicitLocOpBuilder &builder, Value sum, Value term) {
  if (!sum)
    return term;
  return arith::AddIOp::create(builder, sum, term);
}

Value PixelSum::loadBytes(Value start, int64_t offset, int64_t count) {
  return vector::LoadOp::create(b, VectorType::get({count}, b.getI8Type()),
                                buffer, getPosition(b, offset, start, {1}));
}

Value PixelSum::reduce(Value vector) {
  Value wide = vector;
  if (!getElementTypeOrSelf(vector.getType()).isInteger(32))
    wide = arith::ExtUIOp::create(
        b, getTypeLike(vector.getType(), b.getI32Type()), vector);
  return vector::ReductionOp::create(b, vector::CombiningKind::ADD, wide);
}

Value PixelSum::sumOffsets(Value word) {
  Type type = word.getType();
  auto fold = [&](Value value, int64_t shift, int64_t mask) {
    Value masks = getSplat(type, mask);
    Value high = arith::ShRUIOp::create(b, value, getSplat(type, shift));
    return arith::AddIOp::create(b, arith::AndIOp::create(b, value, masks),
                                 arith::AndIOp::create(b, high, masks));
  };
  Value sum = word;
  if (layout.getCode().getBits() == 1)
    sum = fold(sum, 1, 0x55);
  return fold(fold(sum, 2, 0x33), 4, 0x0f);
}

/// Bytes whose sums fit a byte are added before they are widened.
Value PixelSum::sumBytes(Value start) {
  bool isLookup = layout.getKind() == LayoutKind::Lookup;
  CodeAttr code = layout.getCode();
  int64_t most = code.getMax() - code.getMin();
  // Of four neighbours all come into one byte, or two into each of two.
  if (isLookup)
    most *= code.getBits() == 1 ? 4 : 2;
  Value total, narrow;
  int64_t narrowMost = 0, narrowCount = 0, offset = 0;
  auto flush = [&] {
    if (!narrow)
      return;
    total = addTerm(b, total, reduce(narrow));
    narrow = Value();
    narrowMost = 0;
  };
  for (int64_t count : getChunks(bytes)) {
    Value chunk = loadBytes(start, offset, count);
    offset += count;
    if (isLookup)
      chunk = sumOffsets(chunk);
    if (narrow && (narrowMost + most > 255 || count != narrowCount))
      flush();
    narrow = addTerm(b, narrow, chunk);
    narrowMost += most;
    narrowCount = count;
  }
  flush();
  return total;
}

Value PixelSum::sumElements(Value start) {
  IntegerType element = layout.getCode().getStorageType();
  Value total;
  int64_t offset = 0;
  for (int64_t count : getChunks(bytes)) {
    int64_t lanes = count / (element.getWidth() / 8);
    Value chunk = vector::BitCastOp::create(
        b, VectorType::get({lanes}, element), loadBytes(start, offset, count));
    total = addTerm(b, total, reduce(chunk));
    offset += count;
  }
  return total;
}

/// The 64-bit words of a pixel, one after the other: of planes every `bits`-th
/// one weighs the same; a table number holds the codes of several channels.
Value PixelSum::sumWords(Value start) {
  bool arePlanes = layout.getKind() == LayoutKind::Planes;
  int64_t bits = layout.getCode().getBits();
  int64_t period = arePlanes ? bits : 1;
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  };
  auto addCount = [&](Value sum, Value word, int64_t weight) -> Value {
    Value count = math::CtPopOp::create(b, word);
    if (weight > 0)
      count = arith::ShLIOp::create(b, count, constant(weight));
    return arith::AddIOp::create(b, sum, count);
  };
  auto body = [&](Value step, ValueRange carried) -> SmallVector<Value> {
    Value sum = carried[0];
    for (int64_t i = 0; i < period; ++i) {
      Value position = getPosition(b, 8 * i, {start, step}, {1, 8 * period});
      Value loaded = vector::LoadOp::create(
          b, VectorType::get({8}, b.getI8Type()), buffer, position);
      Value word = vector::ExtractOp::create(
          b, vector::BitCastOp::create(
                 b, VectorType::get({1}, b.getI64Type()), loaded),
          ArrayRef<int64_t>{0});
      if (arePlanes || bits == 1) {
        sum = addCount(sum, word, i);
        continue;
      }
      for (int64_t bit = 0; bit < 2; ++bit)
        sum = addCount(sum,
                       arith::AndIOp::create(
                           b, word, constant(0x5555555555555555 << bit)),
                       bit);
    }
    return {sum};
  };
  Value sum = emitCarryingFor(b, getIndex(b, 0),
                              getIndex(b, bytes / 8 / period), constant(0),
                              body)[0];
  return arith::TruncIOp::create(b, b.getI32Type(), sum);
}

Value PixelSum::emit(Value start) {
  if (layout.getKind() == LayoutKind::Planes ||
      layout.getKind() == LayoutKind::Lookup64)
    return sumWords(start);
  if (layout.getKind() == LayoutKind::Elements &&
      layout.getCode().getStorageType().getWidth() > 8)
    return sumElements(start);
  return sumBytes(start);
}

/// Adds `count` neighbours, `distance` elements apart, for each place of
/// `extents`. Results go `base` elements further than `to` says.
static void emitBoxSum(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> extents,
                       Access from, const Access &to, int64_t count,
                       int64_t distance, Value base) {
  SmallVector<Access> accesses;
  for (int64_t i = 0; i < count; ++i) {
    accesses.push_back(from);
    from.offset += distance;
  }
  accesses.push_back(to);
  auto body = [&](ValueRange positions, ArrayRef<bool>, int64_t lanes) {
    auto vector = VectorType::get({lanes}, builder.getI32Type());
    Value sum;
    for (int64_t i = 0; i < count; ++i) {
      Value value;
      if (lanes == 1)
        value = memref::LoadOp::create(builder, from.buffer, positions[i]);
      else
        value = vector::LoadOp::create(builder, vector, from.buffer,
                                       positions[i]);
      sum = addTerm(builder, sum, value);
    }
    Value position =
        arith::AddIOp::create(builder, positions.back(), base);
    if (lanes == 1)
      memref::StoreOp::create(builder, sum, to.buffer, position);
    else
      vector::StoreOp::create(builder, sum, to.buffer, position);
  };
  emitStridedLoops(builder, extents, accesses, 16, body);
}

int64_t loops::getWindowSumScratch(WindowSumOp op) {
  PackedExtents input(getTensorType(op.getInput()));
  SumWindow window(op, input);
  return 4 * (input.paddedHeight + window.height) * input.paddedWidth;
}

LogicalResult StepEmitter::emitWindowSum(WindowSumOp op) {
  PackedExtents input(getTensorType(op.getInput()));
  SumWindow window(op, input);
  LayoutAttr layout = getLayout(op.getInput());
  Value source = getBuffer(op.getInput()), result = getFlat(op.getResult());
  Type i32 = builder.getI32Type();
  int64_t pixels = input.getImagePixels(), columns = input.paddedWidth;
  Value pixelSums = getElementView(builder, scratch, i32, 0, pixels);
  Value rowSums = getElementView(builder, scratch, i32, 4 * pixels,
                                 window.height * columns);
  // The channels of all groups lie behind each other, then their padding.
  int64_t groups = op.getGeometry().getGroups();
  int64_t groupBytes = input.pixelBytes;
  if (groups > 1)
    groupBytes =
        input.channels / groups * input.pixelBytes / layout.getChannels();
  PixelSum pixelSum(builder, source, layout, groupBytes);
  int64_t outputPixels = window.height * window.width;

  emitFor(builder, input.images * groups, 1, [&](Value index) {
    Value image = index, start = getIndex(builder, 0);
    if (groups > 1) {
      Value count = getIndex(builder, groups);
      image = arith::DivUIOp::create(builder, index, count);
      start = getPosition(builder, 0,
                          Value(arith::RemUIOp::create(builder, index, count)),
                          {groupBytes});
    }
    start = getPosition(builder, 0, {start, image},
                        {1, pixels * input.pixelBytes});
    emitFor(builder, pixels, 1, [&](Value pixel) {
      Value sum = pixelSum.emit(
          getPosition(builder, 0, {start, pixel}, {1, input.pixelBytes}));
      memref::StoreOp::create(builder, sum, pixelSums, pixel);
    });
    emitBoxSum(builder, {window.height, columns},
               Access{pixelSums,
                      {window.rowStride * columns, 1},
                      window.top * columns},
               Access{rowSums, {columns, 1}}, window.rows,
               window.rowDilation * columns, getIndex(builder, 0));
    emitBoxSum(builder, {window.height, window.width},
               Access{rowSums, {columns, window.columnStride}, window.left},
               Access{result, {window.width, 1}}, window.columns,
               window.columnDilation,
               getPosition(builder, 0, index, {outputPixels}));
  });
  return success();
}
