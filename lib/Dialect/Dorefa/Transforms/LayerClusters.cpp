//===- LayerClusters.cpp - which ops of the graph become one layer --------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One sweep in the order of the block: a contraction starts a cluster, an
// elementwise op joins the cluster of an operand, preferably one with products
// and the latest. A cluster is computed as a whole, so an op may join only if
// none of its other operands depends on the cluster. Clusters that only the new
// op reads merge into its own: epilogues without products, or a second product
// of codes of the same shape.
//
//===----------------------------------------------------------------------===//

#include "LayerClusters.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::dorefa;

//===----------------------------------------------------------------------===//
// Elementwise ops
//===----------------------------------------------------------------------===//

/// Whether scalars of this type can enter and leave an epilogue.
static bool isEpilogueType(Type type) {
  Type element = getElementTypeOrSelf(type);
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getNumElements() > 0 &&
         (element.isF32() || element.isSignlessInteger(1) ||
          element.isSignlessInteger(8) || element.isSignlessInteger(16) ||
          element.isSignlessInteger(32) || element.isSignlessInteger(64));
}

bool mlir::dorefa::isElementwise(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !isEpilogueType(op->getResult(0).getType()))
    return false;
  if (auto norm = dyn_cast<BatchNormOp>(op))
    return getBatchNormConstants(norm).has_value();
  if (auto quantize = dyn_cast<QuantizeThresholdsOp>(op)) {
    // An epilogue compares with one after the other, without a loop.
    constexpr int64_t maxThresholds = 1 << 10;
    return isConstant(quantize.getThresholds()) &&
           shapeOf(quantize.getThresholds())[1] <= maxThresholds;
  }
  if (isa<QuantizeOp, SigmoidOp>(op))
    return true;
  if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
      !op->hasTrait<OpTrait::Elementwise>())
    return false;
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return isEpilogueType(operand.getType()) && shapeOf(operand) == shape;
  });
}

/// Whether `op` reads or gives integers that are no codes: a layer with
/// products, whose tensors have layouts, holds none.
static bool hasPlainIntegers(Operation *op) {
  return llvm::any_of(
      llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()),
      [](Type type) {
        return getElementTypeOrSelf(type).isInteger() && !getCode(type) &&
               !getElementTypeOrSelf(type).isInteger(1);
      });
}

bool mlir::dorefa::fitsLayer(Operation *op, ArrayRef<int64_t> shape) {
  auto quantize = dyn_cast<QuantizeThresholdsOp>(op);
  if (!quantize || shapeOf(quantize.getThresholds())[0] == 1)
    return true;
  // The rows of thresholds must be the layer's channels.
  auto extents = [](ArrayRef<int64_t> shape, size_t axis) {
    return std::make_pair(shape[axis], ShapedType::getNumElements(
                                           shape.drop_front(axis + 1)));
  };
  return extents(shapeOf(quantize.getInput()), quantize.getAxis()) ==
         extents(shape, 1);
}

/// The shape of a layer without products that computes a tensor of `shape`:
/// between two and four dimensions, the channels second.
static SmallVector<int64_t> getElementwiseShape(ArrayRef<int64_t> shape) {
  if (shape.size() < 2)
    return {1, shape.empty() ? 1 : shape[0]};
  SmallVector<int64_t> result(shape.take_front(4));
  for (int64_t extent : shape.drop_front(result.size()))
    result.back() *= extent;
  return result;
}

//===----------------------------------------------------------------------===//
// Growing clusters
//===----------------------------------------------------------------------===//

LayerClusters::LayerClusters(Block &block) {
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator()) {
    orderOf[&op] = ops.size();
    ops.push_back(&op);
  }
  for (Operation *op : ops) {
    if (isContraction(op)) {
      std::string reason;
      FailureOr<LayerProduct> product = getLayerProduct(op, reason);
      if (failed(product)) {
        refusals.insert({op, std::move(reason)});
        continue;
      }
      startCluster(op, product->shape)->products.push_back(*product);
    } else if (isElementwise(op)) {
      placeElementwise(op);
    } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
      placeReshape(reshape);
    }
  }
  for (Operation *op : ops)
    if (auto dequantize = dyn_cast<DequantizeOp>(op))
      placeDequantize(dequantize);
}

LayerCluster *LayerClusters::startCluster(Operation *op,
                                          ArrayRef<int64_t> shape) {
  clusters.push_back(std::make_unique<LayerCluster>());
  clusters.back()->shape.assign(shape.begin(), shape.end());
  join(op, clusters.back().get());
  return clusters.back().get();
}

void LayerClusters::join(Operation *op, LayerCluster *cluster) {
  cluster->ops.push_back(op);
  clusterOf[op] = cluster;
}

void LayerClusters::placeElementwise(Operation *op) {
  if (llvm::all_of(op->getOperands(), isConstant))
    return;
  llvm::SetVector<LayerCluster *> candidates;
  for (Value operand : op->getOperands())
    if (LayerCluster *cluster = getClusterOf(operand.getDefiningOp()))
      candidates.insert(cluster);
  SmallVector<LayerCluster *> sorted(candidates.begin(), candidates.end());
  llvm::sort(sorted, [&](LayerCluster *a, LayerCluster *b) {
    if (a->products.empty() != b->products.empty())
      return b->products.empty();
    return orderOf[a->ops.back()] > orderOf[b->ops.back()];
  });

  auto isLegal = [&](LayerCluster *cluster) {
    return fitsLayer(op, cluster->shape) &&
           (cluster->products.empty() || !hasPlainIntegers(op)) &&
           llvm::none_of(op->getOperands(), [&](Value operand) {
             return getClusterOf(operand.getDefiningOp()) != cluster &&
                    dependsOn(operand, cluster);
           });
  };
  auto target = llvm::find_if(sorted, isLegal);
  if (target == sorted.end()) {
    SmallVector<int64_t> shape =
        getElementwiseShape(shapeOf(op->getResult(0)));
    if (fitsLayer(op, shape))
      startCluster(op, shape);
    return;
  }
  LayerCluster *cluster = *target;
  join(op, cluster);
  for (LayerCluster *other : sorted)
    if (other != cluster && canMerge(other, cluster, op))
      merge(other, cluster);
}

void LayerClusters::placeReshape(ReshapeOp op) {
  if (LayerCluster *cluster = getClusterOf(op.getInput().getDefiningOp()))
    join(op, cluster);
}

/// A dequantize of values that a reader needs as reals, and cannot compute on
/// its own, is a layer.
void LayerClusters::placeDequantize(DequantizeOp op) {
  if (isConstant(op.getInput()) || !isConstant(op.getScale()) ||
      !isConstant(op.getZeroPoint()))
    return;
  bool isRead = llvm::any_of(op->getUsers(), [&](Operation *user) {
    LayerCluster *cluster = getClusterOf(user);
    if (!cluster)
      return !isCodedContraction(user);
    for (const LayerProduct &product : cluster->products)
      if (product.contraction == user)
        return !product.isCoded;
    return isa<ReshapeOp>(user);
  });
  if (isRead)
    startCluster(op, getElementwiseShape(shapeOf(op.getResult())));
}

/// Whether no engine takes the product, whose codes or sums are too wide.
static bool isWide(const LayerProduct &product) {
  auto isWideCode = [](Value value) {
    CodeAttr code = value ? getCode(value.getType()) : CodeAttr();
    return code && code.getBits() > 8;
  };
  ReshapeOp input = product.input;
  return product.accumulator.isInteger(64) || isWideCode(input) ||
         isWideCode(product.weight);
}

/// Whether two products can be one layer's: a tile has channels of one group, and
/// what plain loops compute would bring the other to them.
static bool areAlike(const LayerProduct &a, const LayerProduct &b) {
  return a.isCoded && b.isCoded &&
         a.product.getKind() == b.product.getKind() &&
         a.product.getGeometry().getGroups() ==
             b.product.getGeometry().getGroups() &&
         isWide(a) == isWide(b);
}

bool LayerClusters::canMerge(LayerCluster *from, LayerCluster *into,
                             Operation *reader) {
  auto fits = [&](const LayerProduct &product) {
    return areAlike(from->products.front(), product);
  };
  if (!from->products.empty() &&
      (from->products.size() + into->products.size() > 2 ||
       from->shape != into->shape || !llvm::all_of(from->products, fits) ||
       !llvm::all_of(into->products, fits)))
    return false;
  return llvm::all_of(from->ops, [&](Operation *op) {
    return fitsLayer(op, into->shape) &&
           (into->products.empty() || !hasPlainIntegers(op)) &&
           llvm::all_of(op->getUsers(), [&](Operation *user) {
             return user == reader || getClusterOf(user) == from;
           });
  });
}

void LayerClusters::merge(LayerCluster *from, LayerCluster *into) {
  for (Operation *op : from->ops)
    join(op, into);
  llvm::sort(into->ops, [&](Operation *a, Operation *b) {
    return orderOf[a] < orderOf[b];
  });
  into->products.append(from->products);
  llvm::sort(into->products, [&](const LayerProduct &a, const LayerProduct &b) {
    return orderOf[a.contraction] < orderOf[b.contraction];
  });
  from->ops.clear();
  from->products.clear();
}

bool LayerClusters::dependsOn(Value value, LayerCluster *cluster) {
  SmallVector<Operation *> worklist;
  llvm::SmallPtrSet<Operation *, 32> visited;
  // A cluster is computed as a whole: to reach one of its ops is to need all.
  auto visit = [&](Value operand) {
    Operation *op = operand.getDefiningOp();
    if (!op || !visited.insert(op).second)
      return;
    worklist.push_back(op);
    if (LayerCluster *unit = getClusterOf(op))
      for (Operation *member : unit->ops)
        if (visited.insert(member).second)
          worklist.push_back(member);
  };
  visit(value);
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (getClusterOf(op) == cluster)
      return true;
    for (Value operand : op->getOperands())
      visit(operand);
  }
  return false;
}

SmallVector<LayerCluster *> LayerClusters::getClusters() const {
  SmallVector<LayerCluster *> result;
  for (const std::unique_ptr<LayerCluster> &cluster : clusters)
    if (!cluster->ops.empty())
      result.push_back(cluster.get());
  llvm::sort(result, [&](LayerCluster *a, LayerCluster *b) {
    return orderOf.lookup(a->ops.front()) < orderOf.lookup(b->ops.front());
  });
  return result;
}
