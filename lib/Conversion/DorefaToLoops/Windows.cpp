//===- Windows.cpp - loops of convolutions and pools ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Windows over row-major tensors. Convolutions and pools that matter for speed
// are layers; these are the plain loops of what is left.
//
//===----------------------------------------------------------------------===//

#include "OperandReader.h"
#include "StepEmitters.h"
#include "StridedLoops.h"
#include "dorefa/Conversion/DorefaToLoops/ScalarArithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

namespace {
/// The window along one spatial dimension.
struct WindowAxis {
  int64_t extent, kernel, stride, dilation, pad;
};

/// A place of the window: where it lies in the image, and whether it does.
struct WindowPlace {
  SmallVector<Value> indices; ///< clamped to the image
  Value isInside;
};
} // namespace

static SmallVector<WindowAxis> getAxes(ArrayRef<int64_t> input,
                                       ArrayRef<int64_t> kernel,
                                       ArrayRef<int64_t> strides,
                                       ArrayRef<int64_t> pads,
                                       ArrayRef<int64_t> dilations) {
  SmallVector<WindowAxis> axes;
  for (size_t i = 0; i < kernel.size(); ++i)
    axes.push_back({input[i], kernel[i], strides[i], dilations[i], pads[i]});
  return axes;
}

static WindowPlace getPlace(ImplicitLocOpBuilder &b, ArrayRef<WindowAxis> axes,
                            ValueRange outputs, ValueRange offsets) {
  WindowPlace place;
  place.isInside =
      arith::ConstantOp::create(b, b.getBoolAttr(true));
  for (auto [axis, output, offset] : llvm::zip(axes, outputs, offsets)) {
    // Shifted by the padding, so that it is never negative.
    Value shifted =
        getPosition(b, 0, {output, offset}, {axis.stride, axis.dilation});
    auto compare = [&](arith::CmpIPredicate how, int64_t bound) {
      Value holds =
          arith::CmpIOp::create(b, how, shifted, getIndex(b, bound));
      place.isInside = arith::AndIOp::create(b, place.isInside, holds);
    };
    compare(arith::CmpIPredicate::sge, axis.pad);
    compare(arith::CmpIPredicate::slt, axis.pad + axis.extent);
    Value low = arith::MaxSIOp::create(b, shifted, getIndex(b, axis.pad));
    Value inside = arith::MinSIOp::create(
        b, low, getIndex(b, axis.pad + axis.extent - 1));
    place.indices.push_back(
        arith::SubIOp::create(b, inside, getIndex(b, axis.pad)));
  }
  return place;
}

/// Carries values through the nest over `extents`.
static SmallVector<Value> emitCarryingNest(
    ImplicitLocOpBuilder &b, ArrayRef<int64_t> extents, ValueRange initial,
    function_ref<SmallVector<Value>(ValueRange indices, ValueRange carried)>
        body) {
  SmallVector<Value> indices;
  auto nest = [&](auto &self, ValueRange carried) -> SmallVector<Value> {
    if (indices.size() == extents.size())
      return body(indices, carried);
    return emitCarryingFor(b, getIndex(b, 0),
                           getIndex(b, extents[indices.size()]), carried,
                           [&](Value index, ValueRange inner) {
                             indices.push_back(index);
                             SmallVector<Value> next = self(self, inner);
                             indices.pop_back();
                             return next;
                           });
  };
  return nest(nest, initial);
}

static Value choose(ImplicitLocOpBuilder &b, Value condition, Value yes,
                    Value no) {
  return arith::SelectOp::create(b, condition, yes, no);
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

LogicalResult StepEmitter::emitConv(ConvOp op) {
  ConvAttr geometry = op.getGeometry();
  ArrayRef<int64_t> shape = getShape(op.getResult());
  ArrayRef<int64_t> kernel = getShape(op.getWeight());
  SmallVector<WindowAxis> axes =
      getAxes(getShape(op.getInput()).drop_front(2), kernel.drop_front(2),
              geometry.getStrides(), geometry.getPads(),
              geometry.getDilations());
  auto flat = [&](Value tensor) { return getFlat(tensor); };
  OperandReader input(builder, op, op.getInput(), flat);
  OperandReader weight(builder, op, op.getWeight(), flat);
  Value result = getFlat(op.getResult());
  int64_t groupOutputs = shape[1] / geometry.getGroups();
  // The kernel's places outside, its input channels inside.
  SmallVector<int64_t> window(kernel.drop_front(2));
  window.push_back(kernel[1]);
  Type accumulator =
      input.isCoded() ? Type(builder.getI64Type()) : builder.getF32Type();

  overResults(shape, [&](ValueRange at) {
    Value group = arith::DivUIOp::create(builder, at[1],
                                         getIndex(builder, groupOutputs));
    auto getInput = [&](const WindowPlace &place, Value channel) {
      SmallVector<Value> indices{
          at[0], getPosition(builder, 0, {group, channel}, {kernel[1], 1})};
      llvm::append_range(indices, place.indices);
      return indices;
    };
    auto getWeight = [&](ValueRange offsets) {
      SmallVector<Value> indices{at[1], offsets.back()};
      llvm::append_range(indices, offsets.drop_back());
      return indices;
    };
    auto body = [&](ValueRange offsets, ValueRange sum) -> SmallVector<Value> {
      WindowPlace place =
          getPlace(builder, axes, at.drop_front(2), offsets.drop_back());
      SmallVector<Value> x = getInput(place, offsets.back()),
                         w = getWeight(offsets);
      Value next;
      if (input.isCoded())
        next = arith::AddIOp::create(
            builder, sum[0],
            arith::MulIOp::create(builder, input.readInteger(x),
                                  weight.readInteger(w)));
      else
        next = math::FmaOp::create(builder, input.readReal(x),
                                   weight.readReal(w), sum[0]);
      return {choose(builder, place.isInside, next, sum[0])};
    };
    Value sum = emitCarryingNest(builder, window,
                                 getConstant(builder, accumulator, 0), body)[0];
    if (input.isCoded()) {
      SmallVector<Value> zeros(window.size(), getIndex(builder, 0));
      SmallVector<Value> x{
          at[0], getPosition(builder, 0, group, {kernel[1]})};
      x.append(axes.size(), zeros[0]);
      Value scale = arith::MulFOp::create(builder, input.readScale(x),
                                          weight.readScale(getWeight(zeros)));
      Value real =
          arith::SIToFPOp::create(builder, builder.getF32Type(), sum);
      sum = arith::MulFOp::create(builder, real, scale);
    }
    memref::StoreOp::create(
        builder, sum, result,
        getPosition(builder, 0, at, getRowMajorStrides(shape)));
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// The larger or smaller of two stored elements.
static Value emitOrder(ImplicitLocOpBuilder &b, bool isMax, CodeAttr code,
                       Value lhs, Value rhs) {
  if (isa<FloatType>(lhs.getType())) {
    if (isMax)
      return arith::MaximumFOp::create(b, lhs, rhs);
    return arith::MinimumFOp::create(b, lhs, rhs);
  }
  bool isSigned = !code || code.getIsSigned();
  if (isMax && isSigned)
    return arith::MaxSIOp::create(b, lhs, rhs);
  if (isMax)
    return arith::MaxUIOp::create(b, lhs, rhs);
  if (isSigned)
    return arith::MinSIOp::create(b, lhs, rhs);
  return arith::MinUIOp::create(b, lhs, rhs);
}

/// The element that loses against every other.
static Value getWorst(ImplicitLocOpBuilder &b, bool isMax, CodeAttr code,
                      Type element) {
  if (isa<FloatType>(element)) {
    double infinity = std::numeric_limits<double>::infinity();
    return getConstant(b, element, isMax ? -infinity : infinity);
  }
  unsigned width = element.getIntOrFloatBitWidth();
  APInt worst = isMax ? APInt::getSignedMinValue(width)
                      : APInt::getSignedMaxValue(width);
  if (code)
    worst = APInt(width, isMax ? code.getMin() : code.getMax(),
                  /*isSigned=*/true, /*implicitTrunc=*/true);
  return arith::ConstantOp::create(b, b.getIntegerAttr(element, worst));
}

LogicalResult StepEmitter::emitPool(PoolOp op) {
  if (isPacked(op.getInput()))
    return op.emitOpError("expected row-major tensors");
  WindowAttr window = op.getWindow();
  ArrayRef<int64_t> shape = getShape(op.getResult());
  SmallVector<WindowAxis> axes = getAxes(
      getShape(op.getInput()).drop_front(2), window.getKernel(),
      window.getStrides(), window.getPads(), window.getDilations());
  OperandReader input(builder, op, op.getInput(),
                      [&](Value tensor) { return getFlat(tensor); });
  Value result = getFlat(op.getResult());
  bool isMax = op.getKind() == PoolKind::Max;
  bool isOrder = isMax || op.getKind() == PoolKind::Min;
  CodeAttr code = getCode(op.getInput().getType());
  Type element = cast<MemRefType>(result.getType()).getElementType();
  Type accumulator =
      input.isCoded() ? Type(builder.getI64Type()) : element;
  Value start = isOrder ? getWorst(builder, isMax, code, element)
                        : getConstant(builder, accumulator, 0);
  Value noPlaces = getConstant(builder, builder.getI32Type(), 0);

  overResults(shape, [&](ValueRange at) {
    auto body = [&](ValueRange offsets, ValueRange sum) -> SmallVector<Value> {
      WindowPlace place =
          getPlace(builder, axes, at.drop_front(2), offsets);
      SmallVector<Value> indices{at[0], at[1]};
      llvm::append_range(indices, place.indices);
      Value next;
      if (input.isCoded())
        next = arith::AddIOp::create(builder, sum[0],
                                     input.readInteger(indices));
      else if (isOrder)
        next = emitOrder(builder, isMax, code, sum[0], input.readReal(indices));
      else
        next = arith::AddFOp::create(builder, sum[0], input.readReal(indices));
      Value one = arith::ExtUIOp::create(builder, builder.getI32Type(),
                                         place.isInside);
      return {choose(builder, place.isInside, next, sum[0]),
              arith::AddIOp::create(builder, sum[1], one)};
    };
    SmallVector<Value> sum = emitCarryingNest(builder, window.getKernel(),
                                              {start, noPlaces}, body);
    Value value = sum[0];
    if (input.isCoded()) {
      SmallVector<Value> indices{at[0], at[1]};
      indices.append(axes.size(), getIndex(builder, 0));
      Value real =
          arith::SIToFPOp::create(builder, builder.getF32Type(), value);
      value = arith::MulFOp::create(builder, real, input.readScale(indices));
    }
    if (op.getKind() == PoolKind::Average) {
      Value count =
          arith::SIToFPOp::create(builder, builder.getF32Type(), sum[1]);
      if (op.getCountPadding())
        count = getConstant(
            builder, builder.getF32Type(),
            static_cast<float>(llvm::product_of(window.getKernel())));
      value = arith::DivFOp::create(builder, value, count);
    }
    memref::StoreOp::create(
        builder, value, result,
        getPosition(builder, 0, at, getRowMajorStrides(shape)));
  });
  return success();
}
