//===- PackLayers.cpp - layouts of activations and weights ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//


#include "StoredNumbers.h"
#include "dorefa/Engine/DirectLayout.h"
#include "dorefa/Target/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::dorefa {
#define GEN_PASS_DEF_PACKLAYERS
#include "dorefa/Target/CPU/Passes.h.inc"
} // namespace mlir::dorefa

using namespace mlir;
using namespace mlir::dorefa;

/// The packed type of a tensor of codes or reals.
static RankedTensorType getPackedType(RankedTensorType type, Attribute layout) {
  return RankedTensorType::get(type.getShape(), type.getElementType(), layout);
}

/// Elements of a parameter: units of 16 channels are read from the first
/// channel of any group on.
static int64_t getPaddedParameters(int64_t channels) {
  return llvm::alignTo(channels, 16) + (channels % 16 == 0 ? 0 : 16);
}

/// A max or min pool of codes as a layer without products, so that it reads
/// and writes packed codes.
static LayerOp convertPool(PoolOp pool) {
  OpBuilder builder(pool);
  auto layer = LayerOp::create(
      builder, pool.getLoc(), TypeRange{pool.getResult().getType()},
      builder.getArrayAttr({}), ValueRange{}, ValueRange{}, ValueRange{},
      ValueRange{pool.getInput()}, pool.getKindAttr(), pool.getWindowAttr(),
      ScheduleAttr(), UnitAttr());
  Block &block = layer.getEpilogue().emplaceBlock();
  Type element = typeOf(pool.getInput()).getElementType();
  Value code = block.addArgument(element, pool.getLoc());
  builder.setInsertionPointToEnd(&block);
  YieldOp::create(builder, pool.getLoc(), code);
  layer->setDiscardableAttrs(
      llvm::to_vector(pool->getDiscardableAttrs()));
  pool.getResult().replaceAllUsesWith(layer.getOutputs()[0]);
  pool.erase();
  return layer;
}

namespace {
/// What one product becomes.
struct PackedProduct {
  ProductShape shape;
  LayoutAttr inputLayout;
  DigitsAttr weightLayout; ///< null without weights
  bool signedWeights = false, tiled = false;
  StoredNumbers numbers;
};

class LayerPacker {
public:
  LayerPacker(func::FuncOp function, const TargetFeatures &target)
      : function(function), target(target) {}

  LogicalResult run();

private:
  bool isChannelsLast(LayerOp layer);
  LogicalResult planProducts(LayerOp layer);
  void planResiduals(LayerOp layer);
  /// Asks for a value in a layout; returns the layout that it will have.
  void request(Value value, LayoutAttr layout);
  LayoutAttr find(Value value, LayoutAttr wanted);
  LayoutAttr getElements(RankedTensorType type, ArrayRef<int64_t> border,
                         int64_t fill);
  LayoutAttr getResidualLayout(LayerOp layer, Value residual);

  LogicalResult rewrite(LayerOp layer);
  Value getPacked(Value value, LayoutAttr wanted);
  /// The form of a layer's result that is one element a channel, if it has one.
  Value getElementsForm(Value value);
  Value getRowMajor(Value value);
  Value packWeights(OpBuilder &builder, Value weights,
                    const PackedProduct &product);
  Value packParameter(OpBuilder &builder, Value parameter, int64_t channels);

  func::FuncOp function;
  const TargetFeatures &target;
  DenseMap<Operation *, SmallVector<PackedProduct, 1>> products;
  DenseSet<Operation *> channelsLast;
  DenseMap<Value, SmallVector<LayoutAttr>> requests;
  /// Packed forms of a value of before, by layout.
  DenseMap<std::pair<Value, Attribute>, Value> packed;
};
} // namespace

//===----------------------------------------------------------------------===//
// Who reads what in which layout
//===----------------------------------------------------------------------===//

bool LayerPacker::isChannelsLast(LayerOp layer) {
  if (!layer.getProducts().empty() || layer.getPool())
    return true;
  return llvm::any_of(layer.getResiduals(), [&](Value residual) {
    return channelsLast.contains(residual.getDefiningOp());
  });
}

LayoutAttr LayerPacker::getElements(RankedTensorType type,
                                    ArrayRef<int64_t> border, int64_t fill) {
  int64_t channels = type.getDimSize(1);
  if (channels >= 16)
    channels = llvm::alignTo(channels, 16);
  return LayoutAttr::get(type.getContext(), LayoutKind::Elements,
                         dorefa::getCode(type), channels, border, fill);
}

/// A layer whose groups do not fill whole units of 16 channels writes single
/// elements; other layouts are packed from those.
static bool writesElementsOnly(LayerOp layer) {
  for (Attribute attribute : layer.getProducts()) {
    int64_t groups = cast<ProductAttr>(attribute).getGeometry().getGroups();
    if (groups > 1 && layer.getIterationShape()[1] / groups % 16 != 0)
      return true;
  }
  return false;
}

/// Whether two layouts differ in their border only, and both borders can be
/// one.
static bool isMergeable(LayoutAttr lhs, LayoutAttr rhs) {
  auto hasBorder = [](LayoutAttr layout) {
    return llvm::any_of(layout.getBorder(), [](int64_t w) { return w != 0; });
  };
  return lhs.getKind() == rhs.getKind() && lhs.getCode() == rhs.getCode() &&
         lhs.getChannels() == rhs.getChannels() &&
         lhs.getBorder().size() == rhs.getBorder().size() &&
         (lhs.getFill() == rhs.getFill() || !hasBorder(lhs) || !hasBorder(rhs));
}

void LayerPacker::request(Value value, LayoutAttr layout) {
  SmallVector<LayoutAttr> &known = requests[value];
  for (LayoutAttr &other : known) {
    if (!isMergeable(other, layout))
      continue;
    SmallVector<int64_t> border;
    for (auto [a, b] : llvm::zip(other.getBorder(), layout.getBorder()))
      border.push_back(std::max(a, b));
    bool otherPlain =
        llvm::all_of(other.getBorder(), [](int64_t w) { return w == 0; });
    other = LayoutAttr::get(layout.getContext(), layout.getKind(),
                            layout.getCode(), layout.getChannels(), border,
                            otherPlain ? layout.getFill() : other.getFill());
    return;
  }
  known.push_back(layout);
}

LayoutAttr LayerPacker::find(Value value, LayoutAttr wanted) {
  for (LayoutAttr layout : requests[value])
    if (isMergeable(layout, wanted))
      return layout;
  return {};
}

LogicalResult LayerPacker::planProducts(LayerOp layer) {
  ScheduleAttr schedule = layer.getScheduleAttr();
  if (!layer.getProducts().empty() && !schedule)
    return layer.emitOpError("requires a schedule (dorefa-choose-engines)");
  MLIRContext *context = layer.getContext();
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    PackedProduct product;
    product.shape = ProductShape::get(layer, i);
    std::unique_ptr<Engine> engine =
        Engine::create(schedule.getEngine(), target);
    Value weights = layer.getWeightOf(i);
    product.tiled = engine != nullptr;
    product.signedWeights =
        weights && engine && product.shape.weightCode &&
        engine->readsSignedWeights(product.shape);
    if (product.shape.inputCode) {
      FailureOr<SmallVector<int64_t>> codes = SmallVector<int64_t>();
      if (weights)
        codes = getConstantCodes(weights);
      FailureOr<StoredNumbers> numbers = StoredNumbers::get(
          layer.getProduct(i), product.shape,
          succeeded(codes) ? ArrayRef<int64_t>(*codes) : ArrayRef<int64_t>(),
          succeeded(codes), product.signedWeights,
          /*exactWeights=*/!engine);
      if (failed(numbers))
        return layer.emitOpError("requires constant weights for an input whose "
                                 "code 0 does not stand for 0");
      product.numbers = std::move(*numbers);
    }
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

LayoutAttr LayerPacker::getResidualLayout(LayerOp layer, Value residual) {
  RankedTensorType type = typeOf(residual);
  SmallVector<int64_t> border(2 * (type.getRank() - 2), 0);
  int64_t fill = 0;
  // A pool reads its padding: the code that never wins.
  if (WindowAttr pool = layer.getPoolAttr();
      pool && layer.getProducts().empty()) {
    llvm::copy(pool.getPads(), border.begin());
    CodeAttr code = dorefa::getCode(type);
    if (code && layer.getPoolKind() == PoolKind::Min)
      fill = code.getMax() - code.getMin();
  }
  return getElements(type, border, fill);
}

void LayerPacker::planResiduals(LayerOp layer) {
  for (Value residual : layer.getResiduals())
    if (channelsLast.contains(layer))
      request(residual, getResidualLayout(layer, residual));
}

//===----------------------------------------------------------------------===//
// Packed values
//===----------------------------------------------------------------------===//

Value LayerPacker::getPacked(Value value, LayoutAttr wanted) {
  LayoutAttr layout = find(value, wanted);
  if (Value known = packed.lookup({value, layout}))
    return known;
  Value from = value;
  if (channelsLast.contains(value.getDefiningOp()))
    from = getRowMajor(value);
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(from);
  Value result = PackOp::create(builder, value.getLoc(),
                                getPackedType(typeOf(value), layout), from);
  packed[{value, layout}] = result;
  return result;
}

Value LayerPacker::getElementsForm(Value value) {
  for (LayoutAttr layout : requests[value])
    if (layout.getKind() == LayoutKind::Elements)
      return packed.lookup({value, layout});
  return {};
}

Value LayerPacker::getRowMajor(Value value) {
  if (!channelsLast.contains(value.getDefiningOp()))
    return value;
  Value &result = packed[{value, Attribute()}];
  if (!result) {
    Value from = getElementsForm(value);
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(from);
    result = UnpackOp::create(builder, value.getLoc(), value.getType(), from);
  }
  return result;
}

Value LayerPacker::packWeights(OpBuilder &builder, Value weights,
                               const PackedProduct &product) {
  if (product.signedWeights) {
    // Stored as signed bytes: the unsigned number with its top bit flipped.
    FailureOr<SmallVector<int64_t>> codes = getConstantCodes(weights);
    CodeAttr code = CodeAttr::get(builder.getContext(), false, 8);
    SmallVector<int8_t> flipped;
    for (int64_t value : *codes)
      flipped.push_back((value - product.shape.weightCode.getMin()) ^ 0x80);
    RankedTensorType type = code.getTensorType(typeOf(weights).getShape());
    weights = arith::ConstantOp::create(
        builder, weights.getLoc(),
        DenseElementsAttr::get(type, ArrayRef<int8_t>(flipped)));
  }
  RankedTensorType packedType =
      getPackedType(typeOf(weights), product.weightLayout);
  if (product.shape.groups > 1 && product.tiled) {
    // The digits count groups and a group's output channels.
    SmallVector<int64_t> shape{product.shape.groups,
                               product.shape.getGroupOutputs()};
    llvm::append_range(shape, typeOf(weights).getShape().drop_front());
    RankedTensorType grouped = RankedTensorType::get(
        shape, typeOf(weights).getElementType(), typeOf(weights).getEncoding());
    DenseElementsAttr values;
    if (matchPattern(weights, m_Constant(&values)))
      weights = arith::ConstantOp::create(builder, weights.getLoc(),
                                          values.reshape(grouped));
    else
      weights = ReshapeOp::create(builder, weights.getLoc(), grouped, weights);
  }
  return PackOp::create(builder, weights.getLoc(), packedType, weights);
}

/// A constant tensor C or C x T as C' or T x C', C' a multiple of 16.
Value LayerPacker::packParameter(OpBuilder &builder, Value parameter,
                                 int64_t channels) {
  RankedTensorType type = typeOf(parameter);
  DenseElementsAttr attribute;
  if (type.getRank() == 0)
    return parameter;
  if (!matchPattern(parameter, m_Constant(&attribute)))
    return {};
  int64_t columns = type.getRank() == 2 ? type.getDimSize(1) : 1;
  int64_t padded = getPaddedParameters(channels);
  SmallVector<Attribute> values(padded * columns,
                                builder.getZeroAttr(type.getElementType()));
  for (auto [i, value] : llvm::enumerate(attribute.getValues<Attribute>()))
    values[i % columns * padded + i / columns] = value;
  SmallVector<int64_t> shape{padded};
  if (type.getRank() == 2)
    shape = {columns, padded};
  auto packedType = RankedTensorType::get(shape, type.getElementType());
  return arith::ConstantOp::create(builder, parameter.getLoc(),
                                   DenseElementsAttr::get(packedType, values));
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

namespace {
/// Operands and epilogue of a packed layer while they grow.
struct PackedLayer {
  SmallVector<Value> inputs, weights, parameters, residuals;
  SmallVector<Type> outputTypes;
  /// Block arguments in groups, as the op orders them.
  SmallVector<Type> accumulatorTypes, parameterTypes, residualTypes;
};
} // namespace

static Value createParameter(OpBuilder &builder, Location loc,
                             ArrayRef<int64_t> values, Type element) {
  int64_t padded = getPaddedParameters(values.size());
  SmallVector<APInt> elements;
  unsigned width = element.getIntOrFloatBitWidth();
  for (int64_t i = 0; i < padded; ++i)
    elements.push_back(APInt(width, i < int64_t(values.size()) ? values[i] : 0,
                             /*isSigned=*/true, /*implicitTrunc=*/true));
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(RankedTensorType::get({padded}, element),
                             elements));
}

/// Plain loops compute with the integers that weights stand for: the affine
/// form of the stored number v, step*v - zero. Tiled engines have none.
static AffineAttr getStoredAffine(const PackedProduct &product,
                                  ProductAttr attr) {
  AffineAttr affine = attr.getWeight();
  CodeAttr code = product.shape.weightCode;
  if (product.tiled || !code)
    return {};
  if (!affine)
    affine = AffineAttr::getIdentity(attr.getContext());
  SmallVector<int64_t> zeros;
  for (int64_t zero : affine.getZero())
    zeros.push_back(zero - affine.getStep() * code.getMin());
  return AffineAttr::get(attr.getContext(), affine.getStep(), zeros);
}

LogicalResult LayerPacker::rewrite(LayerOp layer) {
  OpBuilder builder(layer);
  Location loc = layer.getLoc();
  SmallVector<int64_t> iteration = layer.getIterationShape();
  bool isPacked = channelsLast.contains(layer);
  PackedLayer next;

  for (Value parameter : layer.getParameters()) {
    Value value = packParameter(builder, parameter, iteration[1]);
    if (!value)
      return layer.emitOpError("requires constant parameters");
    next.parameters.push_back(value);
  }
  for (Value residual : layer.getResiduals())
    next.residuals.push_back(
        isPacked ? getPacked(residual, getResidualLayout(layer, residual))
                 : getRowMajor(residual));
  size_t numResiduals = next.residuals.size();

  // Products: operands, and what their epilogue needs besides.
  struct Correction {
    int64_t factor;
    std::optional<unsigned> sum, sumFactor, offset; // residual or parameter
    int64_t uniformSumFactor = 0;
    bool offsetIsResidual = false;
  };
  SmallVector<Correction> corrections;
  SmallVector<Attribute> productAttrs;
  for (auto [i, product] : llvm::enumerate(products[layer])) {
    Value input = getPacked(layer.getInputs()[i], product.inputLayout);
    next.inputs.push_back(input);
    if (Value weights = layer.getWeightOf(i))
      next.weights.push_back(packWeights(builder, weights, product));
    ProductAttr attr = layer.getProduct(i);
    productAttrs.push_back(ProductAttr::get(
        attr.getContext(), attr.getKind(), attr.getGeometry(),
        attr.getKernel(), AffineAttr(), getStoredAffine(product, attr),
        attr.getChannelsFirst()));
    Type accumulator = layer.getAccumulator(i).getType();
    StoredNumbers &numbers = product.numbers;
    Correction correction{numbers.factor, {}, {}, {}};
    if (!numbers.sumFactor.empty()) {
      SmallVector<int64_t> shape{iteration[0], product.shape.groups};
      shape.append(iteration.begin() + 2, iteration.end());
      correction.sum = next.residuals.size();
      next.residuals.push_back(WindowSumOp::create(
          builder, loc, RankedTensorType::get(shape, builder.getI32Type()),
          input, product.shape.kernel, attr.getGeometry()));
      if (llvm::all_equal(numbers.sumFactor)) {
        correction.uniformSumFactor = numbers.sumFactor.front();
      } else {
        correction.sumFactor = next.parameters.size();
        next.parameters.push_back(
            createParameter(builder, loc, numbers.sumFactor, accumulator));
      }
    }
    if (!numbers.offset.empty() && !numbers.offsetPerPosition) {
      correction.offset = next.parameters.size();
      next.parameters.push_back(
          createParameter(builder, loc, numbers.offset, accumulator));
    } else if (!numbers.offset.empty()) {
      CodeAttr code = CodeAttr::get(builder.getContext(), true, 32);
      SmallVector<int64_t> shape(iteration);
      shape[0] = 1;
      RankedTensorType type = code.getTensorType(shape);
      SmallVector<int32_t> values(numbers.offset.begin(),
                                  numbers.offset.end());
      Value constant = arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(type, ArrayRef<int32_t>(values)));
      SmallVector<int64_t> border(2 * (shape.size() - 2), 0);
      correction.offset = next.residuals.size();
      correction.offsetIsResidual = true;
      next.residuals.push_back(PackOp::create(
          builder, loc, getPackedType(type, getElements(type, border, 0)),
          constant));
    }
    corrections.push_back(correction);
  }

  // Results: one a layout that somebody reads and the layer can write.
  SmallVector<std::pair<Value, LayoutAttr>> origins;
  for (Value output : layer.getOutputs()) {
    if (!isPacked) {
      next.outputTypes.push_back(output.getType());
      origins.push_back({output, LayoutAttr()});
      continue;
    }
    for (LayoutAttr layout : requests[output]) {
      if (writesElementsOnly(layer) && layout.getKind() != LayoutKind::Elements)
        continue;
      next.outputTypes.push_back(getPackedType(typeOf(output), layout));
      origins.push_back({output, layout});
    }
  }
  auto result = LayerOp::create(
      builder, loc, next.outputTypes, builder.getArrayAttr(productAttrs),
      next.inputs, next.weights, next.parameters, next.residuals,
      layer.getPoolKindAttr(), layer.getPoolAttr(), layer.getScheduleAttr(),
      builder.getUnitAttr());
  result->setDiscardableAttrs(llvm::to_vector(layer->getDiscardableAttrs()));

  // The epilogue: corrections first, then what was there.
  Block &from = layer.getEpilogue().front();
  Block &to = result.getEpilogue().emplaceBlock();
  IRMapping mapping;
  size_t numProducts = productAttrs.size();
  size_t numParameters = layer.getParameters().size();
  for (size_t i = 0; i < numProducts; ++i)
    to.addArgument(from.getArgument(i).getType(), loc);
  for (auto [i, parameter] : llvm::enumerate(next.parameters)) {
    bool old = i < numParameters;
    BlockArgument argument = to.addArgument(
        old ? layer.getParameterArgument(i).getType()
            : typeOf(parameter).getElementType(),
        loc);
    if (old)
      mapping.map(layer.getParameterArgument(i), argument);
  }
  for (auto [i, residual] : llvm::enumerate(next.residuals)) {
    BlockArgument argument =
        to.addArgument(typeOf(residual).getElementType(), loc);
    if (i < numResiduals)
      mapping.map(layer.getResidualArgument(i), argument);
  }
  builder.setInsertionPointToEnd(&to);
  for (auto [i, correction] : llvm::enumerate(corrections)) {
    Value sum = to.getArgument(i);
    Type type = sum.getType();
    auto widen = [&](Value value) {
      return value.getType() == type
                 ? value
                 : Value(arith::ExtSIOp::create(builder, loc, type, value));
    };
    auto constant = [&](int64_t value) {
      return arith::ConstantOp::create(builder, loc,
                                       builder.getIntegerAttr(type, value));
    };
    if (correction.factor != 1)
      sum = arith::MulIOp::create(builder, loc, sum,
                                  constant(correction.factor));
    if (correction.sum) {
      Value term = widen(result.getResidualArgument(*correction.sum));
      if (correction.sumFactor)
        term = arith::MulIOp::create(
            builder, loc, term,
            result.getParameterArgument(*correction.sumFactor));
      else if (correction.uniformSumFactor != -1)
        term = arith::MulIOp::create(builder, loc, term,
                                     constant(correction.uniformSumFactor));
      if (!correction.sumFactor && correction.uniformSumFactor == -1)
        sum = arith::SubIOp::create(builder, loc, sum, term);
      else
        sum = arith::AddIOp::create(builder, loc, sum, term);
    }
    if (correction.offset)
      sum = arith::AddIOp::create(
          builder, loc, sum,
          widen(correction.offsetIsResidual
                    ? result.getResidualArgument(*correction.offset)
                    : result.getParameterArgument(*correction.offset)));
    mapping.map(from.getArgument(i), sum);
  }
  for (Operation &op : from.without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> yielded;
  auto yield = cast<YieldOp>(from.getTerminator());
  for (auto [output, layout] : origins) {
    unsigned index = cast<OpResult>(output).getResultNumber();
    yielded.push_back(mapping.lookupOrDefault(yield.getValues()[index]));
  }
  YieldOp::create(builder, loc, yielded);

  for (auto [origin, output] : llvm::zip(origins, result.getOutputs())) {
    if (!isPacked) {
      // Later layers look their operands up by the new value.
      SmallVector<LayoutAttr> layouts = requests[origin.first];
      requests[output] = layouts;
      origin.first.replaceAllUsesWith(output);
    } else
      packed[{origin.first, origin.second}] = output;
  }
  return success();
}

LogicalResult LayerPacker::run() {
  SmallVector<PoolOp> pools;
  function.walk([&](PoolOp pool) {
    bool order =
        pool.getKind() == PoolKind::Max || pool.getKind() == PoolKind::Min;
    CodeAttr code = dorefa::getCode(pool.getResult().getType());
    if (order && code && code.getBits() <= 8)
      pools.push_back(pool);
  });
  for (PoolOp pool : pools)
    convertPool(pool);

  SmallVector<LayerOp> layers(function.getOps<LayerOp>());
  for (LayerOp layer : layers) {
    if (isChannelsLast(layer))
      channelsLast.insert(layer);
    if (failed(planProducts(layer)))
      return failure();
    planResiduals(layer);
  }
  // Readers that take row-major tensors, and results that nobody reads.
  for (LayerOp layer : layers) {
    if (!channelsLast.contains(layer))
      continue;
    for (Value output : layer.getOutputs()) {
      bool rowMajor = llvm::any_of(output.getUsers(), [&](Operation *user) {
        return !channelsLast.contains(user);
      });
      SmallVector<int64_t> border(2 * (typeOf(output).getRank() - 2), 0);
      bool hasElements =
          llvm::any_of(requests[output], [](LayoutAttr layout) {
            return layout.getKind() == LayoutKind::Elements;
          });
      if (((rowMajor || writesElementsOnly(layer)) && !hasElements) ||
          requests[output].empty())
        request(output, getElements(typeOf(output), border, 0));
    }
  }
  for (LayerOp layer : layers)
    if (failed(rewrite(layer)))
      return failure();
  // Remaining users of what is packed now.
  DenseSet<Operation *> replaced;
  for (LayerOp layer : layers)
    replaced.insert(layer);
  for (LayerOp layer : layers) {
    if (!channelsLast.contains(layer))
      continue;
    for (Value output : layer.getOutputs())
      for (OpOperand &use : llvm::make_early_inc_range(output.getUses()))
        if (!replaced.contains(use.getOwner()))
          use.set(getRowMajor(output));
  }
  for (LayerOp layer : llvm::reverse(layers))
    layer.erase();
  return success();
}

namespace {
struct PackLayersPass
    : public mlir::dorefa::impl::PackLayersBase<PackLayersPass> {
  using PackLayersBase::PackLayersBase;

  void runOnOperation() override {
    FailureOr<TargetFeatures> target =
        TargetFeatures::get({triple, cpu, features});
    if (failed(target)) {
      getOperation().emitError()
          << "unknown target: triple '" << triple.getValue() << "', cpu '"
          << cpu.getValue() << "'";
      return signalPassFailure();
    }
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() &&
          failed(LayerPacker(function, *target).run()))
        return signalPassFailure();
  }
};
} // namespace
