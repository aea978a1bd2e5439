//===- BatchIndependence.cpp - what the leading dimension means ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The graph is imported twice, for one image and for several. Every value is
// either the same in both (it comes from constants and from inputs that all
// images share), or it carries the
// batch: its leading extent is 1 in the one and `extent` in the other, and
// each op passes that dimension through untouched. If both functions have the
// same ops with the same attributes (but for repetitions of constants that one
// image does not need), no shape in the file fixes the batch, and the function
// for one image computes each image of a batch of any size.
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

namespace {

class BatchAnalysis {
public:
  explicit BatchAnalysis(int64_t extent) : extent(extent) {}

  bool run(func::FuncOp one, func::FuncOp many);
  /// What does something else with the batch; empty if that has no name.
  StringRef getReason() const { return reason; }

private:
  /// Whether the types differ in a leading extent of 1 and `extent` alone.
  bool isBatchOf(Type one, Type many) const;
  /// A broadcast that only repeats a value without a batch for every image;
  /// for one image there is nothing to repeat.
  bool isRepetition(Operation &many) const;
  bool visit(Operation &one, Operation &many);
  bool refuse(Operation &many);
  /// Whether the op, with operands that carry the batch, passes it on.
  bool passesBatch(Operation &many) const;
  bool carries(Value many) const { return batched.contains(many); }

  int64_t extent;
  std::string reason;
  /// The values for one image that those for many of them correspond to.
  llvm::DenseMap<Value, Value> toOne;
  /// Values of the function for many images that carry the batch.
  llvm::DenseSet<Value> batched;
};

} // namespace

bool BatchAnalysis::isBatchOf(Type one, Type many) const {
  auto oneType = cast<RankedTensorType>(one);
  auto manyType = cast<RankedTensorType>(many);
  if (oneType.getRank() < 1 || oneType.getDimSize(0) != 1)
    return false;
  SmallVector<int64_t> shape(oneType.getShape());
  shape[0] = extent;
  return oneType.clone(shape) == manyType;
}

static bool keepsLeading(ArrayRef<int64_t> axes) {
  return !llvm::is_contained(axes, 0);
}

bool BatchAnalysis::passesBatch(Operation &op) const {
  auto rankOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getRank();
  };
  // Elementwise operands have equal shapes, so none of them is a constant
  // unless its leading extent was repeated by a broadcast.
  if (op.hasTrait<OpTrait::Elementwise>())
    return true;
  return TypeSwitch<Operation *, bool>(&op)
      .Case<QuantizeOp, SigmoidOp, BatchNormOp, PoolOp, ResizeOp>(
          [&](auto) { return carries(op.getOperand(0)); })
      .Case<ReshapeOp>([](auto) { return true; })
      .Case<BroadcastOp>([&](BroadcastOp broadcast) {
        return rankOf(broadcast.getInput()) == rankOf(broadcast.getResult());
      })
      .Case<QuantizeThresholdsOp>([&](QuantizeThresholdsOp quantize) {
        return quantize.getAxis() != 0 && !carries(quantize.getThresholds());
      })
      .Case<DequantizeOp>([&](DequantizeOp dequantize) {
        return !carries(dequantize.getScale()) &&
               !carries(dequantize.getZeroPoint()) &&
               (dequantize.getAxis() != 0 ||
                (rankOf(dequantize.getScale()) == 0 &&
                 rankOf(dequantize.getZeroPoint()) == 0));
      })
      .Case<ConvOp>([&](ConvOp conv) { return !carries(conv.getWeight()); })
      .Case<MatmulOp>([&](MatmulOp matmul) {
        // Two dimensions: the rows of the left side. More: the leading one.
        if (rankOf(matmul.getLhs()) == 2)
          return carries(matmul.getLhs()) && !carries(matmul.getRhs());
        return true;
      })
      .Case<ReduceOp>(
          [](ReduceOp reduce) { return keepsLeading(reduce.getAxes()); })
      .Case<SoftmaxOp, ArgMaxOp>([](auto op) { return op.getAxis() != 0; })
      .Case<TransposeOp>([](TransposeOp transpose) {
        return transpose.getPermutation().front() == 0;
      })
      .Case<ConcatOp>([&](ConcatOp concat) {
        return concat.getAxis() != 0 &&
               llvm::all_of(concat.getInputs(),
                            [&](Value input) { return carries(input); });
      })
      .Case<SliceOp>([](SliceOp slice) {
        return slice.getOffsets().front() == 0 &&
               slice.getSteps().front() == 1;
      })
      .Case<PadOp>([&](PadOp pad) {
        return pad.getLow().front() == 0 && pad.getHigh().front() == 0 &&
               !carries(pad.getValue());
      })
      .Case<GatherOp>([&](GatherOp gather) {
        // Either the batch of the data, or that of the indices.
        if (carries(gather.getInput()))
          return gather.getAxis() != 0 && !carries(gather.getIndices());
        return gather.getAxis() == 0;
      })
      .Default(false);
}

/// Attributes that may depend on the batch in their leading entry.
static bool haveEqualAttributes(Operation &one, Operation &many,
                                int64_t extent) {
  auto resizeOne = dyn_cast<ResizeOp>(one);
  if (!resizeOne)
    return one.getAttrDictionary() == many.getAttrDictionary();
  // The index table of the batch must be the identity in both.
  auto tablesOne = resizeOne.getIndices().getValue();
  auto tablesMany = cast<ResizeOp>(many).getIndices().getValue();
  if (tablesOne.empty() || tablesOne.size() != tablesMany.size() ||
      tablesOne.drop_front() != tablesMany.drop_front())
    return false;
  return llvm::equal(
      cast<DenseI64ArrayAttr>(tablesMany.front()).asArrayRef(),
      llvm::seq<int64_t>(0, extent));
}

bool BatchAnalysis::isRepetition(Operation &many) const {
  auto broadcast = dyn_cast<BroadcastOp>(many);
  return broadcast && !carries(broadcast.getInput()) &&
         isBatchOf(broadcast.getInput().getType(),
                   broadcast.getResult().getType());
}

/// A constant with the same elements for each image.
static bool isSameForEach(Operation &one, Operation &many) {
  DenseElementsAttr left, right;
  if (!matchPattern(&one, m_Constant(&left)) ||
      !matchPattern(&many, m_Constant(&right)) || left.empty())
    return false;
  if (left.isSplat() && right.isSplat())
    return left.getSplatValue<Attribute>() == right.getSplatValue<Attribute>();
  auto image = left.getValues<Attribute>();
  return llvm::all_of(llvm::enumerate(right.getValues<Attribute>()),
                      [&](auto element) {
                        return element.value() ==
                               image[element.index() % image.size()];
                      });
}

bool BatchAnalysis::visit(Operation &one, Operation &many) {
  if (one.getName() != many.getName() ||
      one.getNumOperands() != many.getNumOperands() ||
      one.getNumResults() != 1 || many.getNumResults() != 1)
    return false;
  for (auto [operand, other] :
       llvm::zip(one.getOperands(), many.getOperands()))
    if (toOne.lookup(other) != operand)
      return false;
  Value result = one.getResult(0), other = many.getResult(0);
  toOne[other] = result;
  bool isBatched =
      llvm::any_of(many.getOperands(), [&](Value v) { return carries(v); });
  bool differs = result.getType() != other.getType();
  // What is the same for every image may be repeated to the batch's extent.
  bool isRepeated = !isBatched && differs &&
                    (isa<BroadcastOp>(one) || isSameForEach(one, many));
  if (!isRepeated && !haveEqualAttributes(one, many, extent))
    return false;
  if (!isBatched && !isRepeated)
    return !differs;
  if (!isBatchOf(result.getType(), other.getType()) ||
      (isBatched && !passesBatch(many)))
    return false;
  batched.insert(other);
  return true;
}

bool BatchAnalysis::refuse(Operation &many) {
  std::string node = describeNode(many.getLoc());
  if (!node.empty())
    reason = node + " does not treat it as a batch";
  return false;
}

bool BatchAnalysis::run(func::FuncOp one, func::FuncOp many) {
  for (auto [i, argument] : llvm::enumerate(one.getArguments())) {
    Value other = many.getArgument(i);
    toOne[other] = argument;
    if (many.getArgAttr(i, sharedAttribute))
      continue;
    if (!isBatchOf(argument.getType(), other.getType()))
      return false;
    batched.insert(other);
  }
  Block::iterator next = one.front().begin();
  for (Operation &other : many.front().without_terminator()) {
    if (isRepetition(other) &&
        (!isa<BroadcastOp>(*next) ||
         toOne.lookup(other.getOperand(0)) != next->getOperand(0))) {
      toOne[other.getResult(0)] = toOne.lookup(other.getOperand(0));
      batched.insert(other.getResult(0));
      continue;
    }
    if (next->hasTrait<OpTrait::IsTerminator>() || !visit(*next, other))
      return refuse(other);
    ++next;
  }
  if (!next->hasTrait<OpTrait::IsTerminator>())
    return false;
  Operation *terminator = many.front().getTerminator();
  for (auto [i, other] : llvm::enumerate(terminator->getOperands())) {
    if (!carries(other)) {
      auto name = many.getResultAttrOfType<StringAttr>(i, nameAttribute);
      reason = ("output " + Twine(quoteName(name.getValue())) +
                " does not depend on it")
                   .str();
      return false;
    }
    if (toOne.lookup(other) != next->getOperand(i))
      return refuse(*other.getDefiningOp());
  }
  return true;
}

bool onnx_import::isBatchIndependent(func::FuncOp one, func::FuncOp many,
                                     int64_t extent, std::string &reason) {
  BatchAnalysis analysis(extent);
  bool isIndependent = analysis.run(one, many);
  if (!analysis.getReason().empty())
    reason = analysis.getReason().str();
  return isIndependent;
}
