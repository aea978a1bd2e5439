//===- Miscompile.cpp - errors that tests must find ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Errors as a compiler makes them, put into a module between two stages. What
// compares compiled code with the interpreter is worth something if it finds
// each of them.
//
//===----------------------------------------------------------------------===//

#include "Miscompile.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
enum class Miscompile {
  Threshold,
  Planes,
  Border,
  WindowSum,
  Rounding,
  Channels,
  Pool,
  ZeroPoint,
  Residual,
  Accumulator
};

struct MiscompilePass
    : PassWrapper<MiscompilePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MiscompilePass)

  MiscompilePass() = default;
  MiscompilePass(const MiscompilePass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "dorefa-test-miscompile"; }
  StringRef getDescription() const final {
    return "put an error into a network";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, DorefaDialect>();
  }
  void runOnOperation() final;

  Option<Miscompile> kind{
      *this, "kind", llvm::cl::desc("which error:"),
      llvm::cl::init(Miscompile::Threshold),
      llvm::cl::values(
          clEnumValN(Miscompile::Threshold, "threshold",
                     "layers: a threshold off by one"),
          clEnumValN(Miscompile::Planes, "planes",
                     "layers: two bit planes of the weights swapped"),
          clEnumValN(Miscompile::Border, "border",
                     "packed: borders hold code 0, whatever it stands for"),
          clEnumValN(Miscompile::WindowSum, "window-sum",
                     "packed: sums of windows are lost"),
          clEnumValN(Miscompile::Rounding, "rounding",
                     "graph, layers: ties are rounded up"),
          clEnumValN(Miscompile::Channels, "channels",
                     "layers: two output channels of the weights swapped"),
          clEnumValN(Miscompile::Pool, "pool",
                     "graph, layers: minimum in place of maximum"),
          clEnumValN(Miscompile::ZeroPoint, "zero-point",
                     "layers: the zero point of inputs off by one"),
          clEnumValN(Miscompile::Residual, "residual",
                     "layers: a term of a sum is lost"),
          clEnumValN(Miscompile::Accumulator, "accumulator",
                     "layers: accumulators have 16 bits"))};
};
} // namespace

using Elements = MutableArrayRef<APInt>;

/// Replaces an integer constant by a changed copy, for this use alone.
static void changeConstant(OpOperand &operand,
                           function_ref<void(Elements)> change) {
  DenseIntElementsAttr constant;
  if (!matchPattern(operand.get(), m_Constant(&constant)))
    return;
  SmallVector<APInt> elements(constant.getValues<APInt>());
  change(elements);
  OpBuilder builder(operand.getOwner());
  operand.set(arith::ConstantOp::create(
      builder, operand.get().getLoc(),
      DenseElementsAttr::get(constant.getType(), elements)));
}

/// One threshold of one channel.
static void shiftThreshold(LayerOp layer) {
  for (OpOperand &operand : layer.getParametersMutable()) {
    auto type = cast<RankedTensorType>(operand.get().getType());
    if (type.getRank() == 2 && type.getElementType().isInteger())
      changeConstant(
          operand, [](Elements elements) { ++elements[elements.size() / 2]; });
  }
}

static void swapPlanes(LayerOp layer) {
  for (OpOperand &operand : layer.getWeightsMutable()) {
    CodeAttr code = getCode(operand.get().getType());
    if (!code || code.getBits() < 2)
      continue;
    changeConstant(operand, [](Elements elements) {
      for (APInt &element : elements) {
        bool low = element[0], high = element[1];
        element.setBitVal(0, high);
        element.setBitVal(1, low);
      }
    });
  }
}

static void swapChannels(LayerOp layer) {
  for (OpOperand &operand : layer.getWeightsMutable()) {
    int64_t channels =
        cast<RankedTensorType>(operand.get().getType()).getDimSize(0);
    if (channels < 2)
      continue;
    changeConstant(operand, [channels](Elements elements) {
      size_t size = elements.size() / channels;
      std::swap_ranges(elements.begin(), elements.begin() + size,
                       elements.begin() + size);
    });
  }
}

static void shiftZeroPoint(LayerOp layer) {
  SmallVector<Attribute> products(layer.getProducts().getValue());
  for (auto [i, attribute] : llvm::enumerate(products)) {
    if (!getCode(layer.getInputs()[i].getType()))
      continue;
    auto product = cast<ProductAttr>(attribute);
    AffineAttr input = product.getInput();
    if (!input)
      input = AffineAttr::getIdentity(layer.getContext());
    SmallVector<int64_t> zeros(input.getZero());
    ++zeros.front();
    attribute = ProductAttr::get(
        layer.getContext(), product.getKind(), product.getGeometry(),
        product.getKernel(),
        AffineAttr::get(layer.getContext(), input.getStep(), zeros),
        product.getWeight(), product.getChannelsFirst());
  }
  layer.setProductsAttr(ArrayAttr::get(layer.getContext(), products));
}

static void loseTerm(LayerOp layer) {
  if (layer.getResiduals().empty() && layer.getProducts().size() < 2)
    return;
  BlockArgument term = layer.getResiduals().empty()
                           ? layer.getAccumulator(1)
                           : layer.getResidualArgument(0);
  auto builder = OpBuilder::atBlockBegin(&layer.getEpilogue().front());
  term.replaceAllUsesWith(arith::ConstantOp::create(
      builder, layer.getLoc(), builder.getZeroAttr(term.getType())));
}

static void narrowAccumulators(LayerOp layer) {
  auto builder = OpBuilder::atBlockBegin(&layer.getEpilogue().front());
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    BlockArgument sum = layer.getAccumulator(i);
    if (!sum.getType().isInteger())
      continue;
    auto narrow = arith::TruncIOp::create(builder, layer.getLoc(),
                                          builder.getI16Type(), sum);
    auto wide = arith::ExtSIOp::create(builder, layer.getLoc(), sum.getType(),
                                       narrow);
    sum.replaceAllUsesExcept(wide, narrow);
  }
}

static void loseBorders(ModuleOp module) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](LayoutAttr layout) -> std::optional<Attribute> {
    return LayoutAttr::get(layout.getContext(), layout.getKind(),
                           layout.getCode(), layout.getChannels(),
                           layout.getBorder(), /*fill=*/0);
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

static void loseWindowSum(WindowSumOp op) {
  OpBuilder builder(op);
  op.replaceAllUsesWith(Value(arith::ConstantOp::create(
      builder, op.getLoc(), builder.getZeroAttr(op.getType()))));
  op.erase();
}

template <typename OpTy>
static void roundTiesUp(OpTy op) {
  if (op.getRounding() == Rounding::HalfEven)
    op.setRounding(Rounding::HalfUp);
}

void MiscompilePass::runOnOperation() {
  ModuleOp module = getOperation();
  auto walkLayers = [&](function_ref<void(LayerOp)> change) {
    module.walk([&](LayerOp layer) { change(layer); });
  };
  switch (kind) {
  case Miscompile::Threshold:
    return walkLayers(shiftThreshold);
  case Miscompile::Planes:
    return walkLayers(swapPlanes);
  case Miscompile::Border:
    return loseBorders(module);
  case Miscompile::WindowSum:
    module.walk(loseWindowSum);
    return;
  case Miscompile::Rounding:
    module.walk([](QuantizeOp op) { roundTiesUp(op); });
    module.walk([](QuantizeScalarOp op) { roundTiesUp(op); });
    return;
  case Miscompile::Channels:
    return walkLayers(swapChannels);
  case Miscompile::Pool:
    module.walk([](PoolOp op) {
      if (op.getKind() == PoolKind::Max)
        op.setKind(PoolKind::Min);
    });
    return walkLayers([](LayerOp layer) {
      if (layer.getPoolKind() == PoolKind::Max)
        layer.setPoolKind(PoolKind::Min);
    });
  case Miscompile::ZeroPoint:
    return walkLayers(shiftZeroPoint);
  case Miscompile::Residual:
    return walkLayers(loseTerm);
  case Miscompile::Accumulator:
    return walkLayers(narrowAccumulators);
  }
}

void mlir::dorefa::test::registerMiscompilePass() {
  PassRegistration<MiscompilePass>();
}
