//===- NodeBuilding.cpp - ops that node importers build ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An op is folded as it is built, if it computes with shapes: see foldIntegers.
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

// Larger integer constants are data, not shapes, and keep their ops.
static constexpr int64_t maxFoldedElements = 1 << 16;

//===----------------------------------------------------------------------===//
// Constants and changes of shape
//===----------------------------------------------------------------------===//

Value NodeImporter::createConstant(DenseElementsAttr elements) {
  return arith::ConstantOp::create(state.builder, loc, elements);
}

Value NodeImporter::createSplat(ArrayRef<int64_t> shape, float value) {
  auto type = RankedTensorType::get(shape, state.builder.getF32Type());
  return createConstant(DenseElementsAttr::get(type, value));
}

Value NodeImporter::createIntegers(ArrayRef<int64_t> values, bool isScalar) {
  SmallVector<int64_t> shape;
  if (!isScalar)
    shape.push_back(values.size());
  auto type = RankedTensorType::get(shape, state.builder.getI64Type());
  return createConstant(DenseElementsAttr::get(type, values));
}

RankedTensorType NodeImporter::getTypeLike(Value like,
                                           ArrayRef<int64_t> shape) {
  return cast<RankedTensorType>(like.getType()).clone(shape);
}

Value NodeImporter::createReshape(Value input, ArrayRef<int64_t> shape) {
  if (!input || ArrayRef(getShape(input)) == shape)
    return input;
  return create<ReshapeOp>(getTypeLike(input, shape), input);
}

Value NodeImporter::createTranspose(Value input,
                                    ArrayRef<int64_t> permutation) {
  if (!input)
    return {};
  SmallVector<int64_t> shape;
  for (int64_t dimension : permutation)
    shape.push_back(getShape(input)[dimension]);
  return create<TransposeOp>(getTypeLike(input, shape), input, permutation);
}

Value NodeImporter::createBroadcast(Value input, ArrayRef<int64_t> shape) {
  if (!input || getShape(input) == shape)
    return input;
  if (failed(checkShape(shape)))
    return {};
  return create<BroadcastOp>(getTypeLike(input, shape), input);
}

//===----------------------------------------------------------------------===//
// Shapes and axes
//===----------------------------------------------------------------------===//

SmallVector<int64_t> NodeImporter::getCommonShape(ArrayRef<int64_t> lhs,
                                                  ArrayRef<int64_t> rhs) {
  if (lhs.size() < rhs.size())
    std::swap(lhs, rhs);
  SmallVector<int64_t> shape(lhs);
  size_t offset = lhs.size() - rhs.size();
  for (auto [i, extent] : llvm::enumerate(rhs)) {
    int64_t &common = shape[offset + i];
    if (common != extent && common != 1 && extent != 1) {
      emitError() << "shapes [" << lhs << "] and [" << rhs
                  << "] do not broadcast";
      return shape;
    }
    common = common == 1 ? extent : common;
  }
  return shape;
}

LogicalResult NodeImporter::broadcastBoth(Value &lhs, Value &rhs) {
  if (!lhs || !rhs)
    return failure();
  SmallVector<int64_t> shape = getCommonShape(getShape(lhs), getShape(rhs));
  if (reported)
    return failure();
  lhs = createBroadcast(lhs, shape);
  rhs = createBroadcast(rhs, shape);
  return success(lhs && rhs);
}

LogicalResult NodeImporter::checkShape(ArrayRef<int64_t> shape) {
  if (failed(countElements(shape)))
    return emitError() << "unsupported result of shape [" << shape
                       << "]: the product of the extents must be below 2^31";
  return failure(reported);
}

int64_t NodeImporter::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    emitError() << "expected an axis from " << -rank << " to " << rank - 1
                << ", but got " << axis;
    return 0;
  }
  return axis < 0 ? axis + rank : axis;
}

SmallVector<int64_t> NodeImporter::normalizeAxes(ArrayRef<int64_t> axes,
                                                 int64_t rank) {
  SmallVector<int64_t> normalized;
  for (int64_t axis : axes) {
    normalized.push_back(normalizeAxis(axis, rank));
    if (reported)
      return {};
  }
  llvm::sort(normalized);
  if (std::adjacent_find(normalized.begin(), normalized.end()) !=
      normalized.end()) {
    emitError() << "expected different axes, but got " << axes;
    return {};
  }
  return normalized;
}

//===----------------------------------------------------------------------===//
// Folding
//===----------------------------------------------------------------------===//

/// The elements of a constant, also where it has been repeated to fit the
/// other operand of an elementwise op.
static DenseElementsAttr getRepeatedElements(Value value) {
  if (cast<RankedTensorType>(value.getType()).getNumElements() >
      maxFoldedElements)
    return {};
  if (DenseElementsAttr elements = getElements(value))
    return elements;
  auto broadcast = value.getDefiningOp<BroadcastOp>();
  return broadcast && getElements(broadcast.getInput())
             ? evaluateShapeOp(broadcast)
             : DenseElementsAttr();
}

/// Folds an op of another dialect whose operands are constants. An identity
/// gives one of these; an op may also change in place before it folds.
static DenseElementsAttr foldForeignOp(Operation *op) {
  constexpr int maxChanges = 2;
  for (int i = 0; i < maxChanges; ++i) {
    SmallVector<Attribute> constants;
    for (Value operand : op->getOperands())
      constants.push_back(getRepeatedElements(operand));
    SmallVector<OpFoldResult> results;
    if (failed(op->fold(constants, results)))
      return {};
    if (results.empty())
      continue;
    if (auto attribute = dyn_cast<Attribute>(results.front()))
      return dyn_cast<DenseElementsAttr>(attribute);
    return getRepeatedElements(cast<Value>(results.front()));
  }
  return {};
}

Value NodeImporter::foldIntegers(Operation *op) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  if (op->getNumOperands() == 0 || getCode(type) ||
      type.getNumElements() > maxFoldedElements)
    return result;
  bool isOurs = isa<DorefaDialect>(op->getDialect());
  // Our own ops are evaluated on constants alone.
  auto isFoldable = [&](Value operand) {
    return getRepeatedElements(operand) && (!isOurs || getElements(operand));
  };
  bool isFromShape = llvm::any_of(op->getOperands(), [&](Value operand) {
    return state.fromShapes.contains(operand);
  });
  if (isa<FloatType>(type.getElementType()) && !isFromShape)
    return result;
  SmallVector<Value> operands(op->getOperands());
  if (!llvm::all_of(operands, isFoldable))
    return result;
  DenseElementsAttr folded = isOurs ? evaluateShapeOp(op) : foldForeignOp(op);
  if (!folded)
    return result;
  op->erase();
  for (Value operand : operands)
    if (auto broadcast = operand.getDefiningOp<BroadcastOp>();
        broadcast && broadcast->use_empty())
      broadcast.erase();
  Value constant = createConstant(folded);
  if (isFromShape)
    state.fromShapes.insert(constant);
  return constant;
}
