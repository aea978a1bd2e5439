//===- ReportLayers.cpp - The report from the IR --------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The packed level has all that is said of layers: engines, tiles, codes and
// epilogues; what depends on constants alone runs at preparation and is not
// listed. Sizes come from attributes of the final module.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Runtime/artifact.h"
#include "dorefa/Target/CPU/ScheduleCandidates.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::dorefa;

/// The codes that a tensor holds in whatever layout, or null.
static CodeAttr getStoredCode(Value value) {
  if (auto layout =
          dyn_cast_or_null<LayoutAttr>(typeOf(value).getEncoding()))
    return layout.getCode();
  if (isa_and_nonnull<DigitsAttr>(typeOf(value).getEncoding()))
    if (auto pack = value.getDefiningOp<PackOp>())
      return getStoredCode(pack.getInput());
  return getCode(value.getType());
}

static unsigned getBits(Value value) {
  if (CodeAttr code = getStoredCode(value))
    return code.getBits();
  return typeOf(value).getElementTypeBitWidth();
}

static std::string getNodeName(Operation *op) {
  auto name = op->getLoc()->findInstanceOf<NameLoc>();
  return name ? name.getName().str() : "";
}

/// Bytes of elements of `bits` bits without gaps.
static int64_t getBitPackedBytes(int64_t numElements, int64_t bits) {
  return llvm::divideCeil(numElements * bits, 8);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static std::string getKind(LayerOp layer) {
  if (layer.getProducts().empty())
    return layer.getPool() ? stringifyPoolKind(*layer.getPoolKind()).str() +
                                 "_pool"
                           : "elementwise";
  ProductAttr product = layer.getProduct(0);
  if (product.getKind() == ProductKind::Sum)
    return "sum";
  if (product.getGeometry().getRank() == 0)
    return "dense";
  return product.getGeometry().getGroups() == 1 ? "conv" : "grouped_conv";
}

/// What the scalars behind the products are computed with.
static std::string getEpilogue(LayerOp layer) {
  bool hasReals = false, hasThresholds = false;
  auto look = [&](ValueRange values) {
    for (Value value : values)
      hasReals |= getElementTypeOrSelf(value.getType()).isF32();
  };
  look(layer.getEpilogue().getArguments());
  layer.getEpilogue().walk([&](Operation *op) {
    hasThresholds |= isa<CountThresholdsOp>(op);
    look(op->getResults());
  });
  return hasReals ? "float" : hasThresholds ? "thresholds" : "integer";
}

static void readProducts(LayerOp layer, LayerReport &report) {
  int64_t positions = ShapedType::getNumElements(layer.getIterationShape());
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    Value input = layer.getInputs()[i], weights = layer.getWeightOf(i);
    unsigned inputBits = getBits(input);
    report.activationBits = std::max(report.activationBits, inputBits);
    report.hasRealActivations |= !getStoredCode(input);
    bool isReal = !getStoredCode(input);
    if (weights) {
      RankedTensorType type = typeOf(weights);
      unsigned bits = getBits(weights);
      report.hasRealWeights |= !getStoredCode(weights);
      isReal |= !getStoredCode(weights);
      int64_t macs =
          positions / std::max<int64_t>(type.getDimSize(0), 1) *
          type.getNumElements();
      report.weightBits = std::max(report.weightBits, bits);
      report.macs += macs;
      report.weightBytes += getBitPackedBytes(type.getNumElements(), bits);
      if (auto digits = dyn_cast_or_null<DigitsAttr>(type.getEncoding()))
        report.packedWeightBytes += digits.getBytes();
      if (!isReal)
        report.bitOperations += macs * bits * inputBits;
    }
    if (isReal)
      report.engine = "f32";
  }
}

static LayerReport readLayer(LayerOp layer) {
  LayerReport report;
  report.name = getNodeName(layer);
  report.kind = getKind(layer);
  report.epilogue = getEpilogue(layer);
  if (!layer.getInputs().empty())
    report.inputShape = llvm::to_vector(typeOf(layer.getInputs()[0]).getShape());
  else if (!layer.getResiduals().empty())
    report.inputShape =
        llvm::to_vector(typeOf(layer.getResiduals()[0]).getShape());
  if (layer.getNumResults())
    report.outputShape = llvm::to_vector(typeOf(layer.getResult(0)).getShape());
  if (std::optional<ScheduleAttr> schedule = layer.getSchedule();
      schedule && !layer.getProducts().empty()) {
    report.engine = stringifyEnum(schedule->getEngine()).str();
    report.tileVectors = schedule->getVectors();
    report.tilePixels = schedule->getPixels();
    report.tilePasses = schedule->getPasses();
  }
  readProducts(layer, report);
  if (auto time = layer->getAttrOfType<FloatAttr>("dorefa.measured_ns"))
    report.measuredTime = time.getValueAsDouble();
  if (auto reason = layer->getAttrOfType<StringAttr>("dorefa.float"))
    report.floatReason = reason.str();
  return report;
}

/// Anything else that runs for each image.
static LayerReport readOp(Operation *op) {
  LayerReport report;
  report.name = getNodeName(op);
  report.kind = op->getName().stripDialect().str();
  if (op->getNumOperands())
    if (auto type = dyn_cast<RankedTensorType>(op->getOperand(0).getType()))
      report.inputShape = llvm::to_vector(type.getShape());
  if (auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType()))
    report.outputShape = llvm::to_vector(type.getShape());
  return report;
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// What depends on no input: computed when a model is prepared.
static bool isPrepared(Operation *op, const DenseSet<Operation *> &prepared) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return prepared.contains(operand.getDefiningOp());
         });
}

VariantReport::VariantReport(const VariantTarget &target)
    : name(target.name), target(describeTarget(target.target)) {}

/// 0 for engines that the cost table does not have.
static int64_t getPredictedCycles(LayerOp layer,
                                  const TargetFeatures &machine) {
  if (layer.getProducts().empty() || !layer.getScheduleAttr())
    return 0;
  double cycles = ScheduleCandidates(machine).predictCycles(layer);
  return std::isfinite(cycles) ? std::llround(cycles) : 0;
}

bool VariantReport::isMispredicted(const LayerReport &layer) const {
  if (clock == 0 || layer.measuredTime == 0 || layer.predictedCycles == 0)
    return false;
  double predicted = getPredictedTime(layer);
  return std::abs(layer.measuredTime - predicted) > predicted / 4;
}

void VariantReport::readLayers(ModuleOp module,
                               const TargetDescription &target) {
  FailureOr<TargetFeatures> machine = TargetFeatures::get(target);
  DenseSet<Operation *> prepared;
  for (auto function : module.getOps<func::FuncOp>())
    for (Block &block : function.getBody())
      for (Operation &op : block.without_terminator()) {
        if (isPrepared(&op, prepared))
          prepared.insert(&op);
        else if (auto layer = dyn_cast<LayerOp>(op)) {
          layers.push_back(readLayer(layer));
          if (succeeded(machine))
            layers.back().predictedCycles =
                getPredictedCycles(layer, *machine);
        } else if (op.getNumResults() != 0)
          layers.push_back(readOp(&op));
      }
}

void VariantReport::readSizes(ModuleOp module) {
  auto getCount = [&](StringRef name) {
    auto count = module->getAttrOfType<IntegerAttr>(name);
    return count ? count.getInt() : 0;
  };
  modelMemoryBytes = getCount("dorefa.memory_bytes") + DOREFA_MEMORY_HEADER_BYTES;
  arenaBytes = getCount("dorefa.workspace_bytes");
  liveBytes = getCount("dorefa.live_bytes");
}

void CompileReport::reserveSizes() {
  fileBytes = 1'000'000'000'000'000;
  constants = {100'000'000'000'000, 100'000'000'000'000, 100'000'000'000'000};
  for (VariantReport &variant : variants)
    variant.codeBytes = 100'000'000'000'000;
}

int64_t CompileReport::getCodeBytes() const {
  int64_t bytes = 0;
  for (const VariantReport &variant : variants)
    bytes += variant.codeBytes;
  return bytes;
}
