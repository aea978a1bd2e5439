//===- Engine.cpp - ways to compute a product ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The shape of a product as engines ask for it, and what engines with register
// tiles share: padding of channels to chunks and vectors, and the outer order
// of weights,
//
//   [group][block of vectors][kernel position][chunk][vector][...]
//
// (with `channelsFirst` chunks go outside kernel positions), where [...] is the
// engine's.
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "dorefa/Support/Assert.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// The code of weights; packed ones are unsigned numbers of so many bits.
static CodeAttr getWeightCode(Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto digits = dyn_cast_if_present<DigitsAttr>(type.getEncoding());
  if (!digits)
    return dorefa::getCode(type);
  if (type.getElementType().isF32())
    return {};
  return CodeAttr::get(type.getContext(), /*isSigned=*/false, digits.getBits());
}

ProductShape ProductShape::get(LayerOp layer, unsigned index) {
  ProductAttr product = layer.getProduct(index);
  ConvAttr geometry = product.getGeometry();
  Value input = layer.getInputs()[index], weight = layer.getWeightOf(index);
  ArrayRef<int64_t> inputShape = shapeOf(input);
  SmallVector<int64_t> iteration = layer.getIterationShape();
  ProductShape shape;
  shape.kind = product.getKind();
  shape.inputCode = dorefa::getCode(input.getType());
  shape.groups = geometry.getGroups();
  shape.inputChannels = inputShape[1];
  shape.outputChannels = iteration[1];
  shape.inputSpatial.assign(inputShape.begin() + 2, inputShape.end());
  shape.outputSpatial.assign(iteration.begin() + 2, iteration.end());
  shape.strides.assign(geometry.getStrides().begin(),
                       geometry.getStrides().end());
  shape.pads.assign(geometry.getPads().begin(), geometry.getPads().end());
  shape.dilations.assign(geometry.getDilations().begin(),
                         geometry.getDilations().end());
  shape.channelsFirst = product.getChannelsFirst();
  if (weight) {
    shape.weightCode = getWeightCode(weight);
    shape.kernel.assign(shapeOf(weight).begin() + 2, shapeOf(weight).end());
  } else {
    shape.kernel.assign(product.getKernel().begin(),
                        product.getKernel().end());
  }
  return shape;
}

int64_t ProductShape::getMultiplyAdds() const {
  int64_t perOutput = kind == ProductKind::Conv ? getGroupInputs() : 1;
  return llvm::product_of(outputSpatial) * outputChannels * perOutput *
         getTaps();
}

int64_t ProductShape::getLargestSum() const {
  DOREFA_ASSERT(isOfCodes(), "reals have no bound");
  return getTaps() * getGroupInputs() *
         ((int64_t(1) << inputCode.getBits()) - 1) *
         ((int64_t(1) << weightCode.getBits()) - 1);
}

std::unique_ptr<Engine> Engine::create(EngineKind kind,
                                       const TargetFeatures &target) {
  switch (kind) {
  case EngineKind::Bytes:
    if (target.multiplyMatrices)
      return createMatricesEngine(target);
    return target.dot4 == TargetFeatures::Dot4::MaddUBS
               ? createPairsEngine(target)
               : createBytesEngine(target);
  case EngineKind::Planes:
    return createPlanesEngine(target);
  case EngineKind::Lookup:
    return createLookupEngine(target);
  case EngineKind::Fma:
    return createFmaEngine(target);
  case EngineKind::Lookup64:
    return createLookup64Engine(target);
  case EngineKind::Quad:
    return createQuadEngine(target);
  case EngineKind::Winograd:
    return createWinogradEngine(target);
  case EngineKind::Direct:
    return nullptr; // not tiled: DirectLoops
  }
  llvm_unreachable("covered switch");
}

bool Engine::canCompute(LayerOp layer) const {
  // A tile has channels of one group.
  std::optional<int64_t> groups;
  for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
    ProductShape shape = ProductShape::get(layer, i);
    if (!isLegal(shape) || groups.value_or(shape.groups) != shape.groups)
      return false;
    groups = shape.groups;
  }
  return true;
}

int64_t Engine::getPaddedInputs(const ProductShape &shape) const {
  // Layers write 16 channels at a time; the few channels of an image are not
  // padded beyond a chunk.
  int64_t inputs = shape.getGroupInputs(), chunk = getChunkChannels();
  bool few = inputs < 16 || shape.groups > 1;
  return llvm::alignTo(inputs, few ? chunk : std::max<int64_t>(chunk, 16));
}

LayoutAttr TiledEngine::getInputLayout(MLIRContext *context,
                                       const ProductShape &shape,
                                       int64_t fill) const {
  // The channels of all groups lie behind each other: a group's last chunk may
  // hold channels of the next, whose weights there are 0. That of the last group
  // ends inside of the pixel, too: what lies behind the image is no code.
  int64_t chunk = getChunkChannels();
  int64_t channels =
      (shape.groups - 1) * shape.getGroupInputs() + getPaddedInputs(shape);
  channels = llvm::alignTo(channels, channels < 16 ? chunk
                                                   : std::max<int64_t>(chunk, 16));
  return LayoutAttr::get(context, getLayoutKind(shape), shape.inputCode,
                         channels, shape.pads, fill);
}

SmallVector<int64_t>
TiledEngine::getOuterDigits(const ProductShape &shape, int64_t vectors,
                            int64_t vectorBits, int64_t chunkBits) const {
  int64_t lanes = getVectorChannels(), chunk = getChunkChannels();
  int64_t inputs = shape.getGroupInputs(), outputs = shape.getGroupOutputs();
  int64_t chunks = getPaddedInputs(shape) / chunk;
  int64_t blockBits = shape.getTaps() * chunks * chunkBits;
  int64_t block = vectors * lanes;
  int64_t blocks = llvm::divideCeil(outputs, block);
  SmallVector<int64_t> digits;
  WeightDims dims(shape, getInputBlock() != 0);
  appendDigit(digits, 0, 1, shape.groups, blocks * blockBits);
  appendDigit(digits, dims.output, block, blocks, blockBits);
  appendDigit(digits, dims.output, lanes,
              std::min<int64_t>(vectors, llvm::divideCeil(outputs, lanes)),
              vectorBits);
  // Kernel positions and chunks; channels first puts all positions of a
  // channel behind each other.
  int64_t tapBits = (shape.channelsFirst ? 1 : chunks) * chunkBits;
  int64_t channelBits =
      (shape.channelsFirst ? shape.getTaps() : 1) * chunkBits;
  for (int64_t i = shape.kernel.size() - 1; i >= 0; --i) {
    appendDigit(digits, dims.kernel + i, 1, shape.kernel[i], tapBits);
    tapBits *= shape.kernel[i];
  }
  appendDigit(digits, dims.input, getInputBlock() == chunk ? 1 : chunk,
              llvm::divideCeil(inputs, chunk), channelBits);
  return digits;
}

int64_t TiledEngine::getWeightBytes(const ProductShape &shape,
                                    int64_t vectors) const {
  int64_t chunks = getPaddedInputs(shape) / getChunkChannels();
  int64_t blocks = llvm::divideCeil(shape.getGroupOutputs(),
                                    vectors * getVectorChannels());
  return shape.groups * blocks * shape.getTaps() * chunks *
         getWeightChunkBytes(shape, vectors);
}

Value TiledEngine::loadWeights(KernelBuilder &b, const RunOperands &run,
                               Value offset, VectorType type) const {
  if (run.bytesAhead > 0)
    b.prefetch(run.weights, b.add(offset, run.bytesAhead), /*first=*/true);
  return b.loadVector(run.weights, offset, type);
}

Value TiledEngine::loadSplat(KernelBuilder &b, Value buffer, Value offset,
                             VectorType type) const {
  Value number = b.loadScalar(buffer, offset, type.getElementType());
  // An instruction's operand; LLVM would make a vector of it.
  if (target.isVectorRISCV)
    number = b.pin(number, isa<FloatType>(number.getType()) ? "f" : "r");
  return b.splat(number, type);
}

Value TiledEngine::emitDot2(KernelBuilder &b, Value sum, Value lhs,
                            Value rhs) const {
  bool isWide = getLanes() == 16;
  if (target.dot4 == TargetFeatures::Dot4::VNNI)
    return b.intrinsic(isWide ? "llvm.x86.avx512.vpdpwssd.512"
                              : "llvm.x86.avx512.vpdpwssd.256",
                       sum.getType(), {sum, lhs, rhs});
  Value dots = b.intrinsic(isWide ? "llvm.x86.avx512.pmaddw.d.512"
                                  : "llvm.x86.avx2.pmadd.wd",
                           sum.getType(), {lhs, rhs});
  return arith::AddIOp::create(b, sum, dots);
}

Value TiledEngine::pin(KernelBuilder &b, Value sum) const {
  switch (target.shuffle) {
  case TargetFeatures::Shuffle::PShufB:
    return b.pin(sum, "v");
  case TargetFeatures::Shuffle::Tbl:
    return b.pin(sum, "w");
  case TargetFeatures::Shuffle::None:
    break;
  }
  // LLVM has no registers for fixed vectors of reals in inline assembly.
  auto type = cast<VectorType>(sum.getType());
  return target.isVectorRISCV && type.getElementType().isInteger()
             ? b.pin(sum, "^vr")
             : sum;
}

SmallVector<Value> TiledEngine::loopSegments(
    KernelBuilder &b, int64_t numChunks, int64_t limit, ValueRange state,
    function_ref<SmallVector<Value>(Value, int64_t, ValueRange)> body) const {
  int64_t segment = std::max<int64_t>(1, std::min(limit, numChunks));
  for (int64_t divisor = segment; divisor > segment / 2; --divisor)
    if (numChunks % divisor == 0) {
      segment = divisor;
      break;
    }
  SmallVector<Value> result = b.loop(
      numChunks / segment, state, [&](Value i, ValueRange before) {
        return body(b.mul(i, segment), segment, before);
      });
  if (int64_t rest = numChunks % segment)
    result = body(b.index(numChunks - rest), rest, result);
  return result;
}

SmallVector<Value> TiledEngine::createSums(KernelBuilder &builder,
                                           const ProductShape &,
                                           int64_t pixels,
                                           int64_t vectors) const {
  Value zero = builder.splat(
      int64_t(0), builder.vectorOf(getLanes(), getSumType(builder)));
  return SmallVector<Value>(pixels * vectors * getParts(), zero);
}

SmallVector<SmallVector<Value>>
TiledEngine::emitSums(KernelBuilder &builder, ValueRange sums, int64_t pixels,
                      int64_t vectors, const ProductShape &,
                      VectorType unit) const {
  SmallVector<SmallVector<Value>> result(pixels);
  int64_t parts = getParts();
  DOREFA_ASSERT(int64_t(sums.size()) == pixels * vectors * parts,
                "sums are those of createSums");
  int64_t perUnit = unit.getNumElements() / getLanes();
  int64_t perPixel = vectors * parts;
  for (int64_t i = 0; i < pixels * perPixel; i += perUnit) {
    SmallVector<Value> vector(sums.slice(i, perUnit));
    result[i / perPixel].push_back(builder.concat(vector));
  }
  return result;
}
