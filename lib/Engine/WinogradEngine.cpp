//===- WinogradEngine.cpp - 3 x 3 windows by fewer products ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sums of products of transformed patches of input and transformed kernels
// (Winograd.h). A sum is one of the 16 positions of a square of 2 x 2 output
// pixels; a run goes over the channels at one position. What is added to such a
// layer by a window of one pixel has a run for each pixel of the square, with the
// same weights.
//
// Where transformed operands fit bytes, the bytes engine multiplies them: unsigned
// patches, to which an offset is added where they may be negative, and signed
// kernels; sums start with what takes the offset's part away. Others are words of
// 16 bits.
//
//   bytes  [block][position][sums to start with]
//                           [chunk of 4][vector][16 output channels][4]
//   words  [block][position][chunk of 4][half][vector][16 output channels][2]
//
// Words pay where bytes are multiplied as words anyway, as those of 8 bits are
// without VNNI.
//
//===----------------------------------------------------------------------===//

#include "TiledEngine.h"
#include "dorefa/Engine/Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

/// Channels of words that a multiplication adds up.
static constexpr int64_t pair = 2;

namespace {
class WinogradEngine : public TiledEngine {
public:
  WinogradEngine(const TargetFeatures &target)
      : TiledEngine(EngineKind::Winograd, target),
        bytes(Engine::create(EngineKind::Bytes, target)) {}

  bool isLegal(const ProductShape &shape) const override;
  bool canCompute(LayerOp layer) const override;
  bool computesSquares() const override { return true; }
  int64_t getPositions(const ProductShape &shape) const override {
    return shape.getTaps() > 1 ? winograd::positions : 1;
  }
  int64_t getRuns(const ProductShape &shape) const override {
    return shape.getTaps() > 1 ? winograd::positions : winograd::pixels;
  }
  int64_t getChunkChannels() const override { return 4; }
  int64_t getInputChunkBytes(const ProductShape &shape) const override {
    return getOperandBytes(shape) * getChunkChannels();
  }
  int64_t getWeightChunkBytes(const ProductShape &shape,
                              int64_t vectors) const override {
    return vectors * 16 * getOperandBytes(shape) * getChunkChannels();
  }
  int64_t getStartBytes(const ProductShape &shape,
                        int64_t vectors) const override {
    return getPatchOffset(shape) == 0 ? 0 : getWeightChunkBytes(shape, vectors);
  }
  int64_t getPatchOffset(const ProductShape &shape) const override;
  CodeWidths getRatedWidths(const ProductShape &shape) const override;
  /// Kernels of bytes are of numbers around 0.
  bool readsSignedWeights(const ProductShape &shape) const override {
    return shape.getTaps() > 1 && getOperandBytes(shape) == 1;
  }
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override;
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

private:
  int64_t getOperandBytes(const ProductShape &shape) const {
    return getByteOperands(shape) ? 1 : 2;
  }
  /// A product of as many channels whose codes have the bits of transformed
  /// operands, if those fit bytes.
  std::optional<ProductShape> getByteOperands(const ProductShape &shape) const;
  SmallVector<Value> emitWords(KernelBuilder &b, ValueRange sums,
                               const RunOperands &run, int64_t vectors,
                               const ProductShape &shape) const;

  std::unique_ptr<Engine> bytes;
};
} // namespace

static bool areAll(ArrayRef<int64_t> values, int64_t value) {
  return llvm::all_of(values, [&](int64_t v) { return v == value; });
}

/// A window of 3 x 3 places whose sums, four times, fit 32 bits.
static bool isWindow(const ProductShape &shape) {
  return areAll(shape.kernel, winograd::kernel) && areAll(shape.strides, 1) &&
         areAll(shape.dilations, 1) &&
         shape.getLargestSum() <= std::numeric_limits<int32_t>::max() / 4;
}

static bool isPixel(const ProductShape &shape) {
  return areAll(shape.kernel, 1) && areAll(shape.pads, 0);
}

bool WinogradEngine::isLegal(const ProductShape &shape) const {
  bool hasWords = target.shuffle == TargetFeatures::Shuffle::PShufB;
  return hasWords && shape.isOfCodes() && shape.inputCode.getBits() <= 8 &&
         shape.weightCode.getBits() <= 8 && shape.groups == 1 &&
         !shape.channelsFirst && shape.inputChannels >= 16 &&
         shape.kernel.size() == 2 &&
         llvm::all_of(shape.outputSpatial,
                      [](int64_t extent) { return extent >= winograd::square; }) &&
         (isWindow(shape) || isPixel(shape));
}

/// Windows are the squares.
static bool isPoolOfSquares(WindowAttr pool) {
  return pool.getKernel().size() == 2 &&
         areAll(pool.getKernel(), winograd::square) &&
         areAll(pool.getStrides(), winograd::square) &&
         areAll(pool.getPads(), 0) && areAll(pool.getDilations(), 1);
}

bool WinogradEngine::canCompute(LayerOp layer) const {
  int64_t windows = 0;
  for (unsigned i = 0; i < layer.getProducts().size(); ++i)
    windows += ProductShape::get(layer, i).getTaps() > 1;
  return Engine::canCompute(layer) && windows == 1 &&
         (!layer.getPoolAttr() || isPoolOfSquares(layer.getPoolAttr()));
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

std::optional<ProductShape>
WinogradEngine::getByteOperands(const ProductShape &shape) const {
  int64_t inputBits = shape.inputCode.getBits();
  int64_t weightBits = shape.weightCode.getBits();
  if (shape.getTaps() > 1) {
    // Elements of patches are sums of at most four codes, those of kernels of
    // nine weights, whose least is -2^(bits - 1).
    inputBits += 2;
    weightBits = llvm::Log2_64_Ceil((9 << (weightBits - 1)) + 1);
  }
  // The bytes engine takes 7-bit numbers for its signed operand.
  if (inputBits > 8 || weightBits > 7)
    return std::nullopt;
  MLIRContext *context = shape.inputCode.getContext();
  ProductShape operands = shape;
  operands.inputCode = CodeAttr::get(context, /*isSigned=*/false, inputBits);
  operands.weightCode = CodeAttr::get(context, /*isSigned=*/false, weightBits);
  // Not through a form of its own.
  if (bytes->readsRing(operands))
    return std::nullopt;
  return operands;
}

int64_t WinogradEngine::getPatchOffset(const ProductShape &shape) const {
  if (shape.getTaps() == 1 || !getByteOperands(shape))
    return 0;
  // Two codes less two others.
  return 2 * ((int64_t(1) << shape.inputCode.getBits()) - 1);
}

CodeWidths WinogradEngine::getRatedWidths(const ProductShape &shape) const {
  std::optional<ProductShape> operands = getByteOperands(shape);
  if (!operands)
    return {8, 8};
  // All bytes are alike unless sums of two products have 16 bits.
  return target.dot4 == TargetFeatures::Dot4::MaddUBS
             ? bytes->getRatedWidths(*operands)
             : CodeWidths{4, 4};
}

DigitsAttr WinogradEngine::getWeightLayout(MLIRContext *context,
                                           const ProductShape &shape,
                                           int64_t vectors) const {
  int64_t inputs = shape.getGroupInputs(), outputs = shape.getGroupOutputs();
  int64_t chunk = getChunkChannels(), block = vectors * 16;
  int64_t operandBits = 8 * getOperandBytes(shape);
  int64_t together = operandBits == 8 ? chunk : pair;
  int64_t startBits = getStartBytes(shape, vectors) * 8;
  int64_t chunkBits = getWeightChunkBytes(shape, vectors) * 8;
  int64_t planeBits =
      startBits + getPaddedInputs(shape) / chunk * chunkBits;
  int64_t blockBits = getPositions(shape) * planeBits;
  int64_t blocks = llvm::divideCeil(outputs, block);
  WeightDims dims(shape);
  SmallVector<int64_t> digits;
  appendDigit(digits, dims.output, block, blocks, blockBits);
  appendDigit(digits, dims.output, 16,
              std::min<int64_t>(vectors, llvm::divideCeil(outputs, 16)),
              16 * together * operandBits);
  appendDigit(digits, dims.output, 1, std::min<int64_t>(16, outputs),
              together * operandBits);
  appendDigit(digits, dims.kernel, 1, shape.kernel[0],
              winograd::patch * planeBits);
  appendDigit(digits, dims.kernel + 1, 1, shape.kernel[1], planeBits);
  appendDigit(digits, dims.input, chunk, llvm::divideCeil(inputs, chunk),
              chunkBits);
  appendDigit(digits, dims.input, together, chunk / together,
              16 * vectors * together * operandBits);
  appendDigit(digits, dims.input, 1, together, operandBits);
  WinogradAttr transform;
  if (shape.getTaps() > 1)
    transform = WinogradAttr::get(context, planeBits / 8, operandBits,
                                  readsSignedWeights(shape), startBits / 8,
                                  getPatchOffset(shape));
  return DigitsAttr::get(context, blocks * blockBits / 8,
                         shape.weightCode.getBits(), startBits, /*plane=*/1,
                         digits, /*fill=*/{}, transform);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

SmallVector<Value> WinogradEngine::emitRun(KernelBuilder &b, ValueRange sums,
                                           const RunOperands &run,
                                           int64_t vectors,
                                           const ProductShape &shape) const {
  if (std::optional<ProductShape> operands = getByteOperands(shape))
    return bytes->emitRun(b, sums, run, vectors, *operands);
  return emitWords(b, sums, run, vectors, shape);
}

SmallVector<Value> WinogradEngine::emitWords(KernelBuilder &b, ValueRange sums,
                                             const RunOperands &run,
                                             int64_t vectors,
                                             const ProductShape &shape) const {
  int64_t lanes = getLanes(), registers = vectors * getParts();
  int64_t pixels = run.pixels.size();
  VectorType words = b.vectorOf(pair * lanes, b.getI16Type());
  int64_t chunkBytes = getWeightChunkBytes(shape, vectors);
  return b.loop(run.numChunks, sums, [&](Value chunk, ValueRange before) {
    SmallVector<Value> after(before);
    for (int64_t half = 0; half < 2; ++half) {
      auto loadRegister = [&](int64_t v) {
        Value at = b.add(run.weightOffset, b.mul(chunk, chunkBytes));
        at = b.add(at, half * chunkBytes / 2 + v * lanes * 4);
        return b.bitcast(loadWeights(b, run, at, b.bytes(lanes * 4)), words);
      };
      auto loadPixel = [&](int64_t p) {
        Value at = b.add(run.pixels[p],
                         b.mul(chunk, getInputChunkBytes(shape)));
        return b.bitcast(loadSplat(b, run.input, b.add(at, half * pair * 2),
                                   b.words(lanes)),
                         words);
      };
      // The fewer operands are held, the others come one by one.
      bool holdsWeights = registers <= pixels;
      SmallVector<Value> held;
      for (int64_t i = 0; i < std::min(registers, pixels); ++i)
        held.push_back(holdsWeights ? loadRegister(i) : loadPixel(i));
      for (int64_t i = 0; i < std::max(registers, pixels); ++i) {
        Value next = holdsWeights ? loadPixel(i) : loadRegister(i);
        for (auto [j, other] : llvm::enumerate(held)) {
          Value &sum = after[holdsWeights ? i * registers + j
                                          : j * registers + i];
          sum = pin(b, emitDot2(b, sum, other, next));
        }
      }
    }
    return after;
  });
}

std::unique_ptr<Engine>
mlir::dorefa::createWinogradEngine(const TargetFeatures &target) {
  return std::make_unique<WinogradEngine>(target);
}
