//===- LayerBuilder.cpp - one cluster as one layer ------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The epilogue is EpilogueBuilder's; this puts the layer around it and gives
// its results to those who read the cluster's values.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"
#include "EpilogueBuilder.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class LayerBuilder {
public:
  explicit LayerBuilder(LayerCluster &cluster)
      : cluster(cluster), outside(cluster.ops.back()),
        epilogue(cluster, outside),
        members(cluster.ops.begin(), cluster.ops.end()) {}

  /// Null if nothing outside reads a result.
  LayerOp build();

private:
  void addProducts();
  void emitEpilogue();
  void yieldResults();
  LayerOp createLayer();
  Value loadBooleans(Value codes, Location loc);
  bool isReadOutside(Value value);
  /// That of the first product, which names the layer.
  Location getLocation() const;
  void noteFloat(LayerOp layer);
  void replaceResults(LayerOp layer);

  LayerCluster &cluster;
  OpBuilder outside;
  EpilogueBuilder epilogue;
  llvm::SmallPtrSet<Operation *, 16> members;
  SmallVector<Value> inputs, weights;
  SmallVector<Attribute> products;
  /// The scalars that readers outside know, and the types of their results.
  SmallVector<Value> yielded;
  SmallVector<Type> types;
};
} // namespace

Location LayerBuilder::getLocation() const {
  return cluster.products.empty()
             ? cluster.ops.back()->getLoc()
             : cluster.products.front().contraction->getLoc();
}

/// The booleans that codes of one bit stand for, by way of reals.
Value LayerBuilder::loadBooleans(Value codes, Location loc) {
  auto constant = [&](Attribute value) -> Value {
    auto type = RankedTensorType::get({}, cast<TypedAttr>(value).getType());
    return arith::ConstantOp::create(outside, loc,
                                     DenseElementsAttr::get(type, value));
  };
  auto type = RankedTensorType::get(shapeOf(codes), outside.getF32Type());
  Value reals = DequantizeOp::create(
      outside, loc, type, codes, constant(outside.getF32FloatAttr(1)),
      constant(outside.getI32IntegerAttr(0)), /*axis=*/0, /*step=*/1);
  Value zero = arith::ConstantOp::create(outside, loc,
                                         DenseElementsAttr::get(type, 0.0f));
  return arith::CmpFOp::create(outside, loc, arith::CmpFPredicate::UNE, reals,
                               zero);
}

bool LayerBuilder::isReadOutside(Value value) {
  return llvm::any_of(value.getUsers(),
                      [&](Operation *user) { return !members.contains(user); });
}

/// Gives each value that is read outside the result that yields its scalar.
void LayerBuilder::replaceResults(LayerOp layer) {
  SmallVector<Attribute> names(yielded.size(), outside.getStringAttr(""));
  for (Operation *op : cluster.ops) {
    Value value = op->getResult(0);
    if (!isReadOutside(value))
      continue;
    size_t index = std::distance(yielded.begin(),
                                 llvm::find(yielded, epilogue.lookup(value)));
    if (Attribute name = op->getAttr("dorefa.value"))
      names[index] = name;
    Value result = reshapeTo(outside, layer.getResult(index), shapeOf(value));
    if (isBoolean(value.getType()))
      result = loadBooleans(result, layer.getLoc());
    value.replaceUsesWithIf(result, [&](OpOperand &use) {
      return !members.contains(use.getOwner());
    });
  }
  if (llvm::all_of(
          names, [](Attribute name) { return cast<StringAttr>(name).empty(); }))
    return;
  layer->setAttr("dorefa.value", names.size() == 1
                                     ? names.front()
                                     : outside.getArrayAttr(names));
}

/// Keeps on a layer of reals why it is one, for the report.
void LayerBuilder::noteFloat(LayerOp layer) {
  for (const LayerProduct &product : cluster.products) {
    std::string reason;
    if (getCodedContraction(product.contraction, &reason))
      continue;
    layer->setAttr("dorefa.float", outside.getStringAttr(reason));
    return;
  }
}

void LayerBuilder::addProducts() {
  for (LayerProduct &product : cluster.products) {
    products.push_back(product.product);
    ReshapeOp input = product.input;
    inputs.push_back(
        reshapeTo(outside, input.getInput(), shapeOf(input.getResult())));
    if (product.weight)
      weights.push_back(product.weight);
  }
}

void LayerBuilder::emitEpilogue() {
  unsigned numProducts = 0;
  for (Operation *op : cluster.ops)
    if (numProducts < cluster.products.size() &&
        cluster.products[numProducts].contraction == op)
      epilogue.emitProduct(numProducts++);
    else
      epilogue.emit(op);
}

/// Ends the epilogue with what is stored for the values that are read outside.
void LayerBuilder::yieldResults() {
  SmallVector<Value> stored;
  OpBuilder &inside = epilogue.getBuilder();
  for (Operation *op : cluster.ops) {
    Value value = op->getResult(0), scalar = epilogue.lookup(value);
    if (!isReadOutside(value) || llvm::is_contained(yielded, scalar))
      continue;
    yielded.push_back(scalar);
    RankedTensorType type = typeOf(value);
    if (isBoolean(type)) {
      type = getBitType(type);
      scalar = arith::ExtUIOp::create(inside, op->getLoc(),
                                      type.getElementType(), scalar);
    }
    stored.push_back(scalar);
    types.push_back(type.clone(cluster.shape));
  }
  YieldOp::create(inside, getLocation(), stored);
}

LayerOp LayerBuilder::createLayer() {
  auto layer = LayerOp::create(
      outside, getLocation(), types, outside.getArrayAttr(products), inputs,
      weights, epilogue.getParameters(), epilogue.getResiduals(),
      /*pool_kind=*/{}, /*pool=*/{}, /*schedule=*/{});
  outside.setInsertionPointAfter(layer);
  layer.getEpilogue().takeBody(epilogue.getRegion());
  return layer;
}

LayerOp LayerBuilder::build() {
  if (llvm::none_of(cluster.ops, [&](Operation *op) {
        return isReadOutside(op->getResult(0));
      }))
    return {};
  addProducts();
  emitEpilogue();
  yieldResults();
  LayerOp layer = createLayer();
  noteFloat(layer);
  replaceResults(layer);
  return layer;
}

LayerOp mlir::dorefa::buildLayer(LayerCluster &cluster) {
  return LayerBuilder(cluster).build();
}
