//===- LayerPacker.cpp - one layer on packed tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A layer is built anew: operands in the forms that the plan says, results once
// a layout that somebody reads, and in the epilogue first the correction of
// each product's sum to the declared accumulator, then the ops that were there.
// New operands of corrections come behind the old ones, so that the numbers of
// these hold.
//
//===----------------------------------------------------------------------===//

#include "LayerPacker.h"

using namespace mlir;
using namespace mlir::dorefa;

LayerPacker::LayerPacker(LayerOp layer, LayoutPlan &plan, PackedValues &values)
    : layer(layer), plan(plan), values(values), builder(layer.getLoc(), layer),
      sums(layer.getIterationShape()) {}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Plain loops compute with the integers that weights stand for: the affine
/// form of the stored number v, step*v - zero. Tiled engines have none.
static AffineAttr getStoredAffine(const PackedProduct &product,
                                  ProductAttr declared) {
  AffineAttr affine = declared.getWeight();
  CodeAttr code = product.shape.weightCode;
  if (product.tiled || !code)
    return {};
  if (!affine)
    affine = AffineAttr::getIdentity(declared.getContext());
  SmallVector<int64_t> zeros;
  for (int64_t zero : affine.getZero())
    zeros.push_back(zero - affine.getStep() * code.getMin());
  return AffineAttr::get(declared.getContext(), affine.getStep(), zeros);
}

void LayerPacker::addProduct(unsigned index, const PackedProduct &product) {
  operands.inputs.push_back(
      values.getPacked(layer.getInputs()[index], product.inputLayout));
  if (Value weights = layer.getWeightOf(index))
    operands.weights.push_back(packWeights(builder, weights, product));
  ProductAttr declared = layer.getProduct(index);
  products.push_back(ProductAttr::get(
      declared.getContext(), declared.getKind(), declared.getGeometry(),
      declared.getKernel(), /*input=*/AffineAttr(),
      getStoredAffine(product, declared), declared.getChannelsFirst()));
  corrections.emplace_back(builder, product, declared.getGeometry(), sums,
                           layer.getAccumulator(index).getType(), operands);
}

LogicalResult LayerPacker::addOperands() {
  for (Value parameter : layer.getParameters()) {
    Value packed = packParameter(builder, parameter, sums[1]);
    if (!packed)
      return layer.emitOpError("requires constant parameters");
    operands.parameters.push_back(packed);
  }
  for (Value residual : layer.getResiduals())
    operands.residuals.push_back(
        plan.isPacked(layer)
            ? values.getPacked(residual, getResidualLayout(layer, residual))
            : values.getRowMajor(residual));
  for (auto [i, product] : llvm::enumerate(plan.getProducts(layer)))
    addProduct(i, product);
  return success();
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

/// One result a layout that somebody reads and the layer can write.
void LayerPacker::addResults() {
  for (Value output : layer.getOutputs()) {
    if (!plan.isPacked(layer)) {
      results.push_back({output, LayoutAttr()});
      continue;
    }
    for (LayoutAttr layout : plan.getLayouts(output))
      if (canWrite(layer, layout.getKind()))
        results.push_back({output, layout});
  }
}

LayerOp LayerPacker::createLayer() {
  SmallVector<Type> types;
  for (auto [origin, layout] : results)
    types.push_back(layout ? getPackedType(typeOf(origin), layout)
                           : origin.getType());
  auto packed = LayerOp::create(
      builder, types, builder.getArrayAttr(products), operands.inputs,
      operands.weights, operands.parameters, operands.residuals,
      layer.getPoolKindAttr(), layer.getPoolAttr(), layer.getScheduleAttr(),
      builder.getUnitAttr());
  packed->setDiscardableAttrs(llvm::to_vector(layer->getDiscardableAttrs()));
  return packed;
}

void LayerPacker::addArguments(LayerOp packed, IRMapping &mapping) {
  Block &block = packed.getEpilogue().emplaceBlock();
  Location loc = layer.getLoc();
  for (size_t i = 0; i < products.size(); ++i)
    block.addArgument(layer.getAccumulator(i).getType(), loc);
  // Operands of before come first; corrections have added some.
  for (auto [i, parameter] : llvm::enumerate(operands.parameters)) {
    if (i < layer.getParameters().size()) {
      BlockArgument before = layer.getParameterArgument(i);
      mapping.map(before, block.addArgument(before.getType(), loc));
    } else {
      block.addArgument(typeOf(parameter).getElementType(), loc);
    }
  }
  for (auto [i, residual] : llvm::enumerate(operands.residuals)) {
    Value argument = block.addArgument(typeOf(residual).getElementType(), loc);
    if (i < layer.getResiduals().size())
      mapping.map(layer.getResidualArgument(i), argument);
  }
}

/// Corrections first, then what was there.
void LayerPacker::emitEpilogue(LayerOp packed) {
  IRMapping mapping;
  addArguments(packed, mapping);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&packed.getEpilogue().front());
  for (auto [i, correction] : llvm::enumerate(corrections))
    mapping.map(layer.getAccumulator(i),
                correction.emit(builder, packed, packed.getAccumulator(i)));
  Block &before = layer.getEpilogue().front();
  for (Operation &op : before.without_terminator())
    builder.clone(op, mapping);
  auto yield = cast<YieldOp>(before.getTerminator());
  SmallVector<Value> yielded;
  for (const Result &result : results) {
    unsigned index = cast<OpResult>(result.origin).getResultNumber();
    yielded.push_back(mapping.lookupOrDefault(yield.getValues()[index]));
  }
  YieldOp::create(builder, yielded);
}

void LayerPacker::setResults(LayerOp packed) {
  for (auto [result, value] : llvm::zip(results, packed.getOutputs())) {
    if (result.layout) {
      values.setPacked(result.origin, result.layout, value);
      continue;
    }
    // Later layers look their operands up by the new value.
    plan.replace(result.origin, value);
    result.origin.replaceAllUsesWith(value);
  }
}

LogicalResult LayerPacker::pack() {
  if (failed(addOperands()))
    return failure();
  addResults();
  LayerOp packed = createLayer();
  emitEpilogue(packed);
  setResults(packed);
  return success();
}
