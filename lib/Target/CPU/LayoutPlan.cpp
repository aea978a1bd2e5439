//===- LayoutPlan.cpp - who reads what in which layout ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Consumers ask for layouts, producers write all that were asked for. Two
// requests that differ in the border alone become one with the larger border,
// unless both have a border and their fills differ. Ops that are no layers read
// row-major tensors, which are unpacked from the `elements` layout, so it is
// requested for them.
//
//===----------------------------------------------------------------------===//

#include "LayoutPlan.h"
#include "dorefa/Engine/DirectLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

static bool isZero(int64_t value) { return value == 0; }

//===----------------------------------------------------------------------===//
// Layouts of single elements
//===----------------------------------------------------------------------===//

LayoutAttr mlir::dorefa::getElementsLayout(RankedTensorType type,
                                           ArrayRef<int64_t> border,
                                           int64_t fill) {
  int64_t channels = type.getDimSize(1);
  if (channels >= 16)
    channels = llvm::alignTo(channels, 16);
  return LayoutAttr::get(type.getContext(), LayoutKind::Elements,
                         dorefa::getCode(type), channels, border, fill);
}

LayoutAttr mlir::dorefa::getElementsLayout(RankedTensorType type) {
  SmallVector<int64_t> border(2 * (type.getRank() - 2), 0);
  return getElementsLayout(type, border, /*fill=*/0);
}

LayoutAttr mlir::dorefa::getResidualLayout(LayerOp layer, Value residual) {
  RankedTensorType type = typeOf(residual);
  WindowAttr pool = layer.getPoolAttr();
  if (!pool || !layer.getProducts().empty())
    return getElementsLayout(type);
  // A pool reads its padding: the code that never wins.
  int64_t fill = 0;
  CodeAttr code = dorefa::getCode(type);
  if (code && layer.getPoolKind() == PoolKind::Min)
    fill = code.getMax() - code.getMin();
  return getElementsLayout(type, pool.getPads(), fill);
}

/// Channels that share words, which are written together.
static int64_t getSharedChannels(LayoutKind kind) {
  switch (kind) {
  case LayoutKind::Elements:
    return 1;
  case LayoutKind::Lookup:
  case LayoutKind::Planes:
    return 16;
  case LayoutKind::Lookup64:
    return 64;
  }
  llvm_unreachable("covered switch");
}

bool mlir::dorefa::canWrite(LayerOp layer, LayoutKind kind) {
  // Plain loops compute units of channels, whatever their groups.
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (schedule && schedule.getEngine() == EngineKind::Direct)
    return true;
  // Tiles are of one group after the other.
  return llvm::all_of(layer.getProducts(), [&](Attribute product) {
    int64_t groups = cast<ProductAttr>(product).getGeometry().getGroups();
    return groups == 1 || layer.getIterationShape()[1] / groups %
                                  getSharedChannels(kind) ==
                              0;
  });
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

static bool hasBorder(LayoutAttr layout) {
  return !llvm::all_of(layout.getBorder(), isZero);
}

/// Whether two layouts differ in their border only, and both borders can be
/// one.
static bool isMergeable(LayoutAttr lhs, LayoutAttr rhs) {
  return lhs.getKind() == rhs.getKind() && lhs.getCode() == rhs.getCode() &&
         lhs.getChannels() == rhs.getChannels() &&
         lhs.getBorder().size() == rhs.getBorder().size() &&
         (lhs.getFill() == rhs.getFill() || !hasBorder(lhs) || !hasBorder(rhs));
}

static LayoutAttr merge(LayoutAttr lhs, LayoutAttr rhs) {
  SmallVector<int64_t> border;
  for (auto [a, b] : llvm::zip(lhs.getBorder(), rhs.getBorder()))
    border.push_back(std::max(a, b));
  return LayoutAttr::get(lhs.getContext(), lhs.getKind(), lhs.getCode(),
                         lhs.getChannels(), border,
                         hasBorder(lhs) ? lhs.getFill() : rhs.getFill());
}

void LayoutPlan::request(Value value, LayoutAttr layout) {
  SmallVector<LayoutAttr> &known = requests[value];
  auto *other = llvm::find_if(
      known, [&](LayoutAttr each) { return isMergeable(each, layout); });
  if (other == known.end())
    known.push_back(layout);
  else
    *other = merge(*other, layout);
}

ArrayRef<LayoutAttr> LayoutPlan::getLayouts(Value value) const {
  auto it = requests.find(value);
  return it == requests.end() ? ArrayRef<LayoutAttr>() : it->second;
}

LayoutAttr LayoutPlan::find(Value value, LayoutAttr wanted) const {
  for (LayoutAttr layout : getLayouts(value))
    if (isMergeable(layout, wanted))
      return layout;
  return {};
}

LayoutAttr LayoutPlan::findElements(Value value) const {
  for (LayoutAttr layout : getLayouts(value))
    if (layout.getKind() == LayoutKind::Elements)
      return layout;
  return {};
}

void LayoutPlan::replace(Value from, Value to) {
  SmallVector<LayoutAttr> layouts(getLayouts(from));
  requests[to] = std::move(layouts);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

bool LayoutPlan::mustBePacked(LayerOp layer) const {
  if (!layer.getProducts().empty() || layer.getPool())
    return true;
  return llvm::any_of(layer.getResiduals(), [&](Value residual) {
    return isPacked(residual.getDefiningOp());
  });
}

ArrayRef<PackedProduct> LayoutPlan::getProducts(LayerOp layer) const {
  auto it = products.find(layer);
  return it == products.end() ? ArrayRef<PackedProduct>() : it->second;
}

FailureOr<StoredNumbers>
LayoutPlan::getNumbers(LayerOp layer, unsigned index,
                       const PackedProduct &product, bool exactWeights) const {
  if (!product.shape.inputCode)
    return StoredNumbers();
  SmallVector<int64_t> codes;
  bool areConstant = true;
  if (Value weights = layer.getWeightOf(index)) {
    FailureOr<SmallVector<int64_t>> constant = getConstantCodes(weights);
    areConstant = succeeded(constant);
    if (areConstant)
      codes = std::move(*constant);
  }
  FailureOr<StoredNumbers> numbers =
      StoredNumbers::get(layer.getProduct(index), product.shape, codes,
                         areConstant, product.signedWeights, exactWeights);
  if (failed(numbers))
    return layer.emitOpError("requires constant weights for an input whose "
                             "code 0 does not stand for 0");
  return numbers;
}

LogicalResult LayoutPlan::planProducts(LayerOp layer) {
  if (layer.getProducts().empty())
    return success();
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (!schedule)
    return layer.emitOpError("requires a schedule (dorefa-choose-engines)");
  MLIRContext *context = layer.getContext();
  std::unique_ptr<Engine> engine = Engine::create(schedule.getEngine(), target);
  if (engine && !engine->canCompute(layer))
    return layer.emitError()
           << "the " << stringifyEngineKind(schedule.getEngine())
           << " engine cannot compute this layer on the target";
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    PackedProduct product;
    product.shape = ProductShape::get(layer, i);
    Value weights = layer.getWeightOf(i);
    product.tiled = engine != nullptr;
    product.inputBlock = engine ? engine->getInputBlock() : 0;
    product.signedWeights = weights && engine && product.shape.weightCode &&
                            engine->readsSignedWeights(product.shape);
    if (product.signedWeights && failed(getConstantCodes(weights)))
      return layer.emitOpError("requires constant weights, which the engine "
                               "reads as signed numbers");
    FailureOr<StoredNumbers> numbers =
        getNumbers(layer, i, product, /*exactWeights=*/!engine);
    if (failed(numbers))
      return failure();
    product.numbers = std::move(*numbers);
    int64_t fill = product.numbers.fill;
    product.inputLayout =
        engine ? engine->getInputLayout(context, product.shape, fill)
               : getDirectInputLayout(context, product.shape, fill);
    if (weights)
      product.weightLayout =
          engine ? engine->getWeightLayout(context, product.shape,
                                           schedule.getVectors())
                 : getDirectWeightLayout(context, product.shape);
    request(layer.getInputs()[i], product.inputLayout);
    products[layer].push_back(std::move(product));
  }
  return success();
}

LogicalResult LayoutPlan::planResults(LayerOp layer) {
  for (Value output : layer.getOutputs()) {
    RankedTensorType type = typeOf(output);
    if (!dorefa::getCode(type) && !type.getElementType().isF32())
      return layer.emitOpError()
             << "expected results of codes or reals, but got " << type;
    bool isReadRowMajor = llvm::any_of(
        output.getUsers(), [&](Operation *user) { return !isPacked(user); });
    bool needsElements =
        isReadRowMajor ||
        !llvm::all_of(getLayouts(output), [&](LayoutAttr layout) {
          return canWrite(layer, layout.getKind());
        });
    if ((needsElements && !findElements(output)) || getLayouts(output).empty())
      request(output, getElementsLayout(type));
  }
  return success();
}

LogicalResult LayoutPlan::plan(ArrayRef<LayerOp> layers) {
  for (LayerOp layer : layers) {
    if (failed(planProducts(layer)))
      return failure();
    if (!mustBePacked(layer))
      continue;
    packedLayers.insert(layer);
    for (Value residual : layer.getResiduals())
      request(residual, getResidualLayout(layer, residual));
  }
  for (LayerOp layer : layers)
    if (isPacked(layer) && failed(planResults(layer)))
      return failure();
  return success();
}
